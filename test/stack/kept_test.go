package stack_test

import (
	"os"
	"path/filepath"
	"testing"

	"sofipo/test/stack"
)

// TestKept fills a database once: a second stack on the same folder finds it.
func TestKept(t *testing.T) {
	home, err := os.MkdirTemp("", "sofipo-kept-") // PostgreSQL has another user, who cannot read t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	if err := os.Chmod(home, 0o755); err != nil {
		t.Fatal(err)
	}
	fills := 0
	for range 2 {
		s, err := stack.StartKept(t.Context(), filepath.Join(home, "postgres"), "work_mem=5MB")
		if err != nil {
			t.Fatal(err)
		}
		url, err := s.Named(t.Context(), "kept", func(string) error { fills++; return nil })
		if err == nil {
			err = stack.Vacuum(t.Context(), url)
		}
		if closeErr := s.Close(); err != nil || closeErr != nil {
			t.Fatalf("got %v, %v, want a database", err, closeErr)
		}
	}
	if fills != 1 {
		t.Errorf("got %d fills, want 1", fills)
	}
}
