package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"sofipo/core/access"
	"sofipo/core/fault"
)

// Cost of new hashes: OWASP's first recommendation for argon2id, about 20 ms.
const (
	memoryKiB  = 19 * 1024
	iterations = 2
	lanes      = 1
	saltBytes  = 16
	keyBytes   = 32
)

// Limits on the cost of a stored hash, so that a forged one cannot block a core.
const (
	maxMemoryKiB  = 256 * 1024
	maxIterations = 16
	maxLanes      = 16
	maxKeyBytes   = 128
	maxBcryptCost = 14
)

// Limits of a password. MaxPasswordBytes applies to every password given to this package; the
// character limits apply to new passwords.
const (
	MaxPasswordBytes      = 1024
	MinPasswordCharacters = 8
	MaxPasswordCharacters = 128
)

// minNameLength is the shortest name that must not occur in the password: "ana" must not, "al"
// may.
const minNameLength = 3

// hashing limits the number of concurrent hashes: each uses a core and 19 MiB.
var hashing = make(chan struct{}, 2)

// HashPassword returns the PHC string of a password: argon2id with 19 MiB, 2 passes, 1 lane,
// a random 16-byte salt and a 32-byte key (RFC 9106). It refuses an empty password and one
// longer than MaxPasswordBytes; the rules for new passwords are in CheckNewPassword. At most
// two hashes run concurrently in a process.
func HashPassword(password string) (string, error) {
	if password == "" {
		return "", fault.Wrong(fault.At("password", fault.MinLength, "least", 1))
	}
	if len(password) > MaxPasswordBytes {
		return "", fault.Wrong(fault.At("password", access.PasswordBytes, "most", MaxPasswordBytes))
	}
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	today := argon2Hash{memoryKiB: memoryKiB, iterations: iterations, lanes: lanes, salt: salt}
	today.key = today.derive(password, keyBytes)
	return today.String(), nil
}

// VerifyPassword reports whether the password matches the hash. If so, rehash reports whether
// the hash should be replaced: the seed's bcrypt hashes ($2a$, $2b$, $2y$) and argon2id
// hashes with a lower cost than new ones. An unreadable hash and a password longer than
// MaxPasswordBytes never match.
func VerifyPassword(hash, password string) (ok, rehash bool) {
	if len(password) > MaxPasswordBytes {
		return false, false
	}
	if isBcrypt(hash) {
		ok = verifyBcrypt(hash, password)
		return ok, ok
	}
	kept, err := parseArgon2(hash)
	if err != nil {
		return false, false
	}
	key := kept.derive(password, uint32(len(kept.key)))
	ok = subtle.ConstantTimeCompare(key, kept.key) == 1
	return ok, ok && kept.weak()
}

// DummyVerify takes as long as VerifyPassword. Call it for an unknown user name, so that the
// response time does not reveal which names exist.
func DummyVerify(password string) {
	if len(password) > MaxPasswordBytes {
		return
	}
	nobody := argon2Hash{memoryKiB: memoryKiB, iterations: iterations, lanes: lanes, salt: make([]byte, saltBytes)}
	nobody.derive(password, keyBytes)
}

// CheckNewPassword validates a password chosen by a user: 8 to 128 characters of valid UTF-8 that
// contain neither the user name nor the trade name of the institution, nor three equal or
// consecutive characters in a row (111, abc, 321). Case is ignored, and in names everything but
// letters and digits. Names shorter than three characters are not checked. The error is a
// *fault.Error with the code Invalid for the field "password".
func CheckNewPassword(username, institution, password string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case length < MinPasswordCharacters:
		return fault.Wrong(fault.At("password", fault.MinLength, "least", MinPasswordCharacters))
	case length > MaxPasswordCharacters:
		return fault.Wrong(fault.At("password", fault.MaxLength, "most", MaxPasswordCharacters))
	case !utf8.ValidString(password):
		return fault.Wrong(fault.At("password", fault.ValidText))
	case containsName(password, username):
		return fault.Wrong(fault.At("password", access.PasswordHasName))
	case containsName(password, institution):
		return fault.Wrong(fault.At("password", access.PasswordHasInstitution))
	case hasThree(password, 0):
		return fault.Wrong(fault.At("password", access.PasswordRepeats))
	case hasThree(password, 1) || hasThree(password, -1):
		return fault.Wrong(fault.At("password", access.PasswordRuns))
	}
	return nil
}

// containsName reports whether a password contains a name, as it is written or by its letters and
// digits alone.
func containsName(password, name string) bool {
	if utf8.RuneCountInString(name) < minNameLength {
		return false
	}
	if strings.Contains(strings.ToLower(password), strings.ToLower(name)) {
		return true
	}
	bare := plain(name)
	return utf8.RuneCountInString(bare) >= minNameLength && strings.Contains(plain(password), bare)
}

// plain returns the letters and digits of a text, in lower case.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// hasThree reports whether three characters in a row differ by step. Consecutive ones (step 1 or
// -1) are letters from a to z or digits.
func hasThree(password string, step rune) bool {
	all := []rune(strings.ToLower(password))
	for i := 2; i < len(all); i++ {
		a, b, c := all[i-2], all[i-1], all[i]
		if b-a == step && c-b == step && (step == 0 || alike(a, c)) {
			return true
		}
	}
	return false
}

// alike reports whether two characters are both letters from a to z or both digits.
func alike(a, b rune) bool {
	within := func(r, from, to rune) bool { return from <= r && r <= to }
	return within(a, 'a', 'z') && within(b, 'a', 'z') || within(a, '0', '9') && within(b, '0', '9')
}

// argon2Hash is a parsed PHC string of argon2id.
type argon2Hash struct {
	memoryKiB, iterations uint32
	lanes                 uint8
	salt, key             []byte
}

var phcBase64 = base64.RawStdEncoding.Strict()

// String returns the PHC form: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func (h argon2Hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memoryKiB, h.iterations, h.lanes,
		phcBase64.EncodeToString(h.salt), phcBase64.EncodeToString(h.key))
}

// derive hashes the password with the parameters of h. It waits until fewer than two hashes
// run.
func (h argon2Hash) derive(password string, length uint32) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), h.salt, h.iterations, h.memoryKiB, h.lanes, length)
}

// weak reports whether the cost is lower than that of new hashes.
func (h argon2Hash) weak() bool {
	return h.memoryKiB < memoryKiB || h.iterations < iterations || len(h.salt) < saltBytes || len(h.key) < keyBytes
}

// parseArgon2 parses a PHC string. It refuses parameters outside the limits.
func parseArgon2(text string) (argon2Hash, error) {
	var h argon2Hash
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, fmt.Errorf("auth: not an argon2id hash of version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memoryKiB, &h.iterations, &h.lanes); err != nil {
		return h, fmt.Errorf("auth: parameters of an argon2id hash: %w", err)
	}
	var err error
	if h.salt, err = phcBase64.DecodeString(parts[4]); err != nil {
		return h, fmt.Errorf("auth: salt of an argon2id hash: %w", err)
	}
	if h.key, err = phcBase64.DecodeString(parts[5]); err != nil {
		return h, fmt.Errorf("auth: key of an argon2id hash: %w", err)
	}
	if h.String() != text {
		return h, fmt.Errorf("auth: parameters of an argon2id hash are not in canonical form: %s", parts[3])
	}
	sane := h.memoryKiB <= maxMemoryKiB && 1 <= h.iterations && h.iterations <= maxIterations &&
		1 <= h.lanes && h.lanes <= maxLanes && 16 <= len(h.key) && len(h.key) <= maxKeyBytes
	if !sane {
		return h, fmt.Errorf("auth: parameters of an argon2id hash are out of range: %s", parts[3])
	}
	return h, nil
}

func isBcrypt(hash string) bool {
	return strings.HasPrefix(hash, "$2a$") || strings.HasPrefix(hash, "$2b$") || strings.HasPrefix(hash, "$2y$")
}

func verifyBcrypt(hash, password string) bool {
	if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost > maxBcryptCost {
		return false
	}
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
}
