package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/auth"
)

// Principal is who asks. Its zero value is nobody.
type Principal struct {
	Name string
	Role access.Role
}

// Entrance finds out who asks, by the token of a request.
type Entrance struct {
	Bank  *bank.Bank
	Keys  *auth.Keys
	Clock func() time.Time
}

// Who is the user of the token in a header, who must exist, be enabled, and not have
// changed the password since the token was issued, to the second.
func (e *Entrance) Who(ctx context.Context, header http.Header) (Principal, error) {
	token, err := bearer(header)
	if err != nil {
		return Principal{}, err
	}
	claims, err := e.Keys.Verify(token, e.Clock())
	if err != nil {
		return Principal{}, err
	}
	if staff.CheckName(claims.Subject) != nil {
		return Principal{}, fault.Refuse(access.InvalidCredentials)
	}
	who, err := e.Bank.User(ctx, claims.Subject)
	if err != nil && !fault.Is(err, staff.NotFound) {
		return Principal{}, err
	}
	void := !claims.Issued.IsZero() && claims.Issued.Before(who.PasswordAt.Truncate(time.Second))
	if err != nil || who.Disabled || void {
		return Principal{}, fault.Refuse(access.InvalidCredentials)
	}
	return Principal{who.Username, access.Role(who.Role)}, nil
}

// bearer takes the token out of the header.
func bearer(header http.Header) (string, error) {
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return "", fault.Refuse(access.NotAuthenticated)
	}
	return strings.TrimSpace(token), nil
}
