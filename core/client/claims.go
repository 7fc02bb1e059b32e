package client

import (
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
)

// ClaimKind is a kind of value that only one client may have.
type ClaimKind string

// The kinds.
const (
	ByRFC   ClaimKind = "rfc"
	ByEmail ClaimKind = "email"
)

// Taken returns the refusal of a value that another client has claimed.
func (k ClaimKind) Taken() fault.Code {
	if k == ByRFC {
		return RFCTaken
	}
	return EmailTaken
}

// Claim is a value that only one client may have, with that client.
type Claim struct {
	Kind   ClaimKind
	Value  string
	Client id.ID
}

// Claims returns what the client claims, in the order in which claims are refused. A generic
// RFC claims nothing, because the SAT gives it to many, and so does a client without an e-mail
// address of its own.
func (c Client) Claims() (claims []Claim) {
	if !mx.RFC(c.RFC).IsGeneric() {
		claims = append(claims, Claim{ByRFC, c.RFC, c.ID})
	}
	if c.Email != "" {
		claims = append(claims, Claim{ByEmail, c.Email, c.ID})
	}
	return claims
}
