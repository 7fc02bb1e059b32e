package api

import (
	"net/http"
	"time"

	"sofipo/api/seedform"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/infra/auth"
	"sofipo/web"
)

const tokenPath = "/api/v1/auth/token"

var _ = mount(10, tokenOperations)

var tokenOperations = []operation{
	plain[Token](operation{
		method: http.MethodPost, path: tokenPath, id: "login_for_access_token_api_v1_auth_token_post", seed: true,
		tag: "Authentication", summary: "Login For Access Token", status: http.StatusOK,
		about:    "Exchanges a user name and password for a bearer token (OAuth 2.0 password grant).",
		refusals: []fault.Code{access.BadLogin},
	}, login),
}

type loginInput struct {
	Body LoginForm `form:"true"`
}

// LoginForm is the form of a token request (OAuth 2.0 password grant).
type LoginForm struct {
	GrantType    *string `json:"grant_type,omitempty" pattern:"password" doc:"Grant type: password, or omitted."`
	Username     string  `json:"username" doc:"User name." example:"admin"`
	Password     string  `json:"password" format:"password" doc:"Password."`
	Scope        *string `json:"scope,omitempty" default:"" doc:"Ignored."`
	ClientID     *string `json:"client_id,omitempty" doc:"Ignored."`
	ClientSecret *string `json:"client_secret,omitempty" doc:"Ignored."`
}

// Token is the response to a token request.
type Token struct {
	AccessToken string `json:"access_token" doc:"Access token. Send it in the header Authorization: Bearer."`
	TokenType   string `json:"token_type" doc:"Token type: bearer." example:"bearer"`
}

// login takes the same time for an unknown user name as for a wrong password.
func login(s *server, c *call, in *loginInput) error {
	if g := in.Body.GrantType; g != nil && !startsWithPassword(*g) {
		return fault.Wrong(fault.At("grant_type", seedform.GrantType, "pattern", "password"))
	}
	who := staff.User{Disabled: true}
	if staff.CheckName(in.Body.Username) == nil {
		found, err := s.View.User(c.request.Context(), in.Body.Username)
		if err == nil {
			who = found
		} else if !fault.Is(err, staff.NotFound) {
			return err
		}
	}
	if err := s.acquireLogin(c); err != nil {
		return err
	}
	defer func() { <-s.logins }()
	if !matches(who, in.Body.Password) {
		return fault.Refuse(access.BadLogin)
	}
	c.who = web.Principal{Name: who.Username, Role: access.Role(who.Role)}
	token, err := s.Keys.Issue(who.Username, s.TokenTTL, s.Clock())
	if err != nil {
		return err
	}
	body := wire.Quote([]byte(`{"access_token":`), token)
	c.answer(http.StatusOK, append(body, `,"token_type":"bearer"}`...))
	return nil
}

// maxLogins is the maximum number of concurrent logins. Each one takes about 20 ms of
// processor time; further logins wait.
const maxLogins = 2

// acquireLogin waits for one of the maxLogins slots, at most loginWait or until the
// caller disconnects.
func (s *server) acquireLogin(c *call) error {
	timer := time.NewTimer(loginWait)
	defer timer.Stop()
	select {
	case s.logins <- struct{}{}:
		return nil
	case <-c.request.Context().Done():
	case <-timer.C:
	}
	return fault.Refuse(fault.Unavailable).Because(fault.TooManyLogins)
}

const loginWait = 5 * time.Second

func startsWithPassword(grant string) bool {
	return len(grant) >= len("password") && grant[:len("password")] == "password"
}

func matches(who staff.User, password string) bool {
	if who.Disabled {
		auth.DummyVerify(password)
		return false
	}
	ok, _ := auth.VerifyPassword(who.Password, password)
	return ok
}
