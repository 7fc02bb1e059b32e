package api

import (
	"context"
	"net/http"
	"time"

	"sofipo/api/seedform"
	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/web"
)

const tokenPath = "/api/v1/auth/token"

// auditTime limits how long a login waits for its audit row.
const auditTime = 3 * time.Second

var _ = mount(10, tokenOperations)

var tokenOperations = []operation{
	plain[Token](operation{
		method: http.MethodPost, path: tokenPath, id: "login_for_access_token_api_v1_auth_token_post", seed: true,
		tag: "Authentication", summary: "Login For Access Token", status: http.StatusOK, unbounded: true,
		about:    "Exchanges a user name and password for a bearer token (OAuth 2.0 password grant).",
		refusals: []fault.Code{access.BadLogin, access.NeedsCode, access.BadCode, access.NeedsFactor, staff.FactorLocked, access.TooManyAttempts},
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
	OTP          *string `json:"otp,omitempty" doc:"Code of the second factor, if the user has one."`
}

// Token is the response to a token request.
type Token struct {
	AccessToken string `json:"access_token" doc:"Access token. Send it in the header Authorization: Bearer."`
	TokenType   string `json:"token_type" doc:"Token type: bearer." example:"bearer"`
}

func login(s *server, c *call, in *loginInput) error {
	if g := in.Body.GrantType; g != nil && !startsWithPassword(*g) {
		return fault.Wrong(fault.At("grant_type", seedform.GrantType, "pattern", "password"))
	}
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	began := s.Clock()
	who, err := s.factors.SignIn(ctx, web.Attempt{Name: in.Body.Username, Password: in.Body.Password, Code: or(in.Body.OTP, ""), Remote: c.request.RemoteAddr, Correlation: c.correlation})
	if err != nil {
		return err
	}
	c.who = staff.Member{User: who}
	brief, done := context.WithTimeout(ctx, auditTime) // who only reads needs no database that is writable
	defer done()
	if _, err := bank.Do(brief, s.Bank, c.actor(), staffing.SignIn{Username: who.Username}); err != nil {
		s.Log.Warn("writing a login to the audit failed", "error", err)
	}
	issued := later(began, who.PasswordAt) // a change of the password after it was verified ends the token
	token, err := s.Keys.Issue(who.Username, s.TokenTTL+s.Clock().Sub(issued), issued)
	if err != nil {
		return err
	}
	body := wire.Quote([]byte(`{"access_token":`), token)
	c.answer(http.StatusOK, append(body, `,"token_type":"bearer"}`...))
	return nil
}

// later returns the later of two times. The clock of this node may be behind the one that the other
// time is from.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func startsWithPassword(grant string) bool {
	return len(grant) >= len("password") && grant[:len("password")] == "password"
}
