package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/auth"
)

// Authenticator authenticates requests by their bearer token, or by an API key in its place.
type Authenticator struct {
	Bank  *bank.Bank
	Keys  *auth.Keys
	Clock func() time.Time
}

// Authenticate returns the user of the token or API key in the header, with the role. The user must
// exist, be enabled, and not have changed the password after the token was issued. A token without a
// time of issue requires that the password was never changed; a token of a session, that it is open.
func (a *Authenticator) Authenticate(ctx context.Context, header http.Header) (staff.Member, error) {
	token, err := bearer(header)
	if err != nil {
		return staff.Member{}, err
	}
	if keyID, secret, is := auth.ParseAPIKey(token); is {
		return a.Bank.KeyHolder(ctx, keyID, auth.HashAPISecret(secret))
	}
	claims, err := a.Keys.Verify(token, a.Clock())
	if err != nil {
		return staff.Member{}, err
	}
	if staff.CheckName(claims.Subject) != nil {
		return staff.Member{}, fault.Refuse(access.InvalidCredentials)
	}
	who, err := a.Bank.Member(ctx, claims.Subject)
	if err != nil && !fault.Is(err, staff.NotFound) {
		return staff.Member{}, err
	}
	if err != nil || who.User.Disabled || who.User.Kind == staff.Service || revoked(claims, who.User) {
		return staff.Member{}, fault.Refuse(access.InvalidCredentials)
	}
	if !claims.Session.IsZero() {
		open, err := a.Bank.InSession(ctx, claims.Session, who.User)
		if err != nil {
			return staff.Member{}, err
		}
		if !open {
			return staff.Member{}, fault.Refuse(access.InvalidCredentials)
		}
	}
	return who, nil
}

// revoked reports whether the password was changed after the token was issued, also in the same
// second. A token without a time of issue (the seed's) is valid only while the password was never
// changed.
func revoked(claims auth.Claims, u staff.User) bool {
	if claims.Issued.IsZero() {
		return u.PasswordAt.After(u.CreatedAt)
	}
	return claims.Issued.Before(u.PasswordAt)
}

// Session returns the session of the token in the header, which Authenticate has accepted. It is
// zero if the token belongs to no session.
func (a *Authenticator) Session(header http.Header) id.ID {
	token, _ := bearer(header)
	claims, _ := a.Keys.Verify(token, a.Clock())
	return claims.Session
}

// bearer returns the bearer token of the header.
func bearer(header http.Header) (string, error) {
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return "", fault.Refuse(access.NotAuthenticated)
	}
	return strings.TrimSpace(token), nil
}
