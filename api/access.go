package api

import (
	"context"
	"net/http"
	"strings"

	"sofipo/core/fault"
	"sofipo/core/user"
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
	who, err := s.known(c.request.Context(), claims.Subject)
	if err != nil {
		return err
	}
	c.user = who.Username
	if !auth.Role(who.Role).May(o.permission) {
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

// known gives the user of a token, who must exist and be enabled.
func (s *server) known(ctx context.Context, username string) (user.User, error) {
	who, found := s.users.GetIfPresent(username)
	if !found {
		var err error
		who, err = s.View.User(ctx, username)
		if err != nil && !fault.Is(err, fault.UserNotFound) {
			return who, err
		}
		s.users.Set(username, who)
	}
	if who.ID.IsZero() || who.Disabled {
		return who, fault.New(fault.InvalidCredentials, "Could not validate credentials", "No se pudieron validar las credenciales")
	}
	return who, nil
}
