package auth

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"sofipo/core/access"
	"sofipo/core/fault"
)

func TestHashThenVerify(t *testing.T) {
	const password = "contraseña larga ✓"
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got the hash %s, want one that begins with the parameters $argon2id$v=19$m=19456,t=2,p=1$", hash)
	}
	if again, err := HashPassword(password); err != nil || again == hash {
		t.Errorf("hashing again: got %s, %v, want another hash, because of its salt", again, err)
	}
	for given, want := range map[string]bool{password: true, password + " ": false, "": false, strings.ToUpper(password): false} {
		if ok, rehash := VerifyPassword(hash, given); ok != want || rehash {
			t.Errorf("VerifyPassword(%q) = %v, %v; want %v, false", given, ok, rehash, want)
		}
	}
}

// The vector is argon2's reference command line: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1.
func TestVerifyReferenceVector(t *testing.T) {
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, rehash := VerifyPassword(hash, "password"); !ok || !rehash {
		t.Errorf("got %v, %v; want true, and a re-hash for its 8-byte salt", ok, rehash)
	}
}

func TestWeakerHashesAskForRehash(t *testing.T) {
	make := func(memory, passes uint32, lanes uint8, salt, key uint32) string {
		h := argon2Hash{memoryKiB: memory, iterations: passes, lanes: lanes, salt: []byte(strings.Repeat("s", int(salt)))}
		h.key = argon2.IDKey([]byte("secret-1"), h.salt, passes, memory, lanes, key)
		return h.String()
	}
	for _, c := range []struct {
		name, hash string
		rehash     bool
	}{
		{"today's", make(19456, 2, 1, 16, 32), false},
		{"stronger", make(32768, 3, 2, 24, 64), false},
		{"less memory", make(8192, 2, 1, 16, 32), true},
		{"one pass", make(19456, 1, 1, 16, 32), true},
		{"short salt", make(19456, 2, 1, 8, 32), true},
		{"short key", make(19456, 2, 1, 16, 16), true},
	} {
		if ok, rehash := VerifyPassword(c.hash, "secret-1"); !ok || rehash != c.rehash {
			t.Errorf("%s: got %v, %v; want true, %v", c.name, ok, rehash, c.rehash)
		}
		if ok, rehash := VerifyPassword(c.hash, "secret-2"); ok || rehash {
			t.Errorf("%s: a wrong password: got %v, %v, want false, false", c.name, ok, rehash)
		}
	}
}

func TestBcryptIsVerifiedAndReplaced(t *testing.T) {
	made, err := bcrypt.GenerateFromPassword([]byte("string"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		hash := prefix + string(made[4:])
		if ok, rehash := VerifyPassword(hash, "string"); !ok || !rehash {
			t.Errorf("%s: got %v, %v; want true, true", prefix, ok, rehash)
		}
		if ok, rehash := VerifyPassword(hash, "String"); ok || rehash {
			t.Errorf("%s: a wrong password: got %v, %v, want false, false", prefix, ok, rehash)
		}
	}
}

func TestUnreadableAndAbsurdHashesMatchNothing(t *testing.T) {
	good, _ := HashPassword("secret-1")
	for _, hash := range []string{
		"", "x", "secret-1", "$argon2id$", "$2b$", "$2b$31$" + strings.Repeat("a", 53),
		strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=1 ", 1),
		strings.Replace(good, "t=2", "t=0", 1),
		strings.Replace(good, "t=2", "t=4000000", 1),
		strings.Replace(good, "m=19456", "m=4000000", 1),
		strings.Replace(good, "m=19456", "m=99999999999999", 1),
		good[:len(good)-30], good + "$", good + "=",
	} {
		begin := time.Now()
		if ok, rehash := VerifyPassword(hash, "secret-1"); ok || rehash {
			t.Errorf("%q: got %v, %v, want false, false", hash, ok, rehash)
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("%q took %s, want at most %v", hash, took, time.Second)
		}
	}
}

func TestOverlongPasswordsAreRefusedUnhashed(t *testing.T) {
	hash, err := HashPassword(strings.Repeat("x", MaxPasswordBytes))
	if err != nil {
		t.Fatal(err)
	}
	over := strings.Repeat("x", MaxPasswordBytes+1)
	if ok, _ := VerifyPassword(hash, over); ok {
		t.Error("got an over-long password accepted, want a refusal")
	}
	for _, password := range []string{"", over} {
		if _, err := HashPassword(password); !fault.Is(err, fault.Invalid) {
			t.Errorf("HashPassword of %d bytes: got %v, want a refusal", len(password), err)
		}
	}
}

// A refusal of an unknown user must take as long as of a known one; a fifth is far under the
// difference between hashing and not hashing.
func TestDummyVerifyCostsAsMuch(t *testing.T) {
	hash, _ := HashPassword("secret-1")
	took := func(run func()) time.Duration {
		begin := time.Now()
		run()
		return time.Since(begin)
	}
	known, unknown := time.Hour, time.Hour // the fastest, of more tries while the machine is busy with something else
	for try := 0; try < 5 || try < 50 && (unknown < known/5 || known < unknown/5); try++ {
		known = min(known, took(func() { VerifyPassword(hash, "secret-2") }))
		unknown = min(unknown, took(func() { DummyVerify("secret-2") }))
	}
	if unknown < known/5 || known < unknown/5 {
		t.Errorf("got %s for a known user and %s for an unknown one, want neither below a fifth of the other", known, unknown)
	}
}

func TestAtMostTwoHashesAtOnce(t *testing.T) {
	hashing <- struct{}{}
	hashing <- struct{}{}
	done := make(chan struct{})
	go func() { defer close(done); DummyVerify("secret-1") }()
	select {
	case <-done:
		t.Error("got a third hash at the same time, want at most two")
	case <-time.After(200 * time.Millisecond):
	}
	<-hashing
	<-hashing
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { DummyVerify("secret-1") })
	}
	all.Wait()
	<-done
	if len(hashing) != 0 {
		t.Errorf("got %d places still taken, want 0", len(hashing))
	}
}

func TestCheckNewPassword(t *testing.T) {
	for _, c := range []struct {
		user, password string
		rule           fault.Rule // "" = accepted
	}{
		{"ana", "correcta8", ""},
		{"ana", "ñandúes8", ""}, // eight characters, ten bytes
		{"ana", strings.Repeat("ñu", 64), ""},
		{"ana", "xyñz89a0 99", ""}, // ñ is between y and z; 0 does not follow 9
		{"ana", "89:;/0 zy{|", ""}, // neighbours in Unicode that are no letters or digits
		{"ana", "cajas de ejemplo", ""},
		{"al", "alfabeto9", ""}, // too short a name to look for
		{"", "whatever8", ""},
		{"ana", "corto77", fault.MinLength},
		{"ana", "", fault.MinLength},
		{"ana", strings.Repeat("x", 129), fault.MaxLength},
		{"ana", "bad\xffbytes8", fault.ValidText},
		{"Marisol", "xxMARISOL99", access.PasswordHasName},
		{"ana", "mañANA es lunes", access.PasswordHasName},
		{"rosa.ruiz", "RosaRuiz x9", access.PasswordHasName},
		{"ana", "xCAJAejemplo7", access.PasswordHasInstitution},
		{"ana", "x caja-ejemplo", access.PasswordHasInstitution},
		{"ana", "frase 111 x", access.PasswordRepeats},
		{"ana", "frase Aaa x", access.PasswordRepeats},
		{"ana", "frase  con   huecos", access.PasswordRepeats},
		{"ana", "frase 123 x", access.PasswordRuns},
		{"ana", "frase 321 x", access.PasswordRuns},
		{"ana", "frase xABc", access.PasswordRuns},
		{"ana", "frase zyx", access.PasswordRuns},
		{"ana", "frase 789", access.PasswordRuns},
	} {
		err := CheckNewPassword(c.user, "Caja Ejemplo", c.password)
		if c.rule == "" {
			if err != nil {
				t.Errorf("%q for %q: %v", c.password, c.user, err)
			}
			continue
		}
		var refused *fault.Error
		if !errors.As(err, &refused) || len(refused.Flaws) != 1 || refused.Flaws[0].Rule != c.rule {
			t.Errorf("%q for %q: got %#v, want %s", c.password, c.user, err, c.rule)
		} else if at := refused.Flaws[0].Name(); at != "password" {
			t.Errorf("%q for %q: got the flaw at %v, want the password", c.password, c.user, at)
		}
	}
}

func FuzzVerifyPassword(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "x")
	f.Add("$2b$04$", "x")
	f.Fuzz(func(t *testing.T, hash, password string) {
		if ok, rehash := VerifyPassword(hash, password); rehash && !ok {
			t.Error("got a rehash for a password that does not match, want none")
		}
	})
}

func BenchmarkHashPassword(b *testing.B) {
	for b.Loop() {
		_, _ = HashPassword("correcta8")
	}
}
