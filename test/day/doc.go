// Package day tests the working day of each role of an institution, from the registration of
// a client to the auditor's questions. Every step is a request to the real binary by a user
// with the role, on an embedded installation and on the real services.
package day
