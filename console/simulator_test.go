package console_test

import (
	"io"
	"strings"
	"testing"

	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestSimulator: the address is the quote; a row unfolds into its formulas; the PDF has the same
// address; nothing is saved.
func TestSimulator(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		w.has(w.get("/console/simulator", 200), "Escriba el importe, la tasa y el número de pagos", "Primer vencimiento")
		const quote = "product=seed&amount=10%2C000.00&rate=36&periods=12"
		page := w.get("/console/simulator?"+quote+"&why=2", 200)
		w.has(page, "Tabla de amortización", "Cómo se calculó el pago 2", "× 0.36 ×", "CAT", "<svg", "Iniciar solicitud con estos datos", "/console/simulator.pdf?")
		if strings.Contains(page, "periods of a year") {
			t.Error("got an English formula on the Spanish page, want it in Spanish")
		}
		answer, err := w.Get(w.url + "/console/simulator.pdf?" + quote)
		must(t, err)
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		must(t, answer.Body.Close())
		if answer.StatusCode != 200 || !strings.HasPrefix(string(body), "%PDF") {
			t.Errorf("got the status %d and %.20q, want a PDF", answer.StatusCode, body)
		}
		for query, want := range map[string]string{
			"product=seed&amount=cien&rate=36&periods=12":                   "Escriba un importe",
			"product=seed&amount=1000&rate=x&periods=12":                    "Escriba un porcentaje",
			"product=seed&amount=1000&rate=36&periods=1.5":                  "Escriba un número entero",
			"product=seed&amount=1000&rate=36&periods=12&first=01/01/2020":  "posterior a la fecha de entrega",
			"product=seed&amount=99999999999999999999&rate=36&periods=9999": "Escriba",
		} {
			w.has(w.get("/console/simulator?"+query, 200), want, "Escriba el importe, la tasa y el número de pagos")
		}
		if n := office.Count(t, d, "SELECT count(*) FROM loans"); n != 0 {
			t.Errorf("got %d loans after simulations, want none", n)
		}
	})
}
