// Package web has the parts that all HTTP interfaces share: authentication, the language
// of responses, pages of lists, and the status and title of refusals.
package web
