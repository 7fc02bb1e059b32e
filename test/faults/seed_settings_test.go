package faults

import (
	"errors"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/test/program"
	"sofipo/test/stack"
)

// shell runs a script with bash and gives its standard output.
func shell(t *testing.T, script string) string {
	t.Helper()
	cmd := exec.CommandContext(limited(t), "bash", "-c", script)
	output, err := cmd.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		t.Log(string(failed.Stderr))
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return string(output)
}

// TestSeedSettings runs server and consumer with the names of the seed's .env
// and none of ours, as the compose file does.
func TestSeedSettings(t *testing.T) {
	w := whole(t)
	database, err := url.Parse(strings.TrimPrefix(w.env[slices.IndexFunc(w.env, func(s string) bool { return strings.HasPrefix(s, "DATABASE_URL=") })], "DATABASE_URL="))
	must(t, err)
	w.env = slices.Concat(settings, []string{
		"POSTGRES_DB=" + strings.TrimPrefix(database.Path, "/"), "POSTGRES_PORT=" + port(w.primary), "POSTGRES_HOST=127.0.0.1",
		"POSTGRES_REPLICA_HOST=127.0.0.1", "POSTGRES_REPLICA_PORT=" + port(w.replica), "POSTGRES_REPLICA_USER=replica_user", "POSTGRES_REPLICA_PASSWORD=unused",
		"REDIS_HOST=127.0.0.1", "REDIS_PORT=" + port(w.redis),
		"RABBITMQ_HOST=127.0.0.1", "RABBITMQ_PORT=" + port(w.rabbit), "COUCHDB_HOST=127.0.0.1", "COUCHDB_PORT=" + port(w.couch),
		"API_ALGORITHM=HS256", "API_ACCESS_TOKEN_EXPIRE_MINUTES=30",
	})
	for service, names := range map[*stack.Service][2]string{
		w.primary: {"POSTGRES_USER", "POSTGRES_PASSWORD"}, w.rabbit: {"RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS"}, w.couch: {"COUCHDB_USER", "COUCHDB_PASSWORD"},
	} {
		at, err := url.Parse(service.URL)
		must(t, err)
		password, _ := at.User.Password()
		w.env = append(w.env, names[0]+"="+at.User.Username(), names[1]+"="+password)
	}
	server := w.serve(t)
	if r := program.Run(t, w.env, "", "health", "--consumer"); r.Code != 1 || !strings.Contains(r.Stderr, "no consumer") {
		t.Errorf("health without a consumer: got %v, want exit code 1 and no consumer in the error", r)
	}
	consumer := w.consume(t)
	await(t, 60*time.Second, "consumer at the queue", func() (bool, string) {
		r := program.Run(t, w.env, "", "health", "--consumer")
		return r.Code == 0, r.String()
	})
	payers := startLoad(t, strict, login(t, server))
	payers.awaitMore(t, 20)
	payers.finish(t)
	w.settle(t, payers)
	if code := consumer.Terminate(t); code != 0 {
		t.Errorf("got exit code %d of a consumer told to stop, want 0", code)
	}
}

func port(s *stack.Service) string {
	_, text, _ := strings.Cut(s.Addr, ":")
	return text
}
