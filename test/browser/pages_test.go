package browser

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/program"
)

var pictures = flag.String("pictures", "", "folder into which TestPages writes a picture of every screen")

// mostBytes limits the first visit of a page: with all that it loads, as it is transferred.
const mostBytes = 100_000

// staff are a user of each role.
var staff = []string{"admin", "direccion", "gerente.oaxaca", "oficial.oaxaca", "caja.oaxaca", "cobranza.oaxaca", "contador", "cumplimiento", "auditoria", "sistemas"}

// TestPages visits every page of each role in Spanish and English.
func TestPages(t *testing.T) {
	t.Parallel()
	h := open(t, ground.SQLite)
	english, spanish := phrases(t)
	folder := ""
	if *pictures == "" {
		h.beHostile(t)
	} else {
		if folder = *pictures; !filepath.IsAbs(folder) {
			folder = filepath.Join(program.Root(), folder)
		}
		must(t, os.MkdirAll(folder, 0o755))
	}
	before := h.rows(t)
	t.Run("es", func(t *testing.T) {
		h.play(t, "pages", object{"users": staff, "lang": "es-MX", "foreign": english, "most": mostBytes, "pictures": folder}, nil)
	})
	if *pictures != "" {
		return
	}
	if after := h.rows(t); after != before {
		t.Errorf("the visit of all pages by GET changed the rows of tables: got\n%swant\n%s", after, before)
	}
	t.Run("en", func(t *testing.T) {
		h.play(t, "english", nil, nil)
		h.play(t, "pages", object{"users": staff[:1], "lang": "en", "foreign": spanish, "most": mostBytes}, nil)
	})
}

// rows lists the tables with their numbers of rows, and the chained events, without what signing
// in and the record of exports write.
func (h *house) rows(t *testing.T) string {
	t.Helper()
	d, err := db.Open(db.Config{Folder: h.folder})
	must(t, err)
	defer d.Close()
	var tables []string
	batch := &db.Batch{}
	batch.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ('sessions', 'journal', 'journal_seals', 'client_viewings', 'exports', 'outbox', 'relayed') ORDER BY 1", func(s db.Scanner) error {
		var name string
		err := s.Scan(&name)
		tables = append(tables, name)
		return err
	})
	must(t, d.ReadPrimary(t.Context(), batch))
	var out strings.Builder
	for _, name := range tables {
		fmt.Fprintf(&out, "%s %d\n", name, office.Count(t, d, `SELECT count(*) FROM "`+name+`"`))
	}
	fmt.Fprintf(&out, "journal %d\n", office.Count(t, d, "SELECT count(*) FROM journal WHERE action IS NULL OR action NOT IN ('open_session', 'export_data')"))
	return out.String()
}

// hostile are names that would be markup, script or an end of an attribute.
var hostile = []string{`<script>window.hacked=1</script>`, `"><img src=x onerror=window.hacked=1>`, `</textarea></title><b id=hacked>`, "'-window.hacked-'\u202e\u0000\u200b", `javascript:window.hacked=1`}

// beHostile gives things of the institution hostile names.
func (h *house) beHostile(t *testing.T) {
	t.Helper()
	admin := h.login(t, "admin")
	send := func(method, path string, body object) program.Answer {
		t.Helper()
		answer, err := admin.Send(t.Context(), method, "/api/v1"+path, body)
		must(t, err)
		if answer.Status >= 500 {
			t.Errorf("%s %s: got %d %s, want no failure", method, path, answer.Status, answer.Body)
		}
		return answer
	}
	for i, name := range hostile {
		send("POST", "/branches", object{"code": fmt.Sprint("9", i), "name": name, "address": name})
		send("POST", "/users", object{"username": fmt.Sprint("malo", i), "password": "una frase larga y propia", "full_name": name})
		send("POST", "/products/", object{"code": fmt.Sprint("malo", i), "name": name})
		send("POST", "/tills", object{"code": fmt.Sprint("m", i), "name": name})
		made := send("POST", "/clients/files", object{"kind": "person", "given_names": name, "paternal_surname": name, "birth_date": "1980-02-11"})
		client := made.Field("client_id")
		if client == "" {
			continue
		}
		send("POST", "/clients/"+client+"/notes", object{"text": name})
		paper, err := admin.SendBytes(t.Context(), "POST", "/api/v1/clients/"+client+"/file/documents?kind=other&name="+url.QueryEscape(name), "application/pdf", []byte("%PDF-1.7 INE"))
		must(t, err)
		if paper.Status >= 500 {
			t.Errorf("document: got %d %s, want no failure", paper.Status, paper.Body)
		}
		loan := send("POST", "/loans/", object{"client_id": client, "amount": 5000, "interest_rate": 0.36, "term_months": 12}).Field("id")
		send("POST", "/loans/"+loan+"/payments", object{"amount": 100, "reference": name})
		send("POST", "/loans/"+loan+"/contacts", object{"kind": "call", "result": "promise", "note": name})
	}
}

// names are phrases that are names of things in the data: a till, a bank account and a state of
// the country.
var names = []string{"Bóveda", "Cuenta principal", "México"}

// phrases returns the texts of the console that are of one language only, from its source.
func phrases(t *testing.T) (english, spanish []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(program.Root(), "console", "*.go"))
	must(t, err)
	pairs, translations := map[string]string{}, map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			list, is := n.(*ast.CompositeLit)
			if !is {
				return true
			}
			if kind, is := list.Type.(*ast.Ident); !is || kind.Name != "phrases" {
				return true
			}
			for _, e := range list.Elts {
				pair := e.(*ast.KeyValueExpr)
				en, _ := strconv.Unquote(pair.Key.(*ast.BasicLit).Value)
				es, _ := strconv.Unquote(pair.Value.(*ast.BasicLit).Value)
				pairs[en], translations[es] = es, true
			}
			return false
		})
	}
	if len(pairs) < 100 {
		t.Fatalf("got %d phrases of the console, want at least 100", len(pairs))
	}
	for en, es := range pairs {
		if !translations[en] {
			english = append(english, en)
		}
		if _, both := pairs[es]; !both && !slices.Contains(names, es) {
			spanish = append(spanish, es)
		}
	}
	return english, spanish
}
