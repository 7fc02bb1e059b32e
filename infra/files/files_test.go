package files

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// stores returns a store of each kind, each with a function that changes the stored content.
func stores(t *testing.T) map[string]damaged {
	t.Helper()
	folder := Folder(filepath.Join(t.TempDir(), "files"))
	backend := s3mem.New()
	if err := backend.CreateBucket("documents"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	bucket, err := NewS3(S3Options{URL: server.URL + "/documents/clients", Key: "key", Secret: "secret", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]damaged{
		"folder": {folder, func(hash, content string) error { return os.WriteFile(folder.path(hash), []byte(content), 0o600) }},
		"bucket": {bucket, func(hash, content string) error {
			_, err := backend.PutObject("documents", bucket.name(hash), map[string]string{}, strings.NewReader(content), int64(len(content)), nil)
			return err
		}},
	}
}

type damaged struct {
	Keeper
	damage func(hash, content string) error
}

func TestStores(t *testing.T) {
	const hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // of hello
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			for _, missing := range []string{hash, "", "../../etc/passwd", strings.Repeat("z", 64)} {
				if _, err := s.Load(ctx, missing); !errors.Is(err, ErrMissing) {
					t.Errorf("load %q: got %v, want ErrMissing", missing, err)
				}
				if _, err := s.Size(ctx, missing); !errors.Is(err, ErrMissing) {
					t.Errorf("size of %q: got %v, want ErrMissing", missing, err)
				}
			}
			for range 2 {
				if got, err := s.Save(ctx, []byte("hello")); got != hash || err != nil {
					t.Errorf("save: got %s, %v, want %s", got, err, hash)
				}
			}
			if content, err := s.Load(ctx, hash); string(content) != "hello" || err != nil {
				t.Errorf("load: got %q, %v, want hello", content, err)
			}
			if size, err := s.Size(ctx, hash); size != 5 || err != nil {
				t.Errorf("size: got %d, %v, want 5", size, err)
			}
			if err := s.damage(hash, "HELLO"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Load(ctx, hash); !errors.Is(err, ErrDamaged) {
				t.Errorf("load of changed content: got %v, want ErrDamaged", err)
			}
			if err := s.damage(hash, "hell"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Save(ctx, []byte("hello")); err != nil {
				t.Errorf("save over shortened content: got %v, want no error", err)
			}
			if content, err := s.Load(ctx, hash); string(content) != "hello" || err != nil {
				t.Errorf("load after the repair: got %q, %v, want hello", content, err)
			}
		})
	}
}

// TestDelete: content that was saved, or saved again, after the time stays.
func TestDelete(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			hash, err := s.Save(ctx, []byte("hello"))
			if err != nil {
				t.Fatal(err)
			}
			// A bucket has the time in seconds.
			before := time.Now().Add(time.Second)
			time.Sleep(2 * time.Second)
			if _, err := s.Save(ctx, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if err := s.Delete(ctx, hash, before); !errors.Is(err, ErrRecent) {
				t.Errorf("saved again since: got %v, want ErrRecent", err)
			}
			if content, err := s.Load(ctx, hash); string(content) != "hello" || err != nil {
				t.Errorf("load: got %q, %v, want hello", content, err)
			}
			for range 2 { // the second time it is absent
				if err := s.Delete(ctx, hash, time.Now().Add(time.Minute)); err != nil {
					t.Errorf("delete: got %v, want no error", err)
				}
			}
			if _, err := s.Size(ctx, hash); !errors.Is(err, ErrMissing) {
				t.Errorf("after the deletion: got %v, want ErrMissing", err)
			}
		})
	}
}

// TestAFailedWriteLeavesNothing: a folder that cannot be written gives an error, and no part of a
// file stays.
func TestAFailedWriteLeavesNothing(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "files")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(blocked).Save(t.Context(), []byte("x")); err == nil {
		t.Error("got no error, want one")
	}
}

func TestNewS3(t *testing.T) {
	for _, bad := range []string{"", "host/bucket", "ftp://host/bucket", "https://host", "https://host/", "https://ho st/b"} {
		if _, err := NewS3(S3Options{URL: bad}); err == nil {
			t.Errorf("%q: got no error, want one", bad)
		}
	}
	away, err := NewS3(S3Options{URL: "http://127.0.0.1:1/bucket", Key: "k", Secret: "s", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := away.Save(ctx, []byte("x")); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("a store that does not answer: got %v, want an error that is not ErrMissing", err)
	}
}
