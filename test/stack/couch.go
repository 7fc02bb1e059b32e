package stack

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
)

const couchUser = "admin"

//go:embed couch/package.json couch/package-lock.json couch/server.js
var couchFiles embed.FS

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

// installCouch installs the server and its npm packages, once, in a folder of the user's
// cache named after their contents, and returns the folder.
func installCouch(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	base := filepath.Join(cache, "sofipo-test-stack")
	if err := os.MkdirAll(base, 0o755); err != nil {
		return "", err
	}
	unlock, err := lockFile(filepath.Join(base, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	fingerprint, files, err := readCouchFiles()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(base, "couch-"+fingerprint)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	partial := folder + ".partial"
	if err := fillCouchFolder(ctx, partial, files); err != nil {
		return "", err
	}
	return folder, os.Rename(partial, folder)
}

func fillCouchFolder(ctx context.Context, folder string, files map[string][]byte) error {
	if err := errors.Join(os.RemoveAll(folder), os.Mkdir(folder, 0o755)); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	_, err := run(ctx, cmd)
	return err
}

// readCouchFiles returns the embedded files and a fingerprint of all of them.
func readCouchFiles() (fingerprint string, files map[string][]byte, err error) {
	hash := sha256.New()
	files = map[string][]byte{}
	entries, err := couchFiles.ReadDir("couch")
	if err != nil {
		return "", nil, err
	}
	for _, entry := range entries {
		text, err := couchFiles.ReadFile("couch/" + entry.Name())
		if err != nil {
			return "", nil, err
		}
		files[entry.Name()] = text
		_, _ = hash.Write(slices.Concat([]byte(entry.Name()), []byte{0}, text, []byte{0}))
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], files, nil
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
