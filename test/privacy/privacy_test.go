// Package privacy runs the real program with planted personal data and looks for them in
// everything that it writes.
package privacy

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sofipo/test/program"
)

// The planted data. Names, RFCs and e-mail addresses are in the columns by which lists sort, and
// in the events of the seed; the other data are nowhere in clear.
var (
	known  = []string{"Xiomara", "Tepalcatzin", "TEXX900315", "xiomara.tepalcatzin"}
	secret = []string{"TEXX900315MJCPCM", "3387654321", "Privada del Colibrí", "002180000118359710", "E55512345", "recado con su tía Herminia", "nota confidencial"}
)

// run is a running server with its administrator.
type run struct {
	*testing.T
	env    []string
	folder string
	server *program.Process
	api    *program.Client
	bodies map[string]string // answers that must have no personal data, by request
}

func start(t *testing.T, env ...string) *run {
	r := &run{T: t, folder: t.TempDir(), bodies: map[string]string{}}
	r.env = append([]string{"SOFIPO_PROFILE=demo", "SOFIPO_LOG_LEVEL=debug", "SOFIPO_DATA=" + r.folder, "API_SECRET_KEY=" + strings.Repeat("k3yOf8ch", 4)}, env...)
	r.server = program.Serve(t, r.env...)
	r.api = program.NewClient(r.server.URL)
	if err := r.api.Login(t.Context(), "admin", "string"); err != nil {
		t.Fatal(err)
	}
	return r
}

// send sends a request that must get a status. An answer that is an error must have no data.
func (r *run) send(status int, method, path string, body any, headers ...string) program.Answer {
	r.Helper()
	got, err := r.api.Send(r.Context(), method, path, body, headers...)
	if err != nil || got.Status != status {
		r.Fatalf("%s %s: got %d %.300s, %v, want %d", method, path, got.Status, got.Body, err, status)
	}
	if status >= 400 {
		r.bodies[fmt.Sprintf("%s %s (%d)", method, path, status)] = string(got.Body)
	}
	return got
}

// file is the body that registers the planted person.
func file(changes map[string]any) map[string]any {
	f := map[string]any{
		"kind": "person", "given_names": "Xiomara", "paternal_surname": "Tepalcatzin", "maternal_surname": "Xicoténcatl", "birth_date": "1990-03-15", "birth_state": "JC", "sex": "female",
		"rfc": "TEXX900315HNE", "email": "xiomara.tepalcatzin@example.com", "nationality": "MX",
		"phones":          []any{map[string]any{"kind": "mobile", "number": "3387654321"}},
		"addresses":       []any{map[string]any{"kind": "home", "street": "Privada del Colibrí", "exterior_number": "7", "municipality": "Guadalajara", "state": "JC", "postal_code": "44100", "country": "MX"}},
		"identifications": []any{map[string]any{"kind": "passport", "number": "E55512345", "expires_on": "2099-01-01"}},
		"accounts":        []any{map[string]any{"clabe": "002180000118359710"}},
	}
	for name, value := range changes {
		f[name] = value
	}
	return f
}

// live uses the program with the planted data as a day does: registration, changes, errors,
// duplicates, search, a loan, payments, exports.
func (r *run) live() (clientID string) {
	r.Helper()
	suggested := r.send(200, "POST", "/api/v1/clients/files/suggestions", map[string]any{"given_names": "Xiomara", "paternal_surname": "Tepalcatzin", "maternal_surname": "Xicoténcatl", "birth_date": "1990-03-15", "sex": "female", "birth_state": "JC"})
	curp := suggested.Field("curp")
	if !strings.HasPrefix(curp, secret[0]) {
		r.Fatalf("got the CURP %s, want one that begins with %s", curp, secret[0])
	}
	whole := file(map[string]any{"curp": curp, "confirmed": []string{"rfc_check_digit", "rfc_name"}})
	r.send(422, "POST", "/api/v1/clients/files", file(map[string]any{"curp": curp[:17], "phones": []any{map[string]any{"kind": "mobile", "number": "33876543210000000001"}}}))
	r.send(422, "POST", "/api/v1/clients/files", file(map[string]any{"curp": curp, "accounts": []any{map[string]any{"clabe": "002180000118359711"}}}))
	r.send(422, "POST", "/api/v1/clients/files", file(map[string]any{"curp": curp, "telefono": "3387654321"}))
	made := r.send(201, "POST", "/api/v1/clients/files", whole, "Idempotency-Key", "registration")
	r.send(201, "POST", "/api/v1/clients/files", whole, "Idempotency-Key", "registration")
	clientID = made.Field("client_id")
	path := "/api/v1/clients/" + clientID
	r.send(409, "POST", "/api/v1/clients/files", file(map[string]any{"curp": curp, "rfc": "TEXX900316HNE", "email": ""}))
	r.send(400, "POST", "/api/v1/clients/", map[string]any{"full_name": "Xiomara Tepalcatzin", "email": "another@example.com", "rfc": "TEXX900315HNE"})
	r.send(422, "POST", "/api/v1/clients/", map[string]any{"full_name": "Xiomara Tepalcatzin", "email": "xiomara.tepalcatzin@", "rfc": "TEXX900315"})
	r.send(201, "POST", path+"/file/notes", map[string]any{"text": "nota confidencial"})
	changed := file(map[string]any{"curp": curp, "occupation": "comerciante", "revision": 1, "confirmed": []string{"rfc_check_digit", "rfc_name"}})
	r.send(200, "PUT", path+"/file", changed)
	r.send(409, "PUT", path+"/file", changed)
	for _, text := range []string{curp, "3387654321", "002180000118359710", "Tepalcatzin", "TEXX900315HNE"} {
		found := r.send(200, "GET", "/api/v1/search?q="+strings.ReplaceAll(text, " ", "%20"), nil)
		if !bytes.Contains(found.Body, []byte(clientID)) {
			r.Errorf("searching %q: got %s, want the client", text, found.Body)
		}
	}
	r.send(404, "GET", "/api/v1/clients/TEXX900315HN9", nil)
	r.send(422, "GET", "/api/v1/clients/?rfc=TEXX900315HNE&q=3387654321", nil)
	loan, err := r.api.Grant(r.Context(), clientID, "1000.00")
	if err != nil {
		r.Fatal(err)
	}
	for i := range 3 {
		if paid, err := r.api.Pay(r.Context(), loan, "60.00", fmt.Sprint("pay", i)); err != nil || paid.Status != 201 {
			r.Fatalf("payment: got %d %s, %v, want 201", paid.Status, paid.Body, err)
		}
	}
	r.send(201, "POST", "/api/v1/loans/"+loan+"/collection-notes", map[string]any{"note": "recado con su tía Herminia"})
	r.send(409, "POST", path+"/personal-data/block", map[string]any{"reason": "x"})
	if export := r.send(200, "POST", path+"/personal-data/export", nil); !bytes.HasPrefix(export.Body, []byte("PK")) {
		r.Errorf("export: got %.20q, want a ZIP file", export.Body)
	}
	for _, path := range []string{"/file", "/file/notes"} {
		r.send(200, "GET", "/api/v1/clients/"+clientID+path, nil)
	}
	r.send(200, "GET", "/api/v1/loans/clients/"+clientID+"/account-statement", nil)
	r.send(404, "GET", "/api/v1/reports/portfolio", nil) // no day is closed
	r.bodies["/metrics"] = string(r.send(200, "GET", "/metrics", nil).Body)
	r.bodies["audit"] = string(r.send(200, "GET", "/api/v1/audit?limit=100", nil).Body)
	r.bodies["viewings"] = string(r.send(200, "GET", "/api/v1/audit/viewings", nil).Body)
	r.bodies["readyz"] = string(r.send(200, "GET", "/readyz", nil).Body)
	return clientID
}

// has lists the texts that occur in a text, in any case.
func has(text string, texts ...string) (found []string) {
	lower := strings.ToLower(text)
	for _, t := range texts {
		if strings.Contains(lower, strings.ToLower(t)) {
			found = append(found, t)
		}
	}
	return found
}

// nothing fails if a text has personal data.
func (r *run) nothing(where, text string, texts ...string) {
	r.Helper()
	if found := has(text, texts...); found != nil {
		r.Errorf("%s: got %q, want no personal data", where, found)
	}
}

// files checks the files of the data folder, with the write-ahead logs of the databases.
func (r *run) files(texts func(name string) []string) {
	r.Helper()
	seen := 0
	err := fs.WalkDir(os.DirFS(r.folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(r.folder, path))
		seen++
		r.nothing(path, string(content), texts(path)...)
		return err
	})
	if err != nil || seen < 4 {
		r.Errorf("got %d files, %v, want the databases and the keys", seen, err)
	}
}

// TestNoPersonalDataLeak: planted data are in no log, metric, error, audit or event but those of the
// seed, and not in clear in the database files.
func TestNoPersonalDataLeak(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.live()
	everything := append(append([]string{}, known...), secret...)
	for name, body := range r.bodies {
		r.nothing(name, body, everything...)
	}
	r.files(func(string) []string { return secret })
	if code := r.server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	r.nothing("the log", r.server.Log(), everything...)
	r.files(func(string) []string { return secret })
	doctor := program.Run(t, r.env, "", "doctor", "--verify")
	if doctor.Code != 0 {
		t.Errorf("doctor: got %s, want exit code 0", doctor)
	}
	r.nothing("the doctor", doctor.Stdout+doctor.Stderr, everything...)
}

// TestEncryptedEvents: with SOFIPO_EVENT_PRIVACY=encrypted no event has the planted data, and the
// chain verifies.
func TestEncryptedEvents(t *testing.T) {
	t.Parallel()
	r := start(t, "SOFIPO_EVENT_PRIVACY=encrypted")
	r.live()
	if code := r.server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	everything := append(append([]string{}, known...), secret...)
	r.files(func(name string) []string {
		if strings.HasPrefix(name, "events.db") {
			return everything
		}
		return secret
	})
	if doctor := program.Run(t, r.env, "", "doctor", "--verify"); doctor.Code != 0 {
		t.Errorf("doctor: got %s, want exit code 0", doctor)
	}
}
