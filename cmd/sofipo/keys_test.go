package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sofipo/infra/db"
)

// TestKeys: the embedded database gets a key that only its user reads; the data key rotates; with
// another key, or if the key is lost, no command opens the database, and no new key is made.
func TestKeys(t *testing.T) {
	withoutServices(t)
	folder := t.TempDir()
	t.Setenv("SOFIPO_DATA", folder)
	for _, command := range []string{"migrate", "keys rotate"} {
		if status, _, told := sofipo(t, command); status != 0 {
			t.Fatalf("%s: got exit code %d, %s, want 0", command, status, told)
		}
	}
	path := filepath.Join(folder, "data.key")
	checkBackupOfKey(t, folder)
	file, err := os.Stat(path)
	if err != nil || file.Mode().Perm() != 0o600 {
		t.Fatalf("got %v, %v, want a key with mode 0600", file, err)
	}
	checkFirstKey(t, folder)
	other := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	t.Setenv("SOFIPO_DATA_KEY", other)
	if status, _, told := sofipo(t, "migrate"); status != 1 || !strings.Contains(told, "SOFIPO_DATA_KEY: the key is not the one") {
		t.Errorf("another key: got exit code %d, %q, want 1 and that it is not the one", status, told)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFIPO_DATA_KEY_OLD", strings.TrimSpace(string(old)))
	if status, _, told := sofipo(t, "migrate"); status != 0 {
		t.Errorf("another key with the old one: got exit code %d, %q, want 0", status, told)
	}
	t.Setenv("SOFIPO_DATA_KEY_OLD", "")
	t.Setenv("SOFIPO_DATA_KEY", "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if status, _, told := sofipo(t, "migrate"); status != 1 || !strings.Contains(told, "data.key is missing") {
		t.Errorf("a lost key: got exit code %d, %q, want 1 and that the key is missing", status, told)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a lost key: got %v, want no new key", err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for variables, want := range map[string]string{
		"SOFIPO_DATA_KEY_FILE=" + empty:                               "SOFIPO_DATA_KEY_FILE must be",
		"SOFIPO_DATA_KEY=short":                                       "SOFIPO_DATA_KEY must be 32 random bytes in base64",
		"SOFIPO_DATA_KEY_OLD=short":                                   "SOFIPO_DATA_KEY_OLD must be",
		"SOFIPO_DATA_KEY=" + other + " SOFIPO_DATA_KEY_FILE=/missing": "not both",
	} {
		t.Run("", func(t *testing.T) {
			for _, variable := range strings.Fields(variables) {
				name, value, _ := strings.Cut(variable, "=")
				t.Setenv(name, value)
			}
			if status, _, told := sofipo(t, "migrate"); status != 2 || !strings.Contains(told, want) {
				t.Errorf("%s: got exit code %d, %q, want 2 and %q", variables, status, told, want)
			}
		})
	}
	t.Setenv("SOFIPO_PROFILE", productionProfile)
	t.Setenv("API_SECRET_KEY", strings.Repeat("k3yOf8ch", 4))
	t.Setenv("DATABASE_URL", "postgres://u:x@127.0.0.1:1/x")
	if status, _, told := sofipo(t, "migrate"); status != 2 || !strings.Contains(told, "requires a SOFIPO_DATA_KEY") {
		t.Errorf("production without a key: got exit code %d, %q, want 2 and the setting", status, told)
	}
}

// checkFirstKey: a node that does not migrate refuses a key with which nothing was encrypted yet, and
// migrate encrypts.
func checkFirstKey(t *testing.T, folder string) {
	t.Helper()
	database, err := db.Open(db.Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	s, change := database.Session(), &db.Batch{}
	change.Exec("UPDATE data_keys SET complete = FALSE")
	if err = s.Begin(t.Context(), &db.Batch{}); err == nil {
		_, err = s.Commit(t.Context(), change)
	}
	s.Close()
	database.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFIPO_MIGRATE", "off")
	if status, _, told := sofipo(t, "keys rotate"); status != 1 || !strings.Contains(told, "stop all servers and run sofipo migrate") {
		t.Errorf("a first key: got exit code %d, %q, want 1 and to migrate", status, told)
	}
	for _, command := range []string{"migrate", "keys rotate"} {
		if status, _, told := sofipo(t, command); status != 0 {
			t.Errorf("%s: got exit code %d, %q, want 0", command, status, told)
		}
	}
	t.Setenv("SOFIPO_MIGRATE", "auto")
}

// checkBackupOfKey: a backup has the key of the data folder, and a restore puts it back.
func checkBackupOfKey(t *testing.T, folder string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join(folder, "data.key"))
	if err != nil {
		t.Fatal(err)
	}
	shelf, restored := filepath.Join(t.TempDir(), "backup"), t.TempDir()
	if status, _, told := sofipo(t, "backup "+shelf); status != 0 {
		t.Fatalf("backup: got exit code %d, %s, want 0", status, told)
	}
	t.Setenv("SOFIPO_DATA", restored)
	if status, _, told := sofipo(t, "restore "+shelf); status != 0 {
		t.Errorf("restore: got exit code %d, %s, want 0", status, told)
	}
	if got, err := os.ReadFile(filepath.Join(restored, "data.key")); string(got) != string(want) || err != nil {
		t.Errorf("restore: got the key %q, %v, want %q", got, err, want)
	}
	t.Setenv("SOFIPO_DATA", folder)
}
