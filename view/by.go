package view

import "sofipo/core/access"

// By says who asks, and how new the answer must be.
type By struct {
	Role   access.Role
	Open   bool   // reads that the seed left open are open to everybody
	Need   uint64 // position of a commit that the answer has to include
	System bool   // the program itself asks, and may ask everything
}

// System is the program itself, at the command line or in the background.
var System = By{System: true}

// may refuses who does not hold the permission.
func (by By) may(p access.Permission) error {
	if by.System || by.Role.May(p) {
		return nil
	}
	return errForbidden(p)
}

// mayRead is may of a question that the seed answers everybody: clients, their loans,
// what was paid, and their statement.
func (by By) mayRead(p access.Permission) error {
	if by.Open {
		return nil
	}
	return by.may(p)
}
