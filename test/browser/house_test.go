package browser

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sofipo/test/ground"
	"sofipo/test/program"
	"sofipo/test/stack"
)

//go:embed package.json package-lock.json
var packages embed.FS

// chromium is the browser of all journeys of this process.
type chromium struct {
	stack.Browser
	address string
	input   io.Closer // the browser ends when it closes, with this process
}

var browser = sync.OnceValues(func() (c chromium, err error) {
	if c.Browser, err = stack.InstallBrowser(context.Background(), packages); err != nil {
		return c, err
	}
	cmd := exec.Command(c.Node, "journeys/browser.mjs")
	cmd.Env = c.env()
	var said bytes.Buffer
	cmd.Stderr = &said
	if c.input, err = cmd.StdinPipe(); err != nil {
		return c, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return c, err
	}
	if err := cmd.Start(); err != nil {
		return c, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return c, fmt.Errorf("the browser did not start: %w\n%s", errors.Join(err, cmd.Wait()), said.String())
	}
	c.address = strings.TrimSpace(line)
	return c, nil
})

// env returns the environment of a page script.
func (c chromium) env() []string {
	return append(os.Environ(), "BROWSER_PACKAGES="+c.Packages, "BROWSER_PROGRAM="+c.Chromium)
}

const (
	password    = "string" // of all users of the demo
	today       = "2026-03-02"
	scriptLimit = 10 * time.Minute
)

// house is a server with a simulated institution on its business date today.
type house struct {
	env      []string
	folder   string // of the embedded database
	server   *program.Process
	services *stack.Stack // nil in the embedded default
}

// open starts a house that ends with the test.
func open(t *testing.T, database string) *house {
	t.Helper()
	port, release, err := stack.LeasePort()
	must(t, err)
	t.Cleanup(release)
	h := &house{folder: t.TempDir()}
	h.env = []string{"API_SECRET_KEY=a key of the browser tests and of nothing else", "SOFIPO_DATA=" + h.folder,
		fmt.Sprintf("SOFIPO_ADDR=127.0.0.1:%d", port), "SOFIPO_BUSINESS_DATE=" + today, "SOFIPO_TIME_ZONE=" + ground.Noon.String()}
	if database == ground.Postgres {
		h.services, err = stack.StartOwn(t.Context())
		must(t, err)
		t.Cleanup(func() { _ = h.services.Close() })
		h.env = append(h.env, h.services.Env()...)
	}
	h.serve(t)
	if h.services != nil {
		program.Start(t, h.env, "consume")
	}
	return h
}

// serve starts the server, again after it was killed. The first time it simulates the
// institution.
func (h *house) serve(t *testing.T) {
	t.Helper()
	h.server = program.Start(t, h.env, "demo")
	h.server.AwaitReady(t)
}

// login returns a client of the API for a user.
func (h *house) login(t *testing.T, user string) *program.Client {
	t.Helper()
	c := program.NewClient(h.server.URL)
	must(t, c.Login(t.Context(), user, password))
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// object is a JSON object.
type object = map[string]any

// message is what a page script says: that something is wrong, a note, or a request, which
// is answered with the value of a function.
type message struct {
	Wrong, Note, Ask string
}

// play runs a page script. Given is what the script gets besides the address and the
// password; answers are the functions that it may ask for, by name.
func (h *house) play(t *testing.T, script string, given object, answers map[string]func() any) {
	t.Helper()
	b, err := browser()
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), scriptLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.Node, "journeys/"+script+".mjs")
	cmd.Env = append(b.env(), "BROWSER_FAILURES="+t.ArtifactDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var said bytes.Buffer
	cmd.Stderr = &said
	input, err := cmd.StdinPipe()
	must(t, err)
	output, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	to, from := json.NewEncoder(input), json.NewDecoder(output)
	all := object{"base": h.server.URL, "password": password, "browser": b.address}
	for name, value := range given {
		all[name] = value
	}
	must(t, to.Encode(all))
	for {
		var m message
		if err := from.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Errorf("%s: %v", script, err)
			break
		}
		switch {
		case m.Wrong != "":
			t.Error(m.Wrong)
		case m.Note != "":
			t.Log(m.Note)
		default:
			must(t, to.Encode(answers[m.Ask]()))
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s: %v\n%s", script, err, said.String())
	}
}
