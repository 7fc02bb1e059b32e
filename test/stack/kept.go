package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// StartKept starts the PostgreSQL whose data are in a folder, with additional settings. The first
// time it creates the folder. Close stops the server and leaves the folder, so that data that take
// long to make can be used again.
func StartKept(ctx context.Context, folder string, settings ...string) (*Stack, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	return startHere(ctx, &Stack{kept: folder, settings: settings}, []Part{Postgres})
}

// secretFile is in a kept folder from the time when its PostgreSQL is complete. It has the
// password of the accounts.
const secretFile = "secret"

// isKept reports whether the folder is from an earlier Stack.
func (s *Stack) isKept() bool {
	if s.kept == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(s.kept, secretFile))
	return err == nil
}

// keep marks a new folder as complete.
func (s *Stack) keep() error {
	if s.kept == "" {
		return nil
	}
	return s.writeForPostgres(filepath.Join(s.kept, secretFile), s.secret)
}

// chooseSecret sets the password of the accounts.
func (s *Stack) chooseSecret() error {
	s.secret = rand.Text()
	if !s.isKept() {
		return nil
	}
	secret, err := os.ReadFile(filepath.Join(s.kept, secretFile))
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	s.secret = string(secret)
	return nil
}

// Named returns the URL of the database with a name on the primary. If there is none, fill
// fills an empty database, which then gets the name.
func (s *Stack) Named(ctx context.Context, name string, fill func(url string) error) (url string, err error) {
	var found bool
	if err := queryRow(ctx, s.cluster.Admin, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = '"+name+"')", &found); err != nil {
		return "", err
	}
	url = strings.Replace(s.Primary.URL, "/"+firstDatabase+"?", "/"+name+"?", 1)
	if found {
		return url, nil
	}
	empty, _, err := s.Database(ctx, name)
	if err != nil {
		return "", err
	}
	config, err := pgx.ParseConfig(empty)
	if err != nil {
		return "", fmt.Errorf("stack: %w", err)
	}
	if err := fill(empty); err != nil {
		return "", errors.Join(err, query(context.WithoutCancel(ctx), s.cluster.Admin, "DROP DATABASE "+config.Database+" WITH (FORCE)"))
	}
	return url, query(ctx, s.cluster.Admin, "ALTER DATABASE "+config.Database+" RENAME TO "+name)
}
