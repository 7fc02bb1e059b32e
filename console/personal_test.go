package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sofipo/bank/clients"
	"sofipo/core/client"
	"sofipo/core/folio"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestExportWithoutTheStoreOfFiles: a store of files that does not answer is no fault of the server.
func TestExportWithoutTheStoreOfFiles(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		c := office.Must(t, w.bank, &clients.RegisterClient{FullName: "Elena Mora", Email: "elena@example.com", RFC: "MOEE800101001"})
		hash := strings.Repeat("ab", 32)
		office.Must(t, w.bank, &clients.AddDocument{Document: client.Document{ClientID: c.ID, Kind: client.IdentificationCopy, Name: "x.pdf", MediaType: "application/pdf", Size: 5, SHA256: hash}})
		must(t, os.MkdirAll(filepath.Join(string(w.kept), "ab", hash), 0o700)) // not a file, so reading it fails
		w.has(w.post("/console/clients/"+folio.Client.Print(c.Number)+"/personal/export", 503, "form_key", "a"), "El almacén de archivos no responde")
	})
}

// TestErasePersonalData: the data of a client without obligations are blocked, and destroyed after
// their term, once the user has written the number of the client.
func TestErasePersonalData(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		c := office.Must(t, w.bank, &clients.RegisterClient{FullName: "Elena Mora", Email: "elena@example.com", RFC: "MOEE800101001"})
		debtor := office.Must(t, w.bank, &clients.RegisterClient{FullName: "Julio Paz", Email: "julio@example.com", RFC: "PAJJ800101001"})
		office.Grant(t, w.bank, debtor.ID, money.Amount(10_000_00))
		number, path := folio.Client.Print(c.Number), "/console/clients/"+folio.Client.Print(c.Number)+"/personal"
		count := func(what string, want int64) {
			t.Helper()
			if n := office.Count(t, d, "SELECT count(*) FROM client_blocks WHERE "+what); n != want {
				t.Errorf("blocks with %s: got %d, want %d", what, n, want)
			}
		}

		owes := w.get("/console/clients/"+folio.Client.Print(debtor.Number)+"/personal", 200)
		w.has(owes, "En uso", "Primero termine los préstamos y las solicitudes abiertos")
		w.lacks(owes, "Bloquear los datos")

		w.has(w.get(path, 200), "En uso", "Exportar los datos", "Bloquear los datos", "No se puede deshacer")
		for _, typed := range []string{"", "C-1", folio.Client.Print(debtor.Number)} {
			w.has(w.post(path+"/block", 422, "form_key", "a", "reason", "Solicitud de cancelación", "client", typed), "Escriba "+number, "Solicitud de cancelación")
		}
		w.has(w.post(path+"/block", 422, "form_key", "a", "reason", " ", "client", number), `id="in-reason-e"`)
		count("true", 0)
		w.has(w.post(path+"/block", 200, "form_key", "b", "reason", "Solicitud de cancelación", "client", number), "Se bloquearon los datos", "Bloqueados", "Solicitud de cancelación", "Se pueden suprimir desde el 30 nov 2036")
		count("destroyed_on IS NULL", 1)
		w.lacks(w.get(path, 200), "Elena", "Suprimir los datos", "Expediente: faltan", "Escribir una nota")
		w.lacks(w.get("/console/clients/"+number, 200), "Elena", "Expediente: faltan")

		*w.now = w.now.AddDate(10, 0, 1).Add(time.Hour)
		w.signIn("ana")
		w.has(w.get(path, 200), "Suprimir los datos", "No se puede deshacer")
		w.has(w.post(path+"/destruction", 422, "form_key", "c"), "Escriba "+number)
		count("destroyed_on IS NULL", 1)
		destroyed := w.post(path+"/destruction", 200, "form_key", "d", "client", number)
		w.has(destroyed, "Se suprimieron los datos", "Suprimidos")
		w.lacks(destroyed, "Suprimir los datos")
		count("destroyed_on IS NOT NULL", 1)
	})
}
