package upgrade

import (
	"strings"
	"testing"

	"sofipo/infra/db"
)

// TestStoredDataAreEncrypted: what the program before stored in clear is encrypted once.
func TestStoredDataAreEncrypted(t *testing.T) {
	eachBefore(t, func(t *testing.T, d *db.DB, _ Answers) {
		migrate(t, d)
		must(t, d.OpenKeys(t.Context()))
		moment := "0"
		if !d.Embedded() {
			moment = "now()"
		}
		change(t, d,
			"INSERT INTO client_files (client_id, kind, risk, revision, body, changed_by, changed_at) SELECT id, 'person', '', 1, '{\"file\":{\"kind\":\"person\",\"curp\":\"GODE561231MJCMZM01\"}}', 'ana', "+moment+" FROM clients",
			"INSERT INTO client_lookups (value, kind, client_id) SELECT 'GODE561231MJCMZM01', 'curp', id FROM clients")
		if _, err := d.CheckEncrypted(t.Context()); err == nil || !strings.Contains(err.Error(), "client_files.body") || !strings.Contains(err.Error(), "client_lookups.value") {
			t.Errorf("before: got %v, want an error that names the columns", err)
		}
		if n, err := d.EncryptStored(t.Context()); err != nil || n < 100 {
			t.Errorf("got %d values encrypted, %v, want those of all clients", n, err)
		}
		if n, err := d.EncryptStored(t.Context()); err != nil || n != 0 {
			t.Errorf("again: got %d values encrypted, %v, want none", n, err)
		}
		if n, err := d.CheckEncrypted(t.Context()); err != nil || n < 100 {
			t.Errorf("afterwards: got %d values, %v, want all encrypted", n, err)
		}
	})
}
