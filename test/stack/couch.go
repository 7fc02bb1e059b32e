package stack

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const couchUser = "admin"

//go:embed couch/package.json couch/package-lock.json couch/server.js
var couchFiles embed.FS

// installCouch installs the server and its npm packages and returns the folder.
func installCouch(ctx context.Context) (string, error) {
	files, err := fs.Sub(couchFiles, "couch")
	if err != nil {
		return "", err
	}
	return npmInstall(ctx, "couch", files)
}

// startCouch starts the CouchDB-protocol test server.
func (s *Stack) startCouch(ctx context.Context, _ bool) error {
	program, err := installCouch(ctx)
	if err != nil {
		return fmt.Errorf("stack: %s cannot be started: %w", Couch, err)
	}
	couch, err := s.newService("couchdb", syscall.SIGTERM)
	if err != nil {
		return err
	}
	data := filepath.Join(s.folder, "couchdb")
	if err := os.Mkdir(data, 0o700); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	couch.URL = fmt.Sprintf("http://%s:%s@%s", couchUser, s.secret, couch.Addr)
	couch.command = func() (*exec.Cmd, error) {
		cmd := ownCommand(data, "node", filepath.Join(program, "server.js"))
		cmd.Env = append(cmd.Env, "NODE_ENV=production", fmt.Sprintf("PORT=%d", couch.Port),
			"DATA="+data, "COUCHDB_USER="+couchUser, "COUCHDB_PASSWORD="+s.secret)
		return cmd, nil
	}
	couch.ready = func(ctx context.Context) error { return getOK(ctx, "http://"+couch.Addr+"/_up") }
	s.Couch = couch
	return couch.start(ctx)
}

func getOK(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := answer.Body.Close(); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return nil
}

func dial(ctx context.Context, addr string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return conn.Close()
}
