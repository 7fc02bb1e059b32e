package staff

import (
	"time"

	"sofipo/core/wire"
)

// Factor is the second factor of a user: one-time codes of an authenticator app (TOTP, RFC 6238),
// and recovery codes for when the app is lost.
type Factor struct {
	Username    string
	Secret      []byte    // encrypted
	ConfirmedAt time.Time // zero until the user entered a code
	UsedStep    int64     // period of the last code, which is used once
	Recovery    string    // SHA-256 of the unused recovery codes, with blanks between them
	WrongCodes  int64     // since the last correct one
	WrongAt     time.Time // moment of the last wrong code
}

// After freeCodes wrong codes in a row the next code must wait: a minute at first, twice as long after
// each further one, at most mostPause.
const (
	freeCodes = 5
	mostPause = 15 * time.Minute
)

// Pause returns how long no code is accepted because of wrong ones.
func (f Factor) Pause(now time.Time) time.Duration {
	if f.WrongCodes < freeCodes {
		return 0
	}
	pause := min(mostPause, time.Minute<<min(f.WrongCodes-freeCodes, 10))
	return max(0, f.WrongAt.Add(pause).Sub(now))
}

// Confirmed reports whether sign-ins ask for a code.
func (f Factor) Confirmed() bool { return !f.ConfirmedAt.IsZero() }

// FactorState is what may be shown of a factor.
type FactorState struct {
	Username    string    `json:"username"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
}

// AppendJSON adds the state as JSON.
func (f FactorState) AppendJSON(b []byte) []byte { return wire.JSON(b, f) }

// RecoveryCodes is how many recovery codes a user gets.
const RecoveryCodes = 10
