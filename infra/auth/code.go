package auth

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
)

// codePeriod is how long a code of an authenticator app is shown. A code is accepted one period
// before and after.
const codePeriod = 30 * time.Second

// mostIssuer limits the name of the institution in a QR code, in characters: it is there twice.
const mostIssuer = 60

// Enrolment is a new secret for the authenticator app of a user.
type Enrolment struct {
	Secret string // in base32
	URI    string // otpauth://…, which the QR code has
	QR     []byte // PNG
}

// NewCodeSecret returns a secret for one-time codes.
func NewCodeSecret() []byte {
	secret := make([]byte, 20) // the length that RFC 4226 recommends
	_, _ = rand.Read(secret)   // never fails, see crypto/rand
	return secret
}

// EnrolmentOf returns what an app needs for a secret (TOTP: SHA-1, six digits, 30 seconds). Apps show
// the issuer and the user name.
func EnrolmentOf(issuer, username string, secret []byte) (e Enrolment, err error) {
	issuer = strings.ReplaceAll(issuer, ":", " ") // separates the two in the label
	if long := []rune(issuer); len(long) > mostIssuer {
		issuer = string(long[:mostIssuer])
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: username, Secret: secret})
	if err != nil {
		return e, fmt.Errorf("auth: one-time codes: %w", err)
	}
	e.Secret, e.URI = key.Secret(), key.URL()
	image, err := key.Image(240, 240)
	if err != nil {
		return e, fmt.Errorf("auth: QR code: %w", err)
	}
	var b bytes.Buffer
	err = png.Encode(&b, image)
	e.QR = b.Bytes()
	return e, err
}

// StepOf returns the period of a code: that of the time, or the one before or after. It is false
// for a wrong code.
func StepOf(secret []byte, code string, at time.Time) (step int64, ok bool) {
	code = strings.ReplaceAll(code, " ", "")
	encoded := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	for _, shift := range []int64{0, -1, 1} {
		moment := at.Add(time.Duration(shift) * codePeriod)
		want, err := totp.GenerateCode(encoded, moment)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return moment.Unix() / int64(codePeriod/time.Second), true
		}
	}
	return 0, false
}

// recoveryLength is the number of characters of a recovery code: 80 random bits.
const recoveryLength = 16

// NewRecoveryCodes returns codes and their hashes.
func NewRecoveryCodes(n int) (codes, hashes []string) {
	for range n {
		code := rand.Text()[:recoveryLength]
		codes, hashes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:]), append(hashes, RecoveryHash(code))
	}
	return codes, hashes
}

// RecoveryHash returns the stored form of a recovery code, or "" for what is no recovery code. It is
// a fast hash: wrong codes are bounded like wrong passwords, and a code is random.
func RecoveryHash(code string) string {
	code = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	if len(code) != recoveryLength {
		return ""
	}
	sum := sha256.Sum256([]byte("sofipo recovery code " + code))
	return hex.EncodeToString(sum[:])
}
