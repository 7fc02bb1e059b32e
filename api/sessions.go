package api

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/view"
	"sofipo/web"
)

const (
	authTag      = "Authentication"
	sessionsPath = "/api/v1/auth/sessions"
	mySessions   = "/api/v1/me/sessions"
)

var _ = mount(15, sessionOperations)

var sessionOperations = []operation{
	plain[SessionTokens](operation{
		method: http.MethodPost, path: sessionsPath, id: "open_session_api_v1_auth_sessions_post", tag: authTag, summary: "Sign in", status: http.StatusCreated, unbounded: true,
		about: "Opens a session with a user name and password. The answer has an access token and a refresh token, which gives new tokens until the session ends: " +
			"after 12 hours, when somebody ends it, when the password changes or when the user is disabled. Access tokens of an ended session are rejected within 5 seconds.",
		refusals: []fault.Code{access.BadLogin, access.NeedsCode, access.BadCode, access.NeedsFactor, staff.FactorLocked, access.TooManyAttempts},
	}, openSession),
	plain[SessionTokens](operation{
		method: http.MethodPost, path: "/api/v1/auth/refresh", id: "refresh_session_api_v1_auth_refresh_post", tag: authTag, summary: "Get new tokens", status: http.StatusOK, unbounded: true,
		about: "Exchanges a refresh token for a new access token and a new refresh token. Each refresh token is used once. " +
			"If the answer was lost, send the same request again from the same program (`User-Agent`) within 10 seconds: it has the same new refresh token. " +
			"Any other use of a replaced token ends the session.",
		refusals: []fault.Code{staff.InvalidRefresh, staff.RefreshReused},
	}, refreshSession),
	plain[staff.Session](operation{
		method: http.MethodPost, path: "/api/v1/auth/revoke", id: "revoke_session_api_v1_auth_revoke_post", tag: authTag, summary: "Sign out", status: http.StatusOK, unbounded: true,
		about:    "Ends the session of a refresh token. It also works with a replaced token, and if the session has ended.",
		refusals: []fault.Code{staff.InvalidRefresh},
	}, revokeSession),
	plain[[]SessionListed](operation{
		method: http.MethodGet, path: mySessions, id: "read_my_sessions_api_v1_me_sessions_get", tag: authTag, summary: "List the own sessions", permission: access.Own, status: http.StatusOK,
		about: "Lists the open sessions of the user of the token, in the console and the API, newest first and at most 200.",
	}, func(s *server, c *call, _ *rowsInput) error { return listSessions(s, c, c.who.User) }),
	write(operation{
		method: http.MethodPost, path: mySessions + "/{session_id}/end", id: "end_my_session_api_v1_me_sessions__session_id__end_post", tag: authTag, summary: "End an own session", status: http.StatusOK,
		about:    "Ends a session of the user of the token.",
		refusals: []fault.Code{staff.SessionNotFound},
	}, func(in *ownSession) bank.Command[staff.Session] { return staffing.EndSession{ID: in.SessionID} }),
	plain[staffing.SessionsEnded](operation{
		method: http.MethodPost, path: mySessions + "/end-others", id: "end_other_sessions_api_v1_me_sessions_end_others_post", tag: authTag, summary: "End the other own sessions", permission: access.Own, status: http.StatusOK,
		about: "Ends the open sessions of the user of the token, except that of the token. A token without a session ends all.",
	}, endOtherSessions),
	plain[[]SessionListed](operation{
		method: http.MethodGet, path: "/api/v1/users/{username}/sessions", id: "read_user_sessions_api_v1_users__username__sessions_get", tag: staffTag, summary: "List the sessions of a user", permission: staff.Manage, status: http.StatusOK,
		about:    "Lists the open sessions of a user, in the console and the API, newest first and at most 200.",
		refusals: []fault.Code{staff.NotFound},
	}, func(s *server, c *call, in *rowsOfUser) error {
		u, err := s.View.User(c.request.Context(), in.Username)
		if err != nil {
			return err
		}
		return listSessions(s, c, u)
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/users/{username}/sessions/{session_id}/end", id: "end_user_session_api_v1_users__username__sessions__session_id__end_post", tag: staffTag, summary: "End a session of a user", status: http.StatusOK,
		about:    "Ends a session of a user.",
		refusals: []fault.Code{staff.SessionNotFound},
	}, func(in *userSession) bank.Command[staff.Session] {
		return staffing.EndUserSession{Username: in.Username, ID: in.SessionID}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/users/{username}/end-sessions", id: "end_sessions_api_v1_users__username__end_sessions_post", tag: staffTag, summary: "End all sessions of a user", status: http.StatusOK,
		about:    "Ends all sessions of a user and invalidates the user's tokens. The password stays.",
		refusals: []fault.Code{staff.NotFound, staff.NotForService},
	}, func(in *userByName) bank.Command[staff.User] { return staffing.EndSessions{Username: in.Username} }),
}

type ownSession struct {
	SessionID id.ID `path:"session_id" doc:"Id of the session."`
}

type userSession struct {
	userByName
	ownSession
}

type signInInput struct{ Body SignIn }

// SignIn is the body of a request that opens a session.
type SignIn struct {
	Username string `json:"username" doc:"User name." example:"rosa.ruiz"`
	Password string `json:"password" format:"password" doc:"Password." example:"una frase larga"`
	OTP      string `json:"otp,omitempty" doc:"Code of the second factor, or a recovery code, if the user has one." example:"492039"`
}

type refreshInput struct{ Body RefreshToken }

// RefreshToken is the body of a request with a refresh token.
type RefreshToken struct {
	RefreshToken string `json:"refresh_token" format:"password" doc:"Newest refresh token of the session."`
}

type revokeInput struct{ Body RevokedToken }

// RevokedToken is the body of a request that ends a session.
type RevokedToken struct {
	Token string `json:"token" format:"password" doc:"Refresh token of the session."`
}

// SessionTokens are the tokens of a session.
type SessionTokens struct {
	AccessToken  string    `json:"access_token" doc:"Access token. Send it in the header Authorization: Bearer."`
	TokenType    string    `json:"token_type" doc:"Token type: bearer." example:"bearer"`
	ExpiresIn    int64     `json:"expires_in" doc:"Seconds until the access token expires." example:"1800"`
	RefreshToken string    `json:"refresh_token" doc:"Refresh token, which is used once."`
	SessionID    id.ID     `json:"session_id" doc:"Session."`
	SessionEnds  time.Time `json:"session_expires_at" doc:"Time at which the session ends at the latest, UTC."`
}

// SessionListed is an open session in a list.
type SessionListed struct {
	staff.Session
	Current bool `json:"current" doc:"Whether the token of the request belongs to this session."`
}

func openSession(s *server, c *call, in *signInInput) error {
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	who, err := s.factors.SignIn(ctx, web.Attempt{Name: in.Body.Username, Password: in.Body.Password, Code: in.Body.OTP, Remote: c.request.RemoteAddr, Correlation: c.correlation})
	if err != nil {
		return err
	}
	c.who = staff.Member{User: who}
	secret := rand.Text()
	opened, err := bank.Do(ctx, s.Bank, c.actor(), staffing.OpenSession{Username: who.Username, Device: c.device(), Secret: hashOf(secret)})
	if err != nil {
		return err
	}
	c.mark(opened.Token, false)
	return s.answerTokens(c, opened.Answer, secret)
}

// device returns how the program of the request names itself.
func (c *call) device() string { return strings.ToValidUTF8(c.request.UserAgent(), "") }

// answerTokens answers with an access token and the refresh token with the secret. Refused with
// staff.InvalidRefresh in the last second of the session.
func (s *server) answerTokens(c *call, of staff.Session, secret string) error {
	now := later(s.Clock(), of.OpenedAt)
	left := of.ExpiresAt.Sub(now)
	if left < time.Second { // no token is that short
		return fault.Refuse(staff.InvalidRefresh)
	}
	ttl := min(s.TokenTTL, left)
	token, err := s.Keys.IssueFor(of.Username, of.ID, ttl, now)
	if err != nil {
		return err
	}
	// A client that did not receive the last answer gets the same refresh token, so its time is that of the session.
	refresh, err := s.Keys.Issue(presented{of.ID, of.Generation, secret}.subject(), of.ExpiresAt.Sub(of.UsedAt), of.UsedAt)
	if err != nil {
		return err
	}
	c.answer(c.endpoint.status, wire.JSON(nil, SessionTokens{token, "bearer", int64(ttl / time.Second), refresh, of.ID, of.ExpiresAt}))
	return nil
}

// presented is the content of a refresh token. It is the subject of a signed token, and no user
// has its name, because that has colons. The signature tells a replaced token from an invented
// one.
type presented struct {
	session    id.ID
	generation int64
	secret     string
}

const refreshPrefix = "refresh:"

func (p presented) subject() string {
	return refreshPrefix + p.session.String() + ":" + strconv.FormatInt(p.generation, 10) + ":" + p.secret
}

// next returns the secret of the token that replaces this one. It depends on this one, so that a
// client that did not receive the answer can get the same token again, though only its hash is
// stored.
func (p presented) next(s *server) string {
	mac := hmac.New(sha256.New, s.Keys.Derive("refresh token"))
	mac.Write([]byte(p.secret))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil))
}

// hashOf returns the stored form of a secret. It has at least 128 random bits, so a fast hash is
// enough.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// presentedToken verifies a refresh token and finds its session. Refused with
// staff.InvalidRefresh.
func (s *server) presentedToken(c *call, token string) (p presented, of staff.Session, err error) {
	refusal := fault.Refuse(staff.InvalidRefresh)
	claims, err := s.Keys.Verify(token, s.Clock())
	if err != nil {
		return p, of, refusal
	}
	content, is := strings.CutPrefix(claims.Subject, refreshPrefix)
	parts := strings.Split(content, ":")
	if !is || len(parts) != 3 || p.session.UnmarshalText([]byte(parts[0])) != nil {
		return p, of, refusal
	}
	if p.generation, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return p, of, refusal
	}
	p.secret = parts[2]
	of, err = s.View.Session(c.request.Context(), p.session)
	if fault.Is(err, staff.SessionNotFound) {
		err = refusal
	}
	c.who.User.Username = of.Username
	return p, of, err
}

func refreshSession(s *server, c *call, in *refreshInput) error {
	p, _, err := s.presentedToken(c, in.Body.RefreshToken)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	next := p.next(s)
	done, err := bank.Do(ctx, s.Bank, c.actor(), staffing.RefreshSession{
		ID: p.session, Generation: p.generation, Secret: hashOf(p.secret), Next: hashOf(next), Device: c.device(),
	})
	if fault.Is(err, access.Forbidden) { // the user is disabled
		err = fault.Refuse(staff.InvalidRefresh)
	}
	if err != nil {
		return err
	}
	c.mark(done.Token, false)
	return s.answerTokens(c, done.Answer, next)
}

func revokeSession(s *server, c *call, in *revokeInput) error {
	_, of, err := s.presentedToken(c, in.Body.Token)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	done, err := bank.Do(ctx, s.Bank, c.actor(), staffing.EndSession{ID: of.ID})
	if fault.Is(err, access.Forbidden) {
		err = fault.Refuse(staff.InvalidRefresh)
	}
	if err != nil {
		return err
	}
	c.mark(done.Token, false)
	c.answer(http.StatusOK, done.Answer.AppendJSON(nil))
	return nil
}

func listSessions(s *server, c *call, u staff.User) error {
	if _, err := c.viewer(); err != nil {
		return err
	}
	open, err := s.View.OpenSessions(c.request.Context(), u, s.Clock())
	if err != nil {
		return err
	}
	current := s.auth.Session(c.request.Header)
	c.answer(http.StatusOK, wire.JSON(nil, each(open, func(one staff.Session) SessionListed { return SessionListed{one, one.ID == current} })))
	return nil
}

// endOtherSessions ends the sessions in parts, because a list of open sessions is limited.
func endOtherSessions(s *server, c *call, _ *none) error {
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	current := s.auth.Session(c.request.Header)
	total := staffing.SessionsEnded{}
	for {
		others, err := othersOf(ctx, s.View, c.who.User, current, s.Clock())
		if err != nil {
			return err
		}
		if len(others) == 0 {
			break
		}
		done, err := bank.Do(ctx, s.Bank, c.actor(), staffing.EndOtherSessions{IDs: others})
		if err != nil {
			return err
		}
		c.mark(done.Token, false)
		total.Ended += done.Answer.Ended
	}
	c.answer(http.StatusOK, total.AppendJSON(nil))
	return nil
}

func othersOf(ctx context.Context, v *view.View, u staff.User, current id.ID, now time.Time) (others []id.ID, err error) {
	open, err := v.OpenSessions(ctx, u, now)
	for _, one := range open {
		if one.ID != current {
			others = append(others, one.ID)
		}
	}
	return others, err
}
