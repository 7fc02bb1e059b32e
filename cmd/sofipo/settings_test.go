package main

import (
	"strings"
	"testing"
)

// TestProductionNamesAllPublishedSecrets at once, so that they can be changed at once, and
// shows none of them.
func TestProductionNamesAllPublishedSecrets(t *testing.T) {
	own := strings.Repeat("k3yOf8ch", 4)
	for _, c := range []struct{ env, want string }{
		{"API_SECRET_KEY=5e7c1d5746e7bc750044b2a5a396e49d9afaaa03030b8aa8514ed62deb8279eb POSTGRES_PASSWORD=123 POSTGRES_REPLICA_PASSWORD=replicapassword RABBITMQ_DEFAULT_USER=guest RABBITMQ_DEFAULT_PASS=guest COUCHDB_PASSWORD=password",
			"production requires secrets of your own; these have published values: API_SECRET_KEY, COUCHDB_PASSWORD, POSTGRES_PASSWORD, POSTGRES_REPLICA_PASSWORD, RABBITMQ_DEFAULT_PASS"},
		{"API_SECRET_KEY=short COUCHDB_URL=http://admin:password@127.0.0.1:5984 AMQP_URL=amqp://guest:guest@127.0.0.1:5672/",
			"production requires secrets of your own; these have published values: AMQP_URL, COUCHDB_URL; production requires an API_SECRET_KEY of at least 32 characters, 8 of them different"},
		{"RABBITMQ_HOST=rabbitmq API_SECRET_KEY=" + own, "production requires secrets of your own; these have published values: RABBITMQ_DEFAULT_PASS"},
		{"", "production requires an API_SECRET_KEY of at least 32 characters, 8 of them different"},
		{"API_SECRET_KEY=" + strings.Repeat("a", 32), "production requires an API_SECRET_KEY of at least 32 characters, 8 of them different"},
		{"API_SECRET_KEY_OLD=x API_SECRET_KEY=" + own, "production requires an API_SECRET_KEY_OLD of at least 32 characters, 8 of them different"},
		{"API_SECRET_KEY=123", "production requires secrets of your own; these have published values: API_SECRET_KEY"},
	} {
		t.Run("", func(t *testing.T) {
			withoutServices(t)
			t.Setenv("SOFIPO_PROFILE", productionProfile)
			for _, variable := range strings.Fields(c.env) {
				name, value, _ := strings.Cut(variable, "=")
				t.Setenv(name, value)
			}
			status, printed, told := sofipo(t, "serve")
			if want := "sofipo: " + c.want + "\n"; status != 2 || printed != "" || strings.TrimPrefix(told, "sofipo: serve: ") != strings.TrimPrefix(want, "sofipo: ") {
				t.Errorf("got exit code %d, %q, %q, want 2, no output and %q", status, printed, told, want)
			}
		})
	}
}

// TestBusinessDate: on other days the ids, dates and closes of training would not be valid.
func TestBusinessDate(t *testing.T) {
	for day, accepted := range map[string]bool{
		"2000-01-01": true, "2199-12-31": true, "1969-12-31": false, "1999-12-31": false, "2200-01-01": false, "9999-12-31": false, "2027-02-29": false, "15/01/2027": false,
	} {
		s := parsed(t)
		s.BusinessDate = day
		err := s.Validate()
		if (err == nil) != accepted || err != nil && !strings.Contains(err.Error(), "use YYYY-MM-DD, from 2000-01-01 to 2199-12-31") {
			t.Errorf("%s: got %v, want it accepted: %t", day, err, accepted)
		}
	}
}

func TestBadDoors(t *testing.T) {
	for want, set := range map[string]func(*settings){
		`SOFIPO_PRIVATE_ADDR is "8001": use host:port`:                              func(s *settings) { s.PrivateAddr = "8001" },
		`SOFIPO_CONSUME_ADDR is "8002": use host:port`:                              func(s *settings) { s.ConsumeAddr = "8002" },
		"SOFIPO_TLS_CERT and SOFIPO_TLS_KEY belong together":                        func(s *settings) { s.TLSKey = "key.pem" },
		`SOFIPO_TRUSTED_PROXIES: "10.0.0.0/40" is neither an address nor a network`: func(s *settings) { s.Proxies = "127.0.0.1, 10.0.0.0/40" },
	} {
		s := parsed(t)
		set(s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %s", err, want)
		}
	}
}

// withoutServices unsets the services of make test.
func withoutServices(t *testing.T) {
	t.Helper()
	for _, name := range []string{"DATABASE_URL", "DATABASE_REPLICA_URL", "REDIS_URL", "AMQP_URL", "COUCHDB_URL"} {
		t.Setenv(name, "")
	}
}
