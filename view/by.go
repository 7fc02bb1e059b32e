package view

import (
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/nouns"
	"sofipo/core/staff"
)

// By identifies who asks and how recent the answer must be.
type By struct {
	Who    staff.Member
	Open   bool   // no role is needed for the reads that the seed left open
	Need   uint64 // commit token that the answer must include; 0 for none
	System bool   // the program itself asks and may read everything
}

// System is the program itself, at the command line or in the background.
var System = By{System: true}

// may returns access.Forbidden if the role does not have the permission.
func (by By) may(p access.Permission) error {
	if by.System || by.Who.Role.May(p) {
		return nil
	}
	return fault.Refuse(access.Forbidden, "permission", p)
}

// mayRead is may for the reads that the seed leaves open: clients, their loans, payments and
// statements.
func (by By) mayRead(p access.Permission) error {
	if by.Open && nouns.Open(p) {
		return nil
	}
	return by.may(p)
}
