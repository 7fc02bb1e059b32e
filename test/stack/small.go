package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// smallSettings keep a PostgreSQL small.
var smallSettings = []string{"min_wal_size=32MB", "max_wal_size=64MB", "shared_buffers=32MB"}

// StartSmall starts a PostgreSQL alone, whose data and log are on a file system of so many
// mebibytes. Root only, because it mounts the file system.
func StartSmall(ctx context.Context, mebibytes int) (*Stack, error) {
	return startHere(ctx, &Stack{disk: mebibytes, settings: smallSettings}, []Part{Postgres})
}

// mountDisk mounts the small file system, if there is one, in the folder of a server. It ends
// with the stack.
func (s *Stack) mountDisk(folder string) error {
	if s.disk == 0 {
		return nil
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm", s.disk)); err != nil {
		return fmt.Errorf("stack: mounting a small file system: %w", err)
	}
	return nil
}

// FillDisk fills the small file system; free empties it again.
func (s *Stack) FillDisk() (free func() error, err error) {
	path := filepath.Join(s.folder, "primary", "ballast")
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	free = func() error { return os.Remove(path) }
	_, err = io.Copy(file, endless{})
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return nil, errors.Join(fmt.Errorf("stack: the disk did not fill: %w", err), free())
	}
	return free, nil
}

// endless reads as zeros without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
