package console_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/core/lending/product"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestUsers: a user is added once, gets a role by two people, and is disabled.
func TestUsers(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		w.has(w.post("/console/admin/users/new", 422, "username", "rosa", "password", "corta", "branch", "001"), "problems", `value="rosa"`)
		w.lacks(w.post("/console/admin/users/new", 422, "username", "rosa", "password", "corta", "branch", "001"), "corta")
		w.has(w.post("/console/admin/users/new", 200, "username", "Rosa", "password", password, "full_name", `Rosa <script>alert(1)</script>`, "branch", "001"), "Se agregó a rosa", "Sin perfil", "&lt;script&gt;")
		page := w.get("/console/admin/users/rosa", 200)
		key := hiddenKey.FindStringSubmatch(page)[1]
		form := []string{"do", "role", "role", "teller", "reason", "Entra a caja", "form_key", key}
		for range 2 {
			w.has(w.post("/console/admin/users/rosa", 200, form...), "Esperan a una segunda persona", "Cajero", "Entra a caja")
		}
		if n := office.Count(t, d, "SELECT count(*) FROM requests"); n != 1 {
			t.Errorf("got %d requests, want 1", n)
		}
		w.has(w.post("/console/admin/users/rosa", 422, "do", "role", "role", "teller", "form_key", "k2"), "problems", "500")
		w.has(w.post("/console/admin/users/rosa", 200, "do", "data", "full_name", "Rosa Mora", "branch", "001", "form_key", "k3"), "Rosa Mora", "Se guardó")
		w.has(w.post("/console/admin/users/rosa", 200, "do", "disable", "form_key", "k4"), "ya no puede iniciar sesión", "Dado de baja")
		w.has(w.post("/console/admin/users/ana", 409, "do", "disable", "form_key", "k5"), "problems")
		w.has(w.post("/console/admin/users/rosa", 200, "do", "password", "password", password+"x"), "Se cambió la contraseña de Rosa Mora; otra persona debe reactivar al usuario", "Dado de baja")
		w.has(w.get("/console/admin/users?q=mora", 200), "Rosa Mora")
		w.lacks(w.get("/console/admin/users?q=mora", 200), "Tomas Ruiz")
		w.post("/console/admin/users/rosa", 404, "do", "nothing", "form_key", "k6")
		w.get("/console/admin/users/nobody", 404)
	})
}

// TestSessionsOfUsers: an administrator ends the sessions of a user.
func TestSessionsOfUsers(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("tomas")
	his := w.Jar
	w.forget()
	w.signIn("ana")
	*w.now = w.now.Add(time.Second)
	w.has(w.post("/console/admin/users/tomas", 200, "do", "sessions", "form_key", "k1"), "Las sesiones de Tomas Ruiz terminaron")
	*w.now = w.now.Add(10 * time.Second) // users are remembered for five
	w.Jar = his
	w.get("/console/account", 401)
}

// TestAPIKeysOfAServiceAccount: a key is shown once, and works after another person activated it.
func TestAPIKeysOfAServiceAccount(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		add := []string{"username", "portal", "full_name", "Portal de pagos", "branch", "001", "service", "on"}
		w.has(w.post("/console/admin/users/new", 409, append(add, "password", password)...), "problems")
		w.has(w.post("/console/admin/users/new", 200, add...), "Cuenta de servicio", "todavía no tiene claves")
		w.has(w.post("/console/admin/users/portal", 422, "do", "key", "days", "0"), "problems", "in-name-e", "in-days")
		w.has(w.post("/console/admin/users/portal", 422, "do", "key", "name", "Pagos", "days", "30", "permission", "loans.read"), "problems", "#in-permission")
		if page := w.post("/console/admin/users/portal", 422, "do", "key", "days", "0", "made", "sofipo_forged"); strings.Contains(page, "sofipo_forged") {
			t.Error("got the key that the browser sent on the page, want none")
		}
		page := w.post("/console/admin/users/portal", 201, "do", "key", "name", "Pagos", "days", "30")
		key := regexp.MustCompile(`sofipo_([0-9a-f-]{36})_[\w-]{43}`).FindStringSubmatch(page)
		if key == nil {
			t.Fatalf("got %s, want a page with the key", page)
		}
		w.lacks(w.get("/console/admin/users/portal", 200), key[0])
		w.has(w.post("/console/admin/users/portal", 403, "do", "activate", "id", key[1]), "otra persona debe activarla")
		w.has(w.post("/console/admin/users/portal", 404, "do", "revoke", "id", "x"), "No se encontró la clave")
		w.has(w.post("/console/admin/users/portal", 200, "do", "revoke", "id", key[1]), "Se revocó la clave", "Revocada")
		w.has(w.post("/console/admin/users/portal", 409, "do", "password", "password", password+"x"), "cuenta de servicio")
	})
}

// TestWebhooks: a webhook is added, its secret shown once, changed, paused and removed.
func TestWebhooks(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		const path = "/console/operations/webhooks"
		w := open(t, d)
		w.signIn("ana")
		w.has(w.get(path, 200), "Todavía no hay webhooks")
		w.has(w.post(path+"/+", 422, "name", "BI", "url", "http://10.0.0.1/", "events", "loan_created\nloan_create"), "in-url-e", "in-events-e", "loan_create</textarea>")
		page := w.post(path+"/+", 201, "name", "Tablero de BI", "url", "https://bi.example.com/eventos", "events", "loan_created\npayment_registered")
		secret := regexp.MustCompile(`whsec_[^<]{44}`).FindString(page)
		hook := regexp.MustCompile(path + `/([0-9a-f-]{36})`).FindString(page)
		if secret == "" || hook == "" {
			t.Fatalf("got %s, want a page with the secret and the address of the webhook", page)
		}
		page = w.get(hook, 200)
		w.has(page, "Tablero de BI", "Activo", "Todavía no se ha entregado nada")
		w.lacks(page, secret)
		w.has(w.post(hook, 200, "name", "BI", "url", "https://bi.example.com/", "events", "", "form_key", "k1"), "Se guardó")
		page = w.post(hook, 201, "do", "secret", "hours", "24")
		w.has(page, "whsec_", "El anterior vale hasta")
		w.lacks(page, secret)
		w.has(w.post(hook, 200, "do", "test", "form_key", "k2"), "Se envió el evento de prueba")
		w.has(w.post(hook, 200, "do", "pause", "form_key", "k3"), "En pausa", "Reanudar")
		w.has(w.post(hook, 409, "do", "test", "form_key", "k4"), "reanúdelo primero", "https://bi.example.com/")
		w.has(w.post(hook, 200, "do", "resume", "form_key", "k5"), "Activo")
		w.has(w.post(hook, 404, "do", "replay", "event", "0193c5c0-0000-7000-8000-000000000001", "form_key", "k6"), "No se encontró la entrega")
		w.has(w.post(hook, 200, "do", "replay", "form_key", "k7"), "Se reenvían")
		w.has(w.post(hook, 200, "do", "remove", "form_key", "k8"), "Se eliminó el webhook")
		w.get(hook, 404)
		w.get(path+"/x", 404)
	})
}

// TestRoles: a change of a role waits for another person, with what it changes.
func TestRoles(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	w.has(w.get("/console/admin/roles", 200), "Cajero", "Gerente de sucursal", "500,000.00")
	w.has(w.get("/console/admin/roles/teller", 200), `value="payments.receive" checked`, "100,000.00", "Tomas Ruiz")
	form := []string{"title", "Cajero", "scope", "branch", "permission", "payments.receive", "limit_disbursement", "$2,000.00", "days", "3", "reason", "Menos riesgo", "form_key", "k1"}
	w.has(w.post("/console/admin/roles/teller", 200, form...), "Esperan a una segunda persona", "alcance: toda la institución → su sucursal", "pierde: consultar clientes", "$100,000.00 → $2,000.00", "Menos riesgo")
	w.has(w.post("/console/admin/roles/teller", 422, "title", "Cajero", "scope", "branch", "limit_approval", "mil", "form_key", "k2", "reason", "x"), "Escriba un importe", `value="mil"`)
	w.has(w.post("/console/admin/roles/+", 422, "name", "Malo", "title", "Malo", "scope", "all", "form_key", "k3", "reason", "x"), "problems")
	w.has(w.post("/console/admin/roles/+", 200, "name", "cajero_jefe", "title", "Cajero jefe", "scope", "branch", "permission", "payments.receive", "form_key", "k4", "reason", "x"), "Cajero jefe")
	w.get("/console/admin/roles/nothing", 404)
}

// TestPlaces: branches, tills and bank accounts are added, changed and closed.
func TestPlaces(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		w.has(w.post("/console/admin/branches/+", 422, "code", "centro!", "name", "Centro", "form_key", "k1"), "in-code-e", `value="centro!"`)
		for range 2 {
			w.has(w.post("/console/admin/branches/+", 200, "code", "002", "name", "Centro", "address", "Juárez 1", "form_key", "k2"), "Centro", "Juárez 1")
		}
		w.has(w.post("/console/admin/branches/+", 409, "code", "002", "name", "Otra", "form_key", "k3"), "problems")
		w.has(w.post("/console/admin/branches/002", 200, "name", "Centro Histórico", "form_key", "k4"), "Centro Histórico")
		w.has(w.post("/console/admin/tills/+", 409, "code", "c1", "name", "Caja 1", "branch", "002", "form_key", "k5"), "problems")
		w.post("/console/admin/tills/+", 200, "code", "v1", "name", "Bóveda", "branch", "002", "kind", "vault", "form_key", "k6")
		w.has(w.post("/console/admin/tills/+", 200, "code", "c1", "name", "Caja 1", "branch", "002", "form_key", "k7"), "Caja 1", "Centro Histórico", "Libre")
		w.has(w.post("/console/admin/tills/c1", 200, "name", "Caja uno", "form_key", "k8"), "Caja uno")
		w.has(w.post("/console/admin/tills/c1", 200, "do", "retire", "form_key", "k9"), "Se dio de baja Caja uno", "De baja")
		w.has(w.post("/console/admin/tills/banks/+", 422, "code", "bbva", "name", "BBVA", "bank", "BBVA", "clabe", "123", "form_key", "k10"), "in-clabe-e")
		w.has(w.post("/console/admin/tills/banks/+", 200, "code", "bbva", "name", "Cuenta BBVA", "bank", "BBVA", "form_key", "k11"), "Cuenta BBVA")
		w.has(w.post("/console/admin/tills/banks/bbva", 200, "do", "close", "form_key", "k12"), "Se cerró Cuenta BBVA")
		w.has(w.post("/console/admin/branches/002", 200, "do", "close", "form_key", "k13"), "Se cerró Centro Histórico", "Cerrada")
		office.Sound(t, d)
	})
}

// TestInstitution: the data are changed, and what is wrong is said at the field.
func TestInstitution(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	w.has(w.get("/console/admin/institution", 200), "Aún no hay logotipo")
	form := []string{"name", "Caja Ejemplo", "phones", "55 1234 5678\n\n800 000 1111", "registrations", "SIPRES: 4321", "une.hours", "9 a 18", "form_key", "k1"}
	page := w.post("/console/admin/institution", 200, form...)
	w.has(page, "Caja Ejemplo", "SIPRES: 4321", "9 a 18", "modificado el", "Ana Ruiz")
	w.has(w.post("/console/admin/institution", 422, "name", "", "phones", "12", "rfc", "X", "form_key", "k2"), "in-name-e", "in-phones-e", "in-rfc-e")
	w.has(w.post("/console/admin/institution/logo", 422, "form_key", "k3"), "problems", "Caja Ejemplo")
}

// TestProducts: a product is made with a sample, gets a version, and versions are compared.
func TestProducts(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("ana")
		w.has(w.get("/console/admin/products", 200), "Crédito simple")
		w.has(w.get("/console/admin/products/new", 200), "Ejemplo", "CAT sin IVA", "Pagos iguales")
		form := []string{
			"name", "Crédito de nómina", "classification", "consumer", "method", "level", "frequency", "quincenal", "day_count", "ACT/360", "rounding", "half_up", "residue", "last", "holiday_rule", "none",
			"limits.min_amount", "1,000", "limits.max_amount", "50,000", "limits.max_rate", "60", "limits.min_periods", "6", "limits.max_periods", "48", "iva.rate", "16", "iva.base", "nominal",
			"fees.origination.rate", "3", "fees.origination_payment", "deducted", "fees.iva_rate", "16", "penalty_interest.base", "overdue_principal", "penalty_interest.mode", "additional",
			"strategy", "oldest_instalment_first", "excess", "reduce_instalment", "sample_amount", "10000", "sample_rate", "40", "sample_periods", "12",
		}
		for range 2 {
			page := w.post("/console/admin/products/new", 200, append([]string{"code", "nomina", "form_key", "k1"}, form...)...)
			w.has(page, "Crédito de nómina", "60\u00a0%", "3\u00a0%", "$1,000.00")
		}
		w.has(w.post("/console/admin/products/new", 422, append([]string{"code", "Mal código", "form_key", "k2"}, form...)...), "in-code-e")
		changed := strings.Split(strings.ReplaceAll(strings.Join(form, "|"), "|60|", "|55|"), "|")
		w.has(w.post("/console/admin/products/nomina/change", 200, append([]string{"form_key", "k3"}, changed...)...), "Versión 2", "55\u00a0%")
		w.has(w.get("/console/admin/products/nomina?version=2&with=1", 200), "60\u00a0%", "55\u00a0%", "cambia")
		w.has(w.post("/console/admin/products/nomina/change", 422, append([]string{"form_key", "k4", "limits.min_rate", "90"}, changed...)...), "problems")
		order := "allocation=interest&allocation=principal&allocation=fee"
		w.has(w.get("/console/admin/products/nomina/change?name=x&"+order+"&move=earlier.1", 200), `hx-get="/console/admin/products/nomina/change"`, `value="later.0" aria-label="Aplicar después Capital" autofocus`, "<span>Capital</span>")
		w.has(w.get("/console/admin/products/nomina/change?name=x&"+order+"&move=earlier.0&sample_amount=1,5", 200), `value="later.0" aria-label="Aplicar después Intereses ordinarios"`, "Use punto para los decimales")
		w.has(w.post("/console/admin/products/nomina/change", 422, append([]string{"form_key", "k6", "allocation", "principal"}, changed...)...), "in-allocation")
		reordered := append([]string{"form_key", "k7"}, changed...)
		for _, c := range slices.Backward(product.Components) {
			reordered = append(reordered, "allocation", string(c))
		}
		w.has(w.post("/console/admin/products/nomina/change", 200, reordered...), "Versión 3", "Capital, seguro")
		w.has(w.get("/console/admin/products/nomina?version=3&with=2", 200), "Capital, seguro", "cambia")
		w.has(w.post("/console/admin/products/nomina", 200, "form_key", "k5"), "El producto ya no se ofrece")
		w.get("/console/admin/products/nothing", 404)
		if n := office.Count(t, d, "SELECT count(*) FROM products WHERE code = 'nomina'"); n != 3 {
			t.Errorf("got %d versions, want 3", n)
		}
	})
}

// TestOperations: the state of the system, the audit and the events are shown to who may read
// them.
func TestOperations(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.hire("auditor", "gonzalo")
		w.hire("operator", "ivan")
		l, number := w.lent("María Hernández")
		_ = l
		w.signIn("ivan")
		w.has(w.get("/console/", 200), "Partes del sistema por revisar", "Eventos que el registro no aceptó")
		w.has(w.get("/console/operations", 200), "Estado del sistema", "Base de datos", "No funciona", "Disco", "Funciona", "rechazados", "No es un evento válido", "the reason", "Los primeros 1 de 3")
		w.has(w.post("/console/operations/replay", 200, "form_key", "k1"), "Se reenviaron 3 eventos")
		w.has(w.get("/console/operations/settings", 200), "SOFIPO_ADDR", "127.0.0.1:8000", "secreta, definida")
		w.post("/console/operations/doctor", 200, "form_key", "k2")
		page := ""
		for range 100 {
			if page = w.get("/console/operations/doctor", 200); !strings.Contains(page, "en curso") {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		w.has(page, "1 revisión correcta", "1 revisión con falla", "1 revisión requiere atención", "Las pólizas cuadran", "Ninguna cuenta de activo o pasivo tiene saldo contrario", "it is broken", "Ivan Ruiz")
		w.get("/console/operations/audit", 403)
		w.signIn("gonzalo")
		w.get("/console/operations", 403)
		w.get("/console/operations/settings", 403)
		w.has(w.get("/console/operations/audit", 200), "Inicio de sesión", "Ivan Ruiz", "Gonzalo Ruiz")
		page = w.get("/console/operations/audit?who=ivan&what=open_session", 200)
		w.has(page, "Ivan Ruiz")
		w.lacks(page, `<td>Gonzalo Ruiz</td>`)
		w.get("/console/operations/audit?who=%ff%00", 200)
		w.has(w.get("/console/operations/audit?client=C-1", 200), "in-client-e")
		w.has(w.get("/console/operations/audit?from=1/1/2020", 200), "in-from-e")
		w.has(w.get("/console/operations/events?of="+number, 200), "Préstamo")
		w.has(w.get("/console/operations/events", 200), "Escriba el número")
	})
}
