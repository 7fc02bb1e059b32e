package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// english gives a user the pages in English.
func (w *browser) english(name string) {
	w.Helper()
	w.signIn(name)
	w.post("/console/account", 200, "language", "en", "keys", "on", "form_key", "english")
	*w.now = w.now.Add(10 * time.Second) // users are remembered for five
}

// key returns the key of the form on a page.
func key(page string) string { return hiddenKey.FindStringSubmatch(page)[1] }

// TestManualEntry: an entry is proposed once, posted by somebody else, and found in the journal,
// the ledger and the trial balance.
func TestManualEntry(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.hire("accountant", "luis")
		w.signIn("ana")
		const path = "/console/books/entries/new"
		page := w.get(path+"?lines.0.account=1102&lines.0.debit=1%2C500.50&lines.1.account=4101&lines.1.credit=1000", 200)
		w.has(page, "Nueva póliza", "Faltan $500.50 en abonos", `value="1102" selected`)
		if strings.Contains(page, ">1301 ") {
			t.Error("got the control account 1301 as a choice, want none")
		}
		form := []string{"entry_date", "30/11/2026", "description", `<script>alert(1)</script> "ñ"`, "lines.0.account", "1102", "lines.0.debit", "1,500.50", "lines.2.account", "4101", "form_key", key(page)}
		w.has(w.post(path, 422, append(form, "lines.2.credit", "1000")...), "La póliza no cuadra", "1,500.50")
		w.has(w.post(path, 422, append(form, "lines.2.credit", "mil")...), "Escriba un importe")
		w.has(w.post(path, 422, append(form, "lines.2.credit", "1500.50", "lines.3.account", "4101")...), "Escriba un cargo o un abono", `href="#in-lines-3-debit"`)
		w.has(w.post(path, 422, "entry_date", "31/12/2026", "description", "x", "lines.0.account", "1102", "lines.0.debit", "1", "lines.1.account", "4101", "lines.1.credit", "1", "form_key", "later"), `aria-describedby="in-entry_date-e"`)
		form = append(form, "lines.2.credit", "1500.50")
		w.has(w.post(path, 200, form...), "Se propuso la póliza", "Usted la propuso", "&lt;script&gt;")
		w.post(path, 200, form...)
		if n := office.Count(t, d, "SELECT count(*) FROM manual_entries"); n != 1 {
			t.Fatalf("got %d entries for the same form twice, want 1", n)
		}
		address := regexp.MustCompile(`/console/books/entries/manual/[0-9a-f-]+`).FindString(w.get("/console/books/entries", 200))
		w.has(w.post(address, 403, "decision", "post", "form_key", "own"), "otra persona")
		w.post(address, 404, "decision", "perhaps", "form_key", "perhaps")
		w.forget()
		w.signIn("luis")
		w.has(w.get(address, 200), "Contabilizar $1,500.50")
		w.has(w.post(address, 200, "decision", "post", "form_key", "decide"), "Se contabilizó la póliza", "Contabilizada")
		w.has(w.post(address, 409, "decision", "reject", "form_key", "again"), "La póliza ya fue")
		journal := w.get("/console/books/journal", 200)
		w.has(journal, "Póliza manual", "Bancos y liquidación SPEI", "1,500.50")
		entry := regexp.MustCompile(`/console/books/entries/[0-9a-f-]{36}`).FindString(journal)
		w.has(w.get(entry, 200), "Póliza: Póliza manual", "&lt;script&gt;", "ana", "luis", address)
		w.has(w.get("/console/books/ledger?account=1102", 200), "Mayor de 1102", entry, "$1,500.50")
		w.has(w.get("/console/books/trial-balance", 200), "Cuadra", "Capital social", "1,500.50")
		w.has(w.get("/console/books/trial-balance?cnbv=1", 200), "410000000000")
		if table := w.get("/console/books/ledger.csv?account=1102", 200); !strings.HasPrefix(table, "\ufefffecha,") || !strings.Contains(table, "1500.50") {
			t.Errorf("got the table %q, want a CSV with the byte order mark", table)
		}
		if table := w.get("/console/books/trial-balance.xlsx", 200); !strings.HasPrefix(table, "PK") {
			t.Error("got something else, want an XLSX file")
		}
		w.forget()
		w.signIn("ana")
		w.has(w.get("/console/operations/audit?what=export_data", 200), "Exportación de datos", ".csv · account=1102 · ", ".xlsx")
		office.Sound(t, d)
	})
}

// TestBooksAreRefused: who may not read the books gets none of their pages, and bad input is
// explained.
func TestBooksAreRefused(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.hire("accountant", "luis")
	w.signIn("tomas")
	for _, path := range []string{"books/journal", "books/ledger", "books/ledger.csv?account=1102", "books/trial-balance", "books/entries", "books/entries/new", "books/periods", "days", "days/2026-11-30", "portfolio", "portfolio.xlsx"} {
		w.has(w.get("/console/"+path, 403), "permiso")
	}
	w.post("/console/days/2026-11-30", 403, "form_key", "k")
	w.post("/console/books/periods", 403, "month", "2026-10", "form_key", "k")
	w.forget()
	w.signIn("luis")
	w.has(w.get("/console/books/journal?from=ayer", 200), "is-wrong")
	w.has(w.get("/console/books/journal?from=30/11/2026&to=01/11/2026", 200), "is-wrong")
	w.get("/console/books/journal?after=x", 422)
	w.get("/console/books/ledger?account=9999", 404)
	w.get("/console/books/entries/x", 404)
	w.get("/console/books/entries/manual/x", 404)
	w.get("/console/books/ledger.pdf?account=1102", 404)
	w.post("/console/books/periods", 404, "month", "noviembre", "form_key", "k")
}

// TestClosePeriod: a month that is over is closed, once.
func TestClosePeriod(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.lent("María Ríos")
	w.signIn("ana")
	w.has(w.get("/console/books/periods", 200), "Noviembre de 2026", "Este mes no ha terminado")
	w.has(w.post("/console/books/periods", 422, "month", "2026-11", "form_key", "early"), "Elija un mes que ya terminó")
	*w.now = time.Date(2026, 12, 1, 16, 0, 0, 0, time.UTC)
	w.signIn("ana")
	w.has(w.get("/console/books/periods", 200), "Cerrar noviembre de 2026")
	w.has(w.post("/console/books/periods", 200, "month", "2026-11", "form_key", "close"), "Noviembre de 2026 se cerró", "Cerrado")
	w.has(w.post("/console/books/periods", 409, "month", "2026-11", "form_key", "again"), "cerrada")
}

// TestBooksInEnglish: the pages have no Spanish left.
func TestBooksInEnglish(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.lent("Ann Lee")
	w.english("ana")
	w.has(w.post("/console/days/2026-11-30", 200, "form_key", "close"), "was closed")
	w.signIn("ana")
	spanish := regexp.MustCompile(`[ÁÉÍÓÚÑáéíóúñ¿¡]|\b(de|del|los|las|por)\b`)
	for _, path := range []string{"books/journal", "books/ledger?account=1102", "books/trial-balance", "books/entries", "books/entries/new", "books/periods", "days", "days/2026-11-30", "days/2026-12-01", "days/2026-12-05", "portfolio"} {
		page := w.get("/console/"+path, 200)
		main := page[strings.Index(page, "<main"):]
		for _, name := range []string{"Crédito simple"} {
			main = strings.ReplaceAll(main, name, "")
		}
		if found := spanish.FindString(main); found != "" {
			t.Errorf("%s: got %q on an English page, want none\n%s", path, found, main)
		}
	}
}
