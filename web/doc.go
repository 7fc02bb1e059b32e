// Package web holds what the doors share: who asks, the language of the answer, the
// pages of lists, and the status and title of a refusal.
package web
