package api

import (
	"context"
	"net/http"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/web"
)

var _ = mount(16, factorOperations)

const factorPath = "/api/v1/auth/factor"

var factorOperations = []operation{
	plain[FactorEnrolment](operation{
		method: http.MethodPost, path: factorPath, id: "enrol_factor_api_v1_auth_factor_post", tag: authTag, summary: "Begin the enrolment of a second factor", status: http.StatusCreated, unbounded: true,
		about: "Makes a secret for an authenticator app (TOTP, RFC 6238). It is in force after a code of it was confirmed. " +
			"It needs the password and no token, because a role may require a second factor for any token.",
		refusals: []fault.Code{access.BadLogin, access.TooManyAttempts, staff.FactorConfirmed},
	}, enrolFactor),
	plain[FactorRecovery](operation{
		method: http.MethodPost, path: factorPath + "/confirm", id: "confirm_factor_api_v1_auth_factor_confirm_post", tag: authTag, summary: "Confirm a second factor", status: http.StatusOK, unbounded: true,
		about: "Puts the enrolled second factor in force with its first code, and returns ten recovery codes. Each can be used once in place of a code. " +
			"They are not shown again.",
		refusals: []fault.Code{access.BadLogin, access.BadCode, access.TooManyAttempts, staff.FactorNotFound, staff.FactorConfirmed, staff.FactorLocked},
	}, confirmFactor),
	write(operation{
		method: http.MethodPost, path: "/api/v1/users/{username}/reset-factor", id: "reset_factor_api_v1_users__username__reset_factor_post", tag: staffTag, summary: "Reset a user's second factor", status: http.StatusOK,
		about: "Removes the second factor of a user and ends the user's sessions and tokens. The user is disabled until another person enables the user " +
			"(`POST /api/v1/users/{username}/enable`), as after a new password.",
		refusals: []fault.Code{staff.NotFound, staff.FactorNotFound, staff.LastAdmin},
	}, func(in *userByName) bank.Command[staff.User] { return staffing.ResetFactor{Username: in.Username} }),
}

type enrolInput struct{ Body Credentials }

// Credentials is the body of a request that begins the enrolment of a second factor.
type Credentials struct {
	Username string `json:"username" doc:"User name." example:"rosa.ruiz"`
	Password string `json:"password" format:"password" doc:"Password." example:"una frase larga"`
}

type confirmInput struct{ Body FirstCode }

// FirstCode is the body of a request that confirms a second factor.
type FirstCode struct {
	Username string `json:"username" doc:"User name." example:"rosa.ruiz"`
	Password string `json:"password" format:"password" doc:"Password." example:"una frase larga"`
	OTP      string `json:"otp" doc:"Code that the app shows." example:"492039"`
}

// FactorEnrolment is the secret of a second factor that is not in force yet.
type FactorEnrolment struct {
	Secret string `json:"secret" doc:"Secret in base32, to type into the app."`
	URI    string `json:"uri" doc:"URI (otpauth) of the secret for the app."`
	QR     []byte `json:"qr_png" doc:"QR code of the URI: PNG in base64."`
}

// FactorRecovery has the recovery codes of a second factor.
type FactorRecovery struct {
	Codes []string `json:"recovery_codes" doc:"Codes for when the app is lost. Each is used once."`
}

func enrolFactor(s *server, c *call, in *enrolInput) error {
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	made, err := s.factors.EnrolBy(ctx, web.Attempt{Name: in.Body.Username, Password: in.Body.Password, Remote: c.request.RemoteAddr, Correlation: c.correlation})
	if err != nil {
		return err
	}
	c.answer(http.StatusCreated, wire.JSON(nil, FactorEnrolment{made.Secret, made.URI, made.QR}))
	return nil
}

func confirmFactor(s *server, c *call, in *confirmInput) error {
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	a := web.Attempt{Name: in.Body.Username, Password: in.Body.Password, Code: in.Body.OTP, Remote: c.request.RemoteAddr, Correlation: c.correlation}
	codes, err := s.factors.ConfirmBy(ctx, a)
	if err != nil {
		return err
	}
	c.answer(http.StatusOK, wire.JSON(nil, FactorRecovery{codes}))
	return nil
}
