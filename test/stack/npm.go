package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
)

// npmInstall writes the files, which include package.json and package-lock.json, and installs
// the npm packages of the lock file beside them, once, in a folder of the user's cache named
// after their contents. It returns the folder.
func npmInstall(ctx context.Context, name string, files fs.FS) (string, error) {
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
	fingerprint, contents, err := readFiles(files)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(base, name+"-"+fingerprint)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	partial := folder + ".partial"
	if err := fillFolder(ctx, partial, contents); err != nil {
		return "", err
	}
	return folder, os.Rename(partial, folder)
}

func fillFolder(ctx context.Context, folder string, contents map[string][]byte) error {
	if err := errors.Join(os.RemoveAll(folder), os.Mkdir(folder, 0o755)); err != nil {
		return err
	}
	for name, text := range contents {
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

// readFiles returns the files and a fingerprint of all of them.
func readFiles(files fs.FS) (fingerprint string, contents map[string][]byte, err error) {
	hash := sha256.New()
	contents = map[string][]byte{}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return "", nil, err
	}
	for _, entry := range entries {
		text, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return "", nil, err
		}
		contents[entry.Name()] = text
		_, _ = hash.Write(slices.Concat([]byte(entry.Name()), []byte{0}, text, []byte{0}))
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], contents, nil
}
