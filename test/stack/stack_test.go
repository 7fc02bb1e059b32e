package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

// all is one own stack of all parts, used by most tests here.
var all *Stack

func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) != "" {
		beVictim()
	}
	_ = os.Unsetenv(shareVariable)
	var err error
	if all, err = StartOwn(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := all.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// limited gives a context of 30 s, more than any step here takes.
func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read[T any](t *testing.T, url, statement string) (value T) {
	t.Helper()
	must(t, queryRow(limited(t), url, statement, &value))
	return value
}

func TestEachServiceAnswersItsProtocol(t *testing.T) {
	if state := read[string](t, all.cluster.Admin, "SELECT state FROM pg_stat_replication"); state != "streaming" {
		t.Errorf("got the replication %q, want streaming", state)
	}
	if !read[bool](t, all.Replica.URL, "SELECT pg_is_in_recovery()") {
		t.Error("got a replica that is not in recovery, want it in recovery")
	}
	if fsync := read[string](t, all.Primary.URL, "SHOW fsync"); fsync != "on" {
		t.Errorf("got fsync %s, want on", fsync)
	}
	must(t, pingRedis(limited(t), all.Redis.Addr))
	must(t, dialRabbit(limited(t), all.Rabbit.URL))
	wrong := strings.Replace(all.Primary.URL, all.secret, "wrong", 1)
	if query(limited(t), wrong, "SELECT 1") == nil {
		t.Error("got a wrong password accepted by PostgreSQL, want a refusal")
	}
}

func TestCouchStoresBehindItsPassword(t *testing.T) {
	if status, _ := couch(t, http.MethodPut, "http://"+all.Couch.Addr+"/events", ""); status != http.StatusUnauthorized {
		t.Errorf("without a password: got %d, want %v", status, http.StatusUnauthorized)
	}
	for _, step := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{http.MethodPut, "/events", "", 201, `"ok":true`},
		{http.MethodPut, "/events", "", 412, "file_exists"},
		{http.MethodPut, "/events/a", `{"amount":"1.10"}`, 201, `"id":"a"`},
		{http.MethodPut, "/events/a", `{"amount":"1.10"}`, 409, "conflict"},
		{http.MethodGet, "/events/a", "", 200, `"amount":"1.10"`},
		{http.MethodGet, "/events/_changes?filter=_selector", "", 501, "not_implemented"},
		{http.MethodGet, "/events/b", "", 404, "missing"},
	} {
		status, answer := couch(t, step.method, all.Couch.URL+step.path, step.body)
		if status != step.status || !strings.Contains(answer, step.answer) {
			t.Errorf("%s %s: got %d %s, want status %v with %q", step.method, step.path, status, answer, step.status, step.answer)
		}
	}
	must(t, all.Couch.Kill())
	must(t, all.Couch.Start())
	if status, answer := couch(t, http.MethodGet, all.Couch.URL+"/events/a", ""); status != 200 {
		t.Errorf("after a kill: got %d %s, want 200", status, answer)
	}
}

func couch(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(limited(t), method, url, strings.NewReader(body))
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(text)
}

func TestRabbitKeepsADurableMessageOverAKill(t *testing.T) {
	onRabbit(t, func(channel *amqp.Channel) {
		_, err := channel.QueueDeclare("kept", true, false, false, false, nil)
		must(t, err)
		must(t, channel.Confirm(false))
		confirmation, err := channel.PublishWithDeferredConfirm("", "kept", true, false,
			amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte("señal")})
		must(t, err)
		if acknowledged, err := confirmation.WaitContext(limited(t)); err != nil || !acknowledged {
			t.Fatalf("got %v, %v, want the message acknowledged", acknowledged, err)
		}
	})
	must(t, all.broker.eval(limited(t), "ok = mnesia:sync_log()")) // a new queue stays in memory for a while
	pid := all.Rabbit.Pid()
	must(t, all.Rabbit.Kill())
	if all.Rabbit.Pid() != 0 || dial(limited(t), all.Rabbit.Addr) == nil {
		t.Fatal("got an answer of RabbitMQ after Kill, want no process and no connection")
	}
	must(t, all.Rabbit.Start())
	if all.Rabbit.Pid() == pid {
		t.Error("got the same process, want another")
	}
	onRabbit(t, func(channel *amqp.Channel) {
		message, there, err := channel.Get("kept", true)
		if err != nil || !there || string(message.Body) != "señal" {
			t.Errorf("got %v, %v, %v, want the message señal", message.Body, there, err)
		}
	})
}

func onRabbit(t *testing.T, do func(*amqp.Channel)) {
	t.Helper()
	conn, err := amqp.Dial(all.Rabbit.URL)
	must(t, err)
	defer func() { _ = conn.Close() }()
	channel, err := conn.Channel()
	must(t, err)
	do(channel)
}

func TestFrozenServicesDoNotAnswerUntilThawed(t *testing.T) {
	for _, service := range all.Services() {
		t.Run(service.Name, func(t *testing.T) {
			answers := func(limit time.Duration) error {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				if service == all.Rabbit {
					return speaksAMQP(ctx, service.Addr)
				}
				return service.ready(ctx)
			}
			must(t, answers(30*time.Second))
			must(t, service.Freeze())
			if answers(300*time.Millisecond) == nil {
				t.Error("got an answer of a frozen service, want none")
			}
			must(t, service.Thaw())
			must(t, answers(30*time.Second))
		})
	}
}

// speaksAMQP is dialRabbit with ctx's limit on the handshake too.
func speaksAMQP(ctx context.Context, addr string) error {
	done := make(chan error, 1)
	go func() { done <- dialRabbit(ctx, all.Rabbit.URL) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", addr, ctx.Err())
	}
}

func TestPostgresKeepsCommitsOverAKillAndStreamsAgain(t *testing.T) {
	primary, replica, err := all.Database(limited(t), "kill")
	must(t, err)
	must(t, query(limited(t), primary, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)"))
	conn, err := pgx.Connect(limited(t), primary)
	must(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	processes := tree(all.Primary.Pid())
	must(t, all.Primary.Kill())
	for _, pid := range processes {
		if _, running := parentOf(pid); running {
			t.Errorf("got process %d after Kill, want it ended", pid)
		}
	}
	if conn.Ping(limited(t)) == nil {
		t.Error("got an open connection after Kill, want an error")
	}
	must(t, all.Primary.Start())
	must(t, query(limited(t), primary, "INSERT INTO kept VALUES (2)"))
	must(t, all.CatchUp(limited(t)))
	if n := read[int](t, replica, "SELECT count(*) FROM kept"); n != 2 {
		t.Errorf("got %d rows on the replica, want 2", n)
	}
}

func TestReplicaStopsAndStarts(t *testing.T) {
	primary, replica, err := all.Database(limited(t), "stop")
	must(t, err)
	must(t, all.Replica.Stop())
	must(t, query(limited(t), primary, "CREATE TABLE late (n int)"))
	must(t, all.Replica.Start())
	must(t, all.CatchUp(limited(t)))
	if n := read[int](t, replica, "SELECT count(*) FROM late"); n != 0 {
		t.Errorf("got %d rows, want 0", n)
	}
}

func TestPausedReplayHidesNewRows(t *testing.T) {
	primary, replica, err := all.Database(limited(t), "pause")
	must(t, err)
	must(t, query(limited(t), primary, "CREATE TABLE seen (n int)"))
	must(t, all.CatchUp(limited(t)))
	must(t, all.PauseReplay(limited(t)))
	must(t, query(limited(t), primary, "INSERT INTO seen VALUES (1)"))
	time.Sleep(100 * time.Millisecond)
	if n := read[int](t, replica, "SELECT count(*) FROM seen"); n != 0 {
		t.Error("got the new row from a paused replica, want none")
	}
	must(t, all.ResumeReplay(limited(t)))
	must(t, all.CatchUp(limited(t)))
	if n := read[int](t, replica, "SELECT count(*) FROM seen"); n != 1 {
		t.Error("got no new row from a resumed replica, want it")
	}
}

func TestAttachedStackIsIsolated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stack.json")
	must(t, all.Share(file))
	t.Setenv(shareVariable, file)
	attached, err := Start(limited(t), Replica, Rabbit, Redis)
	must(t, err)
	database, replica, err := attached.Database(limited(t), "Mixed Case/x")
	must(t, err)
	must(t, query(limited(t), replica, "SELECT 1"))
	must(t, dialRabbit(limited(t), attached.Rabbit.URL))
	if attached.Primary.Port != all.Primary.Port || attached.Rabbit.URL == all.Rabbit.URL {
		t.Errorf("got %v, want the port %v and another RabbitMQ address than %v", attached.Env(), all.Primary.Port, all.Rabbit.URL)
	}
	if attached.Redis.Port == all.Redis.Port || attached.Couch != nil {
		t.Errorf("got %v, want another Redis port than %v and no CouchDB", attached.Env(), all.Redis.Port)
	}
	for name, disturb := range map[string]func() error{
		"kill": attached.Primary.Kill, "stop": attached.Rabbit.Stop, "start": attached.Replica.Start,
		"freeze": attached.Rabbit.Freeze, "thaw": attached.Rabbit.Thaw,
		"pause":  func() error { return attached.PauseReplay(limited(t)) },
		"resume": func() error { return attached.ResumeReplay(limited(t)) },
		"share":  func() error { return errors.Join(attached.Share(file), ErrShared) },
	} {
		if err := disturb(); !errors.Is(err, ErrShared) {
			t.Errorf("%s: got %v, want %v", name, err, ErrShared)
		}
	}
	must(t, attached.Redis.Kill())
	must(t, attached.Close())
	if query(limited(t), database, "SELECT 1") == nil {
		t.Error("got the database after Close, want it dropped")
	}
	if dialRabbit(limited(t), attached.Rabbit.URL) == nil {
		t.Error("got the virtual host after Close, want it deleted")
	}
	must(t, query(limited(t), all.Primary.URL, "SELECT 1"))
}

func TestAttachNamesWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stack.json")
	t.Setenv(shareVariable, file)
	for content, wanted := range map[string]string{
		"":   "unexpected end",
		`{}`: "the file has no primary",
		`{"urls":{"primary":"postgres://127.0.0.1:1/x"}}`: "primary does not answer",
	} {
		must(t, os.WriteFile(file, []byte(content), 0o600))
		if _, err := Start(limited(t), Postgres); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%q: got %v, want an error with %q", content, err, wanted)
		}
	}
}

func TestEnvNamesTheSettings(t *testing.T) {
	env := strings.Join(all.Env(), "\n")
	for _, name := range []string{"AMQP_URL=amqp://", "COUCHDB_URL=http://", "DATABASE_REPLICA_URL=postgres://", "DATABASE_URL=postgres://", "REDIS_URL=redis://"} {
		if !strings.Contains(env, name) {
			t.Errorf("got\n%s\nwant %s in it", env, name)
		}
	}
}
