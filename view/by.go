package view

import (
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/nouns"
)

// By says who asks, and how new the answer must be.
type By struct {
	Role   access.Role
	Open   bool   // the reads that the seed left open need no role
	Need   uint64 // token of a commit that the answer has to include
	System bool   // the program itself asks, and may ask everything
}

// System is the program itself, at the command line or in the background.
var System = By{System: true}

// may refuses with access.Forbidden who does not hold the permission.
func (by By) may(p access.Permission) error {
	if by.System || nouns.May(by.Role, p) {
		return nil
	}
	return fault.Refuse(access.Forbidden, "permission", p)
}

// mayRead is may of a question that the seed answers to everybody: clients, their
// loans, what was paid, and their statement.
func (by By) mayRead(p access.Permission) error {
	if by.Open && nouns.Open(p) {
		return nil
	}
	return by.may(p)
}
