package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sofipo/core/access"
	"sofipo/core/fault"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 500_000_000, time.UTC)

func keys(t testing.TB, active string, older ...string) *Keys {
	t.Helper()
	k, err := NewKeys(active, older...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func issue(t testing.TB, k *Keys, sub string, ttl time.Duration) string {
	t.Helper()
	token, err := k.Issue(sub, ttl, now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// sign makes a token by hand, without the library: what any client could send.
func sign(secret, header, claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	text := part([]byte(header)) + "." + part([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + part(mac.Sum(nil))
}

func TestIssueThenVerify(t *testing.T) {
	k := keys(t, "secret")
	token := issue(t, k, "admin", 30*time.Minute)
	for _, what := range []string{"parsed", "remembered"} {
		claims, err := k.Verify(token, now)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		want := Claims{Subject: "admin", Expires: now.Add(30 * time.Minute).Truncate(time.Second), Issued: now}
		if claims.Subject != want.Subject || !claims.Expires.Equal(want.Expires) || !claims.Issued.Equal(want.Issued) {
			t.Errorf("%s: got %+v, want %+v", what, claims, want)
		}
	}
	unread, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil || unread.Header["kid"] != k.active.id || unread.Header["alg"] != "HS256" || len(k.active.id) != 8 {
		t.Errorf("got the header %v, %v; want HS256 and kid %s", unread.Header, err, k.active.id)
	}
}

func TestExpiry(t *testing.T) {
	k := keys(t, "secret")
	token := issue(t, k, "admin", time.Minute)
	expires := now.Add(time.Minute).Truncate(time.Second)
	for range 2 { // the second round meets a remembered token
		if _, err := k.Verify(token, expires.Add(-time.Millisecond)); err != nil {
			t.Errorf("just before its expiry: %v", err)
		}
		for _, late := range []time.Duration{0, time.Millisecond, time.Hour} {
			if _, err := k.Verify(token, expires.Add(late)); !fault.Is(err, access.InvalidCredentials) {
				t.Errorf("%s after its expiry: got %v, want %v", late, err, access.InvalidCredentials)
			}
		}
	}
}

// The recorded seed token: HS256, no kid, claims sub and exp.
func TestSeedTokenIsAccepted(t *testing.T) {
	token := sign("seed-secret", `{"alg":"HS256","typ":"JWT"}`, `{"sub":"admin","exp":1795427551}`)
	at := time.Unix(1795427551-1800, 0)
	for name, k := range map[string]*Keys{"active": keys(t, "seed-secret"), "older": keys(t, "new", "seed-secret")} {
		if claims, err := k.Verify(token, at); err != nil || claims.Subject != "admin" || !claims.Issued.IsZero() {
			t.Errorf("%s: got %+v, %v, want the subject admin and no time of issue", name, claims, err)
		}
	}
	if _, err := keys(t, "new").Verify(token, at); err == nil {
		t.Error("got a token accepted without its key, want a refusal")
	}
}

func TestVerifyRefuses(t *testing.T) {
	k := keys(t, "secret")
	good := issue(t, k, "admin", time.Hour)
	parts := strings.Split(good, ".")
	const head, claims = `{"alg":"HS256","typ":"JWT"}`, `{"sub":"admin","exp":1895427551}`
	if _, err := k.Verify(sign("secret", head, claims), now); err != nil {
		t.Fatalf("the pattern of the cases below is itself refused: %v", err)
	}
	other := func(method jwt.SigningMethod, key any) string {
		token, err := jwt.NewWithClaims(method, jwt.MapClaims{"sub": "admin", "exp": 1895427551}).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	unsigned := base64.RawURLEncoding.EncodeToString
	for name, token := range map[string]string{
		"empty":             "",
		"no token":          "not.a.token",
		"two parts":         parts[0] + "." + parts[1],
		"no signature":      parts[0] + "." + parts[1] + ".",
		"other claims":      parts[0] + "." + unsigned([]byte(claims)) + "." + parts[2],
		"other header":      unsigned([]byte(head)) + "." + parts[1] + "." + parts[2],
		"flipped signature": good[:len(good)-5] + flip(good[len(good)-5]) + good[len(good)-4:],
		"other key":         issue(t, keys(t, "other"), "admin", time.Hour),
		"other key, no kid": sign("other", head, claims),
		"kid not a string":  sign("secret", `{"alg":"HS256","kid":7}`, claims),
		"kid unknown":       sign("secret", `{"alg":"HS256","kid":"00000000"}`, claims),
		"alg none":          other(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"alg none, signed":  sign("secret", `{"alg":"none"}`, claims),
		"HS512":             other(jwt.SigningMethodHS512, []byte("secret")),
		"HS384":             other(jwt.SigningMethodHS384, []byte("secret")),
		"alg hs256":         sign("secret", `{"alg":"hs256"}`, claims),
		"no exp":            sign("secret", head, `{"sub":"admin"}`),
		"exp null":          sign("secret", head, `{"sub":"admin","exp":null}`),
		"exp of long ago":   sign("secret", head, `{"sub":"admin","exp":1}`),
		"exp far back":      sign("secret", head, `{"sub":"admin","exp":-1e300}`),
		"no sub":            sign("secret", head, `{"exp":1895427551}`),
		"sub empty":         sign("secret", head, `{"sub":"","exp":1895427551}`),
		"sub number":        sign("secret", head, `{"sub":1,"exp":1895427551}`),
		"not yet":           sign("secret", head, `{"sub":"admin","exp":1895427551,"nbf":1895427550}`),
		"too long":          sign("secret", head, `{"sub":"`+strings.Repeat("a", maxTokenBytes)+`","exp":1895427551}`),
	} {
		for range 2 { // a refused token must not be remembered as good
			got, err := k.Verify(token, now)
			if !fault.Is(err, access.InvalidCredentials) || got != (Claims{}) || err.Error() != "invalid_credentials" {
				t.Errorf("%s: got %+v, %v, want no claims and the error %v", name, got, err, access.InvalidCredentials)
			}
		}
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func TestRotation(t *testing.T) {
	before := keys(t, "one")
	old := issue(t, before, "ana", time.Hour)
	after := keys(t, "two", "one", "one", "two")
	fresh := issue(t, after, "ana", time.Hour)
	if before.active.id == after.active.id || keys(t, "two").active.id != after.active.id {
		t.Errorf("got the key ids %s and %s, want one a secret, the same everywhere", before.active.id, after.active.id)
	}
	for name, token := range map[string]string{"old": old, "new": fresh} {
		if _, err := after.Verify(token, now); err != nil {
			t.Errorf("%s token after the rotation: %v", name, err)
		}
	}
	if _, err := before.Verify(fresh, now); err == nil {
		t.Error("got the new token accepted by a node without its key, want a refusal")
	}
	if _, err := keys(t, "two").Verify(old, now); err == nil {
		t.Error("got the old token accepted without its key, want a refusal")
	}
}

func TestBadArguments(t *testing.T) {
	for _, secrets := range [][]string{{""}, {"a", ""}, {"", "a"}} {
		if _, err := NewKeys(secrets[0], secrets[1:]...); err == nil {
			t.Errorf("NewKeys(%q) : got no error, want an error", secrets)
		}
	}
	k := keys(t, "secret")
	if _, err := k.Issue("", time.Hour, now); err == nil {
		t.Error("a token for nobody: got no error, want one")
	}
	if _, err := k.Issue("ana", 0, now); err == nil {
		t.Error("a token without a lifetime: got no error, want one")
	}
}

func TestRememberedTokensAreBounded(t *testing.T) {
	k := keys(t, "secret")
	for i := range rememberTokens + 3000 {
		token := sign("secret", `{"alg":"HS256"}`, fmt.Sprintf(`{"sub":"u%d","exp":1895427551}`, i))
		if _, err := k.Verify(token, now); err != nil {
			t.Fatal(err)
		}
	}
	k.verified.CleanUp()
	if size := k.verified.EstimatedSize(); size > rememberTokens || size < rememberTokens/2 {
		t.Errorf("got %d tokens remembered, want at most %d", size, rememberTokens)
	}
}

func FuzzVerify(f *testing.F) {
	k := keys(f, "secret")
	f.Add(issue(f, k, "admin", time.Hour), `{"alg":"HS256"}`, `{"sub":"admin","exp":1895427551}`)
	f.Add("..", `{"alg":"none"}`, `{"sub":"a","exp":1e300}`)
	f.Add("not.a.token", `{"alg":"HS256","kid":[]}`, `{"sub":"a","exp":-1e-300,"nbf":1e19,"iat":-1e19,"aud":[1]}`)
	f.Fuzz(func(t *testing.T, token, header, claims string) {
		for _, text := range []string{token, sign("secret", header, claims)} {
			if got, err := k.Verify(text, now); err == nil && (got.Subject == "" || !got.Expires.After(now)) {
				t.Errorf("%q: got %+v, want a subject and an expiry after %s, or an error", text, got, now)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	k := keys(b, "secret")
	token := issue(b, k, "admin", time.Hour)
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = k.Verify(token, now)
		}
	})
	b.Run("parsed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = k.parse(token, now)
		}
	})
}

// TestSeal: a sealed value is opened with the secret in force or an older one, for its purpose only.
func TestSeal(t *testing.T) {
	before, after := keys(t, "one"), keys(t, "two", "one")
	sealed := before.Seal("a", []byte("value"))
	if again := before.Seal("a", []byte("value")); string(again) == string(sealed) {
		t.Error("got the same bytes twice, want a random nonce")
	}
	for _, c := range []struct {
		name    string
		keys    *Keys
		purpose string
		sealed  []byte
		want    string
		stale   bool
	}{
		{"same", before, "a", sealed, "value", false},
		{"rotated", after, "a", sealed, "value", true},
		{"sealed again", after, "a", after.Seal("a", []byte("value")), "value", false},
		{"another purpose", before, "b", sealed, "", false},
		{"without the key", keys(t, "two"), "a", sealed, "", false},
		{"cut", before, "a", sealed[:len(sealed)-1], "", false},
		{"nothing", before, "a", nil, "", false},
	} {
		got, stale, err := c.keys.Open(c.purpose, c.sealed)
		if string(got) != c.want || stale != c.stale || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q, stale %t, %v, want %q, stale %t", c.name, got, stale, err, c.want, c.stale)
		}
	}
}

// TestStepOf uses the vectors of RFC 6238, appendix B, cut to six digits.
func TestStepOf(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		for shift, want := range map[int64]bool{-60: false, -30: true, 0: true, 30: true, 60: false} {
			step, right := StepOf(secret, code, time.Unix(at+shift, 0))
			if right != want || want && step != at/30 {
				t.Errorf("%s at %d%+d: got step %d, %t, want step %d, %t", code, at, shift, step, right, at/30, want)
			}
		}
	}
	if _, right := StepOf(secret, "", time.Unix(59, 0)); right {
		t.Error("got no code accepted, want a refusal")
	}
}

func TestRecoveryCodes(t *testing.T) {
	codes, hashes := NewRecoveryCodes(10)
	seen := map[string]bool{}
	for i, code := range codes {
		if hash := RecoveryHash(strings.ToLower(strings.ReplaceAll(code, "-", " "))); hash != hashes[i] || seen[hash] || len(hash) != 64 {
			t.Errorf("%s: got the hash %q, want %s, each once", code, hash, hashes[i])
		}
		seen[hashes[i]] = true
	}
	if got := RecoveryHash("287082"); got != "" {
		t.Errorf("got %q for a code of an app, want none", got)
	}
}
