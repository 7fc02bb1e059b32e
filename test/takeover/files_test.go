package takeover

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/bank/takeover"
	"sofipo/core/accounting"
	core "sofipo/core/imports"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// The files of another system: semicolons, CRLF and Windows-1252; then commas with a byte order
// mark; then tabs.
const (
	clientsFile = "No. de cliente;Nombre;RFC;Correo electrónico;Fecha de alta;Sucursal\r\n" +
		"17;María José Núñez;NUPM850214QX3;Maria@Example.com;01/03/2019;Centro\r\n" +
		"18;\"Ferretería \"\"La Peña\"\"; S.A.\";fpe 980312 7T4;contacto@example.com;2020-08-15;Norte\r\n" +
		"19;Otro;NUPM850214QX3;maria@example.com;30/02/2020;Norte\r\n" +
		"20;Pedro;nupm-850214-qx3;pedro@example.com;;\r\n"
	loansFile = "\ufeffcontrato,cliente,rfc del cliente,monto,tasa,plazo,fecha de otorgamiento,saldo,días de atraso,capital vencido,interés vencido,IVA vencido\n" +
		"CR-1,17,,\"50,000.00\",36%,24,15/03/2025,\"31,250.50\",45,\"2,900.00\",\"1,120.35\",179.26\n" +
		"CR-2,,FPE9803127T4,120000,0.24,36,2024-02-01,80000,,,,\n" +
		"CR-3,17,,10000,24%,12,2023-01-01,6500,400,6500,900.00,144.00\n" +
		"CR-4,99,,10000,24%,12,2023-01-01,6500,,,,\n" +
		"CR-5,17,,10000,24,12,2023-01-01,6500,,,,\n"
	paymentsFile = "credito\tfecha de pago\timporte\nCR-1\t15/04/2025\t2.650,00\nCR-1\t15/04/2025\t2.650,00\nCR-1\t15/05/2025\t16.099,50\nCR-9\t15/05/2025\t1\n"
	balancesFile = "cuenta,debe,haber\n1102,500000,\n1301,117750.50,\n1302,2020.35,\n4101,,600000\n6401,10000,\n4201,,29770.85\n"
)

func TestFiles(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		text, err := charmap.Windows1252.NewEncoder().String(clientsFile)
		if err != nil {
			t.Fatal(err)
		}
		comma := true
		i := takeover.Importer{Bank: o.Bank, By: by, Product: "seed", Chunk: 2}
		imported(t, i, file(t, "clientes.csv", text), takeover.ClientsOf, takeover.Importer.Clients, core.Tally{Taken: 3, Incomplete: 1, Rejected: 1})
		imported(t, i, file(t, "creditos.csv", loansFile), takeover.LoansOf, takeover.Importer.Loans, core.Tally{Taken: 3, Incomplete: 1, Rejected: 2, Amount: 117_750_50})
		payments := file(t, "pagos.csv", paymentsFile)
		payments.DecimalComma = &comma
		imported(t, i, payments, takeover.PaymentsOf, takeover.Importer.Payments, core.Tally{Taken: 3, Rejected: 1, Amount: 2*2_650_00 + 16_099_50})
		imported(t, i, file(t, "saldos.csv", balancesFile), takeover.BalancesOf, takeover.Importer.Balances, core.Tally{Taken: 6, Amount: 510_000_00})
		office.Sound(t, d)
		if left := office.Count(t, d, "SELECT coalesce(sum(amount), 0)::bigint FROM posted WHERE account = '"+string(accounting.OpeningBalances)+"'"); left != 0 {
			t.Errorf("got %d centavos left on the account of opening balances, want 0: the file agrees with the loans", left)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM clients WHERE full_name = 'Ferretería \"La Peña\"; S.A.' AND rfc = 'FPE9803127T4'"); n != 1 {
			t.Errorf("got %d clients with the accents and quotation marks of the file, want 1", n)
		}
		arrears(t, o)
	})
}

// TestAgain imports payments before their loans, stops in between, and goes on with chunks of another
// size.
func TestAgain(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := office.Open(t, d)
		comma := true
		payments := file(t, "pagos.csv", paymentsFile)
		payments.DecimalComma = &comma
		s := read(t, payments, takeover.PaymentsOf)
		ctx, stop := context.WithCancel(t.Context())
		i := takeover.Importer{Bank: o.Bank, By: by, Chunk: 3, Progress: func(takeover.Progress) { stop() }}
		if _, err := i.Payments(ctx, s); err == nil {
			t.Fatal("got a complete import, want it stopped after a chunk")
		}
		i.Progress, i.Chunk = nil, 2
		if got, err := i.Payments(t.Context(), s); err != nil || got.Before+got.Run.Rejected != 4 || got.Import.Rejected != 4 {
			t.Errorf("got %+v, %v, want 4 rows rejected once each", got, err)
		}
		i.Product = "seed"
		run(t, i, file(t, "clientes.csv", clientsFile), takeover.ClientsOf, takeover.Importer.Clients)
		run(t, i, file(t, "creditos.csv", loansFile), takeover.LoansOf, takeover.Importer.Loans)
		got, err := i.Payments(t.Context(), s)
		if err != nil || got.Run.Taken != 3 || got.Import.Rejected != 1 {
			t.Errorf("got %+v, %v, want 3 payments taken after their loans and 1 rejected", got, err)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM import_findings WHERE outcome = 'REJECTED' AND field = 'loan'"); n != 1 {
			t.Errorf("got %d findings of rejected payments, want 1", n)
		}
	})
}

// file writes a file.
func file(t *testing.T, name, text string) takeover.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return takeover.File{Path: path, Location: time.UTC}
}

// opener returns the rows of a file of a kind, as takeover.ClientsOf does.
type opener[R any] = func(takeover.File) (takeover.Source[R], []string, error)

// runner imports the rows of a kind, as takeover.Importer.Clients does.
type runner[R any] = func(takeover.Importer, context.Context, takeover.Source[R]) (takeover.Result, error)

func read[R any](t *testing.T, f takeover.File, of opener[R]) takeover.Source[R] {
	t.Helper()
	s, _, err := of(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run imports a file.
func run[R any](t *testing.T, i takeover.Importer, f takeover.File, of opener[R], with runner[R]) takeover.Result {
	t.Helper()
	got, err := with(i, t.Context(), read(t, f, of))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// imported imports a file twice, the second time without an effect.
func imported[R any](t *testing.T, i takeover.Importer, f takeover.File, of opener[R], with runner[R], want core.Tally) {
	t.Helper()
	i.Preview = true
	seen := run(t, i, f, of, with)
	i.Preview = false
	got := run(t, i, f, of, with)
	if got.Run != want || got.Import.Status != core.Done {
		t.Errorf("%s: got %+v and the import %+v, want %+v and a complete import; findings %+v", f.Path, got.Run, got.Import, want, got.Bad)
	}
	if seen.Run.Taken+seen.Run.Rejected+seen.Run.Known != want.Taken+want.Rejected {
		t.Errorf("%s: the preview got %+v, want %+v", f.Path, seen.Run, want)
	}
	i.Chunk++
	again := run(t, i, f, of, with)
	if known := again.Before + again.Run.Known; again.Run.Taken != 0 || again.Import.Rejected != want.Rejected || known != want.Taken {
		t.Errorf("%s again: got %+v, %+v, want the taken rows known and the others rejected", f.Path, again.Run, again.Import.Tally)
	}
}

// arrears checks what the imported loans owe, pays one of them and closes some days.
func arrears(t *testing.T, o *office.Office) {
	t.Helper()
	late := core.IDOf(core.Loans, "CR-1")
	days := dayend.New(o.Bank, dayend.Options{})
	o.On("2026-01-16")
	if _, err := days.CloseOpen(t.Context(), by, 100, nil, func(dayend.ClosedDay, time.Duration) {}); err != nil {
		t.Fatal(err)
	}
	office.Sound(t, o.DB)
	const position = "SELECT p.days_past_due FROM daily_positions p JOIN imported_loans i ON i.loan_id = p.loan_id WHERE p.day = '2026-01-15' AND i.number = "
	for number, want := range map[string]int64{"'CR-1'": 45, "'CR-2'": 0, "'CR-3'": 400} {
		if got := office.Count(t, o.DB, position+number); got != want {
			t.Errorf("loan %s: got %d days past due, want %d", number, got, want)
		}
	}
	paid := office.Do(o, "tito", lending.ReceivePayment{LoanID: late, Operation: servicing.Operation{Amount: 1_299_61}})
	if a := paid.Split.Amounts(); a.Interest != 1_120_35 || a.InterestIVA != 179_26 || a.Principal != 0 {
		t.Errorf("got a payment of 1,299.61 for %+v, want the interest of 1,120.35 and its IVA of 179.26, which were overdue", a)
	}
	paid = office.Do(o, "tito", lending.ReceivePayment{LoanID: late, Operation: servicing.Operation{Amount: 2_900_00}})
	if a := paid.Split.Amounts(); a.Principal == 0 {
		t.Errorf("got %+v, want the principal that was overdue paid", a)
	}
	o.On("2026-03-20")
	if _, err := days.CloseOpen(t.Context(), by, 100, nil, func(dayend.ClosedDay, time.Duration) {}); err != nil {
		t.Fatal(err)
	}
	office.Sound(t, o.DB)
}
