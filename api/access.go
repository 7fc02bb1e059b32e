package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/auth"
)

// admit refuses a request whose operation needs a permission that its token
// does not give. Without a permission, or for a public read, no token is looked at.
func (c *call) admit() error {
	o, s := c.endpoint, c.server
	if o.permission == "" || (o.public && s.PublicReads == Full) {
		return nil
	}
	token, err := bearer(c.request.Header)
	if err != nil {
		return err
	}
	claims, err := s.Keys.Verify(token, s.Clock())
	if err != nil {
		return err
	}
	who, err := s.known(c.request.Context(), claims)
	if err != nil {
		return err
	}
	c.user = who.Username
	if !nouns.May(access.Role(who.Role), o.permission) {
		return fault.New(fault.Forbidden, "Not enough permissions", "Sin permiso para esta operación").With("permission", string(o.permission))
	}
	return nil
}

// bearer takes the token out of the header.
func bearer(header http.Header) (string, error) {
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return "", fault.New(fault.NotAuthenticated, "Not authenticated", "No autenticado")
	}
	return strings.TrimSpace(token), nil
}

// seen is a user as the database had them at a moment.
type seen struct {
	staff.User
	at time.Time
}

// known gives the user of a token, who must exist, be enabled, and not have
// changed the password since the token was issued (to the second). While the
// database does not answer, a user seen lately is known still.
func (s *server) known(ctx context.Context, claims auth.Claims) (staff.User, error) {
	now := s.Clock()
	last, found := s.users.GetIfPresent(claims.Subject)
	if !found || now.Sub(last.at) > userMemory {
		who, err := s.View.User(ctx, claims.Subject)
		switch {
		case err == nil || fault.Is(err, fault.UserNotFound):
			last = seen{who, now}
			s.users.Set(claims.Subject, last)
		case !found:
			return who, err
		}
	}
	who := last.User
	void := !claims.Issued.IsZero() && claims.Issued.Before(who.PasswordAt.Truncate(time.Second))
	if who.ID.IsZero() || who.Disabled || void {
		return who, fault.New(fault.InvalidCredentials, "Could not validate credentials", "No se pudieron validar las credenciales")
	}
	return who, nil
}
