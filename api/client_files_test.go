package api_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sofipo/api"
	"sofipo/bank/clients"
	"sofipo/checks"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/infra/db"
	"sofipo/infra/files"
	"sofipo/test/ground"
)

const (
	filesURL = "/api/v1/clients/files"

	emma = `"kind":"person","given_names":"Emma","paternal_surname":"Gómez","maternal_surname":"Díaz","birth_date":"1956-12-31","birth_state":"JC","sex":"female",` +
		`"nationality":"MX","rfc":"GODE561231GR8","email":"familia@example.com","occupation":"comerciante","activity":"abarrotes","monthly_income":12500.50,` +
		`"phones":[{"kind":"mobile","number":"33 1234 5678"}],"pep":{"exposure":"none","declared_on":"2026-01-05"},"acts_for":"self",` +
		`"addresses":[{"kind":"home","street":"Juárez","exterior_number":"10","colonia":"Centro","municipality":"Guadalajara","state":"JC","postal_code":"44100"}],` +
		`"identifications":[{"kind":"passport","number":"G12345678","expires_on":"2099-01-01"}],"accounts":[{"clabe":"002180000118359710"}]`
)

// bothDoors runs a test on each database, with a folder for documents.
func bothDoors(t *testing.T, run func(t *testing.T, d *door, database *db.DB, store files.Folder)) {
	ground.Each(t, func(t *testing.T, database *db.DB) {
		store := files.Folder(filepath.Join(t.TempDir(), "files"))
		run(t, openOn(t, database, func(o *api.Options) { o.Files = store }), database, store)
	})
}

// TestAClientFile plays the life of a file over HTTP.
func TestAClientFile(t *testing.T) {
	bothDoors(t, func(t *testing.T, d *door, database *db.DB, store files.Folder) {
		made := d.want(201, d.post(filesURL, "{"+emma+"}"))
		id := made["client_id"].(string)
		file := "/api/v1/clients/" + id + "/file"

		if r := d.get("/api/v1/clients/GODE561231GR8"); r.status != 200 || !strings.Contains(r.body, `"full_name":"Emma Gómez Díaz","email":""`) {
			t.Errorf("on the seed's route: got %d %s, want the full name and no e-mail", r.status, r.body)
		}
		if got := missing(t, d.get(file, d.as(access.Officer)...)); got != "curp document_identification risk_grade document_proof_of_address consent_privacy_notice" {
			t.Errorf("got %s missing, want the CURP, the documents, the grade and the consent", got)
		}
		if r := d.get(file, d.as(access.Teller)...); r.status != 403 {
			t.Errorf("a teller: got %d, want 403", r.status)
		}
		if r := d.get(file); r.status != 401 {
			t.Errorf("without a token, although reads are public: got %d, want 401", r.status)
		}

		curp := suggested(t, d)
		d.want(200, d.send("PUT", file, `{"revision":1,`+emma+`,"curp":"`+curp+`"}`, officer(d)...))
		d.want(409, d.send("PUT", file, `{"revision":1,`+emma+`}`, officer(d)...))
		d.want(201, d.post(file+"/consents", `{"kind":"privacy_notice","notice_version":"2026-01","channel":"paper"}`))
		d.want(403, d.send("PUT", file+"/risk", `{"grade":"low","reason":"x"}`, officer(d)...))
		d.want(200, d.send("PUT", file+"/risk", `{"grade":"low","reason":"Ingresos comprobados"}`, append(d.as(access.Admin), "Content-Type", "application/json")...))
		d.want(201, d.send("POST", file+"/notes", `{"text":"Prefiere llamadas\npor la tarde"}`, officer(d)...))

		paper := d.want(201, d.send("POST", file+"/documents?kind=identification&name=INE", "%PDF-1.7 identification", append(d.as(access.Officer), "Content-Type", "application/pdf")...))
		if got := missing(t, d.get(file, officer(d)...)); got != "" {
			t.Errorf("got %s missing, want a complete file", got)
		}
		content := d.get(file+"/documents/"+paper["id"].(string), officer(d)...)
		if content.status != 200 || content.body != "%PDF-1.7 identification" || content.header.Get("Content-Type") != "application/pdf" {
			t.Errorf("got %d %s %q, want the document as it was sent", content.status, content.header.Get("Content-Type"), content.body)
		}

		changes := d.get(file+"/changes?limit=100", officer(d)...)
		for _, part := range []string{`"action":"change_client_file","fields":["curp"]`, `"action":"add_document","fields":["documents"]`, `"action":"add_note"`, `"changed_by":"officer"`} {
			if !strings.Contains(changes.body, part) {
				t.Errorf("got the history %s, want %s in it", changes.body, part)
			}
		}
		if r := d.get(file+"/changes?limit=1", officer(d)...); !strings.Contains(r.header.Get("Link"), "after=") {
			t.Errorf("got the Link header %q, want the next page", r.header.Get("Link"))
		}
		if r := d.send("DELETE", "/api/v1/clients/"+id, "", d.as(access.Admin)...); r.status != 409 || !strings.Contains(r.body, "client_has_documents") {
			t.Errorf("deleting: got %d %s, want 409 client_has_documents", r.status, r.body)
		}
		sound(t, database, store, "")
		secrets(t, database, "Emma", "GODE", curp, "3312345678", "Juárez", "familia@", "002180000118359710")

		path := filepath.Join(string(store), paper["sha256"].(string)[:2], paper["sha256"].(string))
		if err := os.WriteFile(path, []byte("%PDF-1.7 another content"), 0o600); err != nil {
			t.Fatal(err)
		}
		sound(t, database, store, "the documents of clients have their bytes")
		if r := d.get(file+"/documents/"+paper["id"].(string), officer(d)...); r.status != 500 || strings.Contains(r.body, "another") {
			t.Errorf("a changed document: got %d %s, want 500 without the content", r.status, r.body)
		}
	})
}

func officer(d *door) []string {
	return append(d.as(access.Officer), "Content-Type", "application/json")
}

// suggested returns the suggested CURP of Emma and checks the RFC.
func suggested(t *testing.T, d *door) string {
	t.Helper()
	s := d.want(200, d.post(filesURL+"/suggestions", `{"given_names":"Emma","paternal_surname":"Gómez","maternal_surname":"Díaz","birth_date":"1956-12-31","sex":"female","birth_state":"JC"}`))
	if s["rfc"] != "GODE561231GR8" || s["rfc_prefix"] != "GODE561231" || s["curp_prefix"] != "GODE561231MJCMZM" {
		t.Errorf("got %v, want GODE561231GR8 and a CURP that begins with GODE561231MJCMZM", s)
	}
	return s["curp"].(string)
}

// missing returns what a file lacks.
func missing(t *testing.T, r reply) string {
	t.Helper()
	var file struct{ Missing []string }
	if err := json.Unmarshal([]byte(r.body), &file); err != nil || r.status != 200 {
		t.Fatalf("got %d %s, want a file: %v", r.status, r.body, err)
	}
	return strings.Join(file.Missing, " ")
}

// sound fails unless exactly the named check fails, or none if it is empty.
func sound(t *testing.T, database *db.DB, store files.Store, failing string) {
	t.Helper()
	for _, c := range append(checks.Run(t.Context(), database, checks.Sample), checks.ClientDocuments(t.Context(), database, store, true)) {
		if (c.Err != nil) != (c.Name == failing) {
			t.Errorf("the check %q: got %v (%s), want the failing check %q", c.Name, c.Err, c.Found, failing)
		}
	}
}

// secrets fails if the journal, the history or an event of the file has one of the values.
func secrets(t *testing.T, database *db.DB, values ...string) {
	t.Helper()
	var rows []string
	batch := &db.Batch{}
	for _, query := range []string{"SELECT body FROM outbox", "SELECT action || ' ' || fields || ' ' || confirmed FROM client_changes", "SELECT actor || ' ' || action FROM journal WHERE actor IS NOT NULL"} {
		batch.Query(query, func(s db.Scanner) error {
			var row string
			err := s.Scan(&row)
			rows = append(rows, row)
			return err
		})
	}
	if err := database.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, row := range rows {
		if strings.Contains(row, `"event_type":"client_created"`) { // an event of the seed
			continue
		}
		seen++
		for _, value := range values {
			if strings.Contains(row, value) {
				t.Errorf("got %q in %s, want no personal data", value, row)
			}
		}
	}
	if seen < 10 {
		t.Errorf("got %d rows, want at least 10", seen)
	}
}

// TestWarningsAreConfirmed: each mismatch is refused by its name until someone confirms it.
func TestWarningsAreConfirmed(t *testing.T) {
	bothDoors(t, func(t *testing.T, d *door, database *db.DB, store files.Folder) {
		first := d.want(201, d.post(filesURL, "{"+emma+"}"))
		other := strings.NewReplacer("GODE561231GR8", "PEPJ8001019QA", `"sex":"female"`, `"sex":"male"`, "1956-12-31", "2020-12-31").Replace(emma) + `,"curp":"SABC560626MDFLRN01"`
		before := d.books()
		refused := d.want(409, d.post(filesURL, "{"+other+"}"))
		want := []string{"curp_name", "curp_birth_date", "curp_sex", "curp_state", "rfc_name", "rfc_birth_date", "under_age", "duplicate_email", "duplicate_phone", "duplicate_clabe"}
		if got := words(refused["warnings"]); refused["code"] != "needs_confirmation" || !slices.Equal(got, want) {
			t.Errorf("got %v with the warnings %v, want needs_confirmation with %v", refused["code"], got, want)
		}
		if body, _ := json.Marshal(refused["findings"]); !strings.Contains(string(body), first["client_id"].(string)) {
			t.Errorf("got the findings %s, want the id of the other client", body)
		}
		if after := d.books(); after != before {
			t.Errorf("got the books\n%s\nwant nothing stored\n%s", after, before)
		}
		partly := `,"confirmed":["` + strings.Join(want[1:], `","`) + `"]`
		if got := words(d.want(409, d.post(filesURL, "{"+other+partly+"}"))["warnings"]); !slices.Equal(got, want[:1]) {
			t.Errorf("got %v, want only %v", got, want[:1])
		}
		all := `,"confirmed":["` + strings.Join(want, `","`) + `"]`
		made := d.want(201, d.post(filesURL, "{"+other+all+"}"))
		stored, _ := json.Marshal(made["confirmations"])
		if !strings.Contains(string(stored), `"confirmed_by":"admin","warning":"curp_sex"`) {
			t.Errorf("got the confirmations %s, want who confirmed curp_sex", stored)
		}
		file := "/api/v1/clients/" + made["client_id"].(string) + "/file"
		put := func(revision, body string) reply {
			return d.send("PUT", file, `{"revision":`+revision+`,`+body+`}`, officer(d)...)
		}
		d.want(200, put("1", strings.ReplaceAll(other, "comerciante", "artesana"))) // confirmed before, and the same
		again := d.want(409, put("2", strings.ReplaceAll(other, "2020-12-31", "2020-12-30")))
		if got := words(again["warnings"]); !slices.Equal(got, []string{"curp_birth_date", "rfc_birth_date", "under_age"}) {
			t.Errorf("another date: got %v, want the warnings about it again", got)
		}
		sound(t, database, store, "")
	})
}

func words(list any) (all []string) {
	values, _ := list.([]any)
	for _, v := range values {
		all = append(all, v.(string))
	}
	return all
}

// TestFileRefusals: what a file cannot have is refused by the name of its field.
func TestFileRefusals(t *testing.T) {
	bothDoors(t, func(t *testing.T, d *door, _ *db.DB, _ files.Folder) {
		id := d.want(201, d.post(filesURL, `{"kind":"person","given_names":"Juan","paternal_surname":"Pérez"}`))["client_id"].(string)
		before := d.books()
		file := "/api/v1/clients/" + id + "/file"
		for _, c := range []struct{ method, path, body, says string }{
			{"POST", filesURL, "{" + emma + `,"curp":"GODE561331MJCMZM01"}`, `{"field":"curp","message":"CURP must have a valid date`},
			{"POST", filesURL, "{" + emma + `,"curp":"SABC560626MDFLRN02"}`, `"rule":"curp_digit"`},
			{"POST", filesURL, "{" + strings.ReplaceAll(emma, "2099-01-01", "2020-01-01") + "}", `{"field":"identifications.0.expires_on","message":"must be`},
			{"POST", filesURL, "{" + strings.ReplaceAll(emma, `,"expires_on":"2099-01-01"`, "") + "}", `"field":"identifications.0.expires_on"`},
			{"POST", filesURL, "{" + emma + `,"telefone":"1"}`, `"field":"telefone"`},
			{"POST", filesURL, "{" + strings.ReplaceAll(emma, "44100", "441") + "}", `"field":"addresses.0.postal_code"`},
			{"POST", filesURL, "{" + strings.ReplaceAll(emma, "33 1234 5678", "12345") + "}", `"field":"phones.0.number"`},
			{"POST", filesURL, "{" + strings.ReplaceAll(emma, "002180000118359710", "002180000118359711") + "}", `"rule":"clabe_digit"`},
			{"POST", filesURL, "{" + strings.ReplaceAll(emma, `"1956-12-31"`, `"2999-12-31"`) + "}", `"field":"birth_date"`},
			{"POST", filesURL, "{" + emma + `,"beneficiaries":[{"name":"Luis","relationship":"hijo","share":0.5}]}`, `"rule":"shares_all"`},
			{"POST", filesURL, "{" + emma + `,"legal_name":"X"}`, `{"field":"legal_name","message":"is a field of companies`},
			{"POST", filesURL, `{"kind":"company","legal_name":"Abarrotes","birth_date":"1980-01-01"}`, `"rule":"of_persons"`},
			{"POST", filesURL, `{"kind":"person"}`, `{"field":"given_names","message":"is required","rule":"missing"}`},
			{"POST", filesURL, `{"kind":"person","given_names":"Ana","paternal_surname":"Ruiz","rfc":"AER120615KJ4"}`, `"rule":"rfc_of_kind"`},
			{"POST", filesURL, "{" + emma + `,"confirmed":["x"]}`, `"field":"confirmed.0"`},
			{"PUT", file, `{"revision":1,"kind":"company","legal_name":"Abarrotes"}`, `"rule":"kind_stays"`},
			{"PUT", file, `{"kind":"person","given_names":"Juan","paternal_surname":"Pérez"}`, `"field":"revision"`},
			{"POST", file + "/phones", `{"kind":"mobile","number":"1"}`, `{"field":"number"`},
			{"POST", file + "/consents", `{"kind":"privacy_notice","notice_version":" ","channel":"paper"}`, `"field":"notice_version"`},
			{"PUT", file + "/risk", `{"grade":"low","reason":""}`, `"field":"reason"`},
			{"POST", file + "/documents?kind=curp&name=x", "%PDF-", `"rule":"file_media"`},
			{"POST", "/api/v1/clients/", `{"full_name":"B","email":"b@example.com","rfc":"BBBB800101HNE","curp":"x","address":"y"}`, `["body","curp"],"msg":"this operation does not have the field: use POST /api/v1/clients/files"`},
			{"PUT", "/api/v1/clients/" + id, `{"telefono":"1"}`, `use PUT /api/v1/clients/{client_id}/file`},
		} {
			r := d.send(c.method, c.path, c.body, append(d.as(access.Admin), "Content-Type", "application/json")...)
			if r.status != 422 || !strings.Contains(r.body, c.says) {
				t.Errorf("%s %s %.300s: got %d %s\nwant 422 with %s", c.method, c.path, c.body, r.status, r.body, c.says)
			}
		}
		named := d.send("PUT", "/api/v1/clients/"+id, `{"full_name":"Juan P."}`, officer(d)...)
		if named.status != 409 || !strings.Contains(named.body, `"code":"name_in_file"`) {
			t.Errorf("the name by the seed's route: got %d %s, want 409 name_in_file", named.status, named.body)
		}
		jpeg := d.send("POST", file+"/documents?kind=curp&name=x", "%PDF-", append(d.as(access.Officer), "Content-Type", "image/jpeg")...)
		if jpeg.status != 422 || !strings.Contains(jpeg.body, "content_matches") {
			t.Errorf("a PDF sent as JPEG: got %d %s, want 422 content_matches", jpeg.status, jpeg.body)
		}
		large := d.send("POST", file+"/documents?kind=curp&name=x", strings.Repeat("x", 10<<20+1), append(d.as(access.Officer), "Content-Type", "image/jpeg")...)
		if large.status != 413 || !strings.Contains(large.body, "10240 KiB") {
			t.Errorf("a large document: got %d %s, want 413", large.status, large.body)
		}
		if after := d.books(); after != before {
			t.Errorf("got the books\n%s\nwant them unchanged\n%s", after, before)
		}
	})
}

// TestTheSeedsClientGetsAFile: a client of the seed's route keeps its e-mail until the file
// changes it, and can be given a file, and be deleted with it.
func TestTheSeedsClientGetsAFile(t *testing.T) {
	bothDoors(t, func(t *testing.T, d *door, database *db.DB, store files.Folder) {
		id := d.want(201, d.post("/api/v1/clients/", `{"full_name":"Eva Luna","email":"Eva@example.com","rfc":"LUEV900101AB1"}`))["id"].(string)
		file := "/api/v1/clients/" + id + "/file"
		if r := d.get(file, officer(d)...); !strings.Contains(r.body, `"revision":0,"file":{"kind":"person","rfc":"LUEV900101AB1","email":"Eva@example.com"}`) {
			t.Errorf("got %s, want an empty file with the RFC and the e-mail", r.body)
		}
		d.want(201, d.send("POST", file+"/phones", `{"kind":"home","number":"+52 55 5555 0000"}`, officer(d)...))
		d.want(201, d.send("POST", file+"/addresses", `{"kind":"home","street":"Sol","exterior_number":"1","municipality":"León","state":"GT","postal_code":"37000"}`, officer(d)...))
		refused := d.send("POST", file+"/accounts", `{"clabe":"999180000118359713"}`, officer(d)...)
		if refused.status != 409 || !strings.Contains(refused.body, `"warnings":["clabe_bank"]`) {
			t.Errorf("an unknown bank: got %d %s, want 409 clabe_bank", refused.status, refused.body)
		}
		d.want(201, d.send("POST", file+"/accounts", `{"clabe":"999180000118359713","confirmed":["clabe_bank"]}`, officer(d)...))
		stated := `"kind":"person","given_names":"Eva","paternal_surname":"Luna","rfc":"LUEV900101AB1","confirmed":["rfc_name","rfc_check_digit"]`
		d.want(200, d.send("PUT", file, `{"revision":3,"email":"Eva@example.com",`+stated+`}`, officer(d)...))
		d.want(400, d.post("/api/v1/clients/", `{"full_name":"Otra","email":"Eva@example.com","rfc":"OTRA900101AB1"}`)) // still claimed
		d.want(200, d.send("PUT", file, `{"revision":4,"email":"nueva@example.com",`+stated+`}`, officer(d)...))
		if r := d.get("/api/v1/clients/LUEV900101AB1"); !strings.Contains(r.body, `"email":""`) {
			t.Errorf("got %s, want no e-mail on the seed's route", r.body)
		}
		d.want(201, d.post("/api/v1/clients/", `{"full_name":"Otra","email":"Eva@example.com","rfc":"OTRA900101AB1"}`)) // free again
		consent := d.want(201, d.send("POST", file+"/consents", `{"kind":"marketing","notice_version":"1","channel":"voice"}`, officer(d)...))["id"].(string)
		d.want(200, d.send("POST", file+"/consents/"+consent+"/withdrawal", "", officer(d)...))
		d.want(409, d.send("POST", file+"/consents/"+consent+"/withdrawal", "", officer(d)...))
		d.want(201, d.send("POST", file+"/notes", `{"text":"x"}`, officer(d)...))
		d.want(200, d.send("PUT", "/api/v1/clients/"+id, `{"email":"tercera@example.com"}`, officer(d)...))
		if r := d.get(file, officer(d)...); !strings.Contains(r.body, `"email":"tercera@example.com"`) {
			t.Errorf("got %s, want the e-mail of the seed's route", r.body)
		}
		sound(t, database, store, "")
		d.want(204, d.send("DELETE", "/api/v1/clients/"+id, "", d.as(access.Admin)...))
		sound(t, database, store, "")
		if r := d.get(file, officer(d)...); r.status != 404 {
			t.Errorf("after the deletion: got %d, want 404", r.status)
		}
	})
}

// TestViewingsOfClients: who reads a file, a document, the notes or a statement is recorded with
// the correlation id of the request; auditors list it, others may not.
func TestViewingsOfClients(t *testing.T) {
	database := ground.Open(t, ground.Config(t, ground.SQLite))
	viewings := clients.OpenViewings(database, slog.New(slog.DiscardHandler))
	d := openOn(t, database, func(o *api.Options) { o.Viewings, o.Files = viewings, files.Folder(t.TempDir()) })
	id := d.want(201, d.post(filesURL, "{"+emma+"}"))["client_id"].(string)
	file := "/api/v1/clients/" + id + "/file"
	paper := d.want(201, d.send("POST", file+"/documents?kind=identification&name=INE", "%PDF-1.7 identification", append(d.as(access.Officer), "Content-Type", "application/pdf")...))
	for _, path := range []string{file, file + "/notes", file + "/documents/" + paper["id"].(string), "/api/v1/loans/clients/" + id + "/account-statement.pdf"} {
		if r := d.get(path, append(d.as(access.Officer), "X-Request-ID", "seen-1")...); r.status != 200 {
			t.Errorf("%s: got %d %s, want 200", path, r.status, r.body)
		}
	}
	d.want(403, d.get(file, d.as(access.Teller)...))
	viewings.Close()
	r := d.get("/api/v1/audit/viewings?client_id="+id, d.as(access.Auditor)...)
	var seen []client.Viewing
	if err := json.Unmarshal([]byte(r.body), &seen); r.status != 200 || err != nil {
		t.Fatalf("got %d %s, want the viewings", r.status, r.body)
	}
	var got []string
	for _, v := range seen {
		got = append(got, v.Username+" "+string(v.What)+" "+v.CorrelationID)
	}
	if want := []string{"officer file seen-1", "officer notes seen-1", "officer document seen-1", "officer statement seen-1"}; !slices.Equal(got, want) {
		t.Errorf("got the viewings %q, want %q", got, want)
	}
	if r := d.get("/api/v1/audit/viewings?actor=officer&limit=1", d.as(access.Auditor)...); r.status != 200 || !strings.Contains(r.header.Get("Link"), "after=") {
		t.Errorf("by user: got %d %s, want the first of several pages", r.status, r.body)
	}
	d.want(403, d.get("/api/v1/audit/viewings", d.as(access.Officer)...))
}
