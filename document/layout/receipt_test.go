package layout_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"sofipo/core/folio"
	"sofipo/core/institution"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/document/layout"
)

func TestReceipts(t *testing.T) {
	l := lived(t)
	want := map[int][]string{
		0: {"Comprobante de movimiento", "Entrega del préstamo", "$50,000.00", "(cincuenta mil pesos 00/100 M.N.)",
			"Comisión por apertura", "$1,000.00 más IVA $160.00", "Monto entregado al cliente"},
		1: {"Recibo de pago", "Importe recibido", "$2,617.33", "(dos mil seiscientos diecisiete pesos 33/100 M.N.)", "15 feb 2026, 10:31", "15 de febrero de 2026",
			"Capital 1,799.33", "IVA de intereses ordinarios 100.00", "IVA de comisiones 8.00", "Seguro 35.00", "Total aplicado 2,617.33", "$48,200.67", "Activo", "caja.centro"},
		2: {"Aplicación por amortización", "Moratorios", "Pago anticipado a capital 135.69", "15.18 2.43", "3,000.00", "Versión 2, desde el 25 de marzo de 2026"},
		3: {"REVERTIDO", "no tiene efecto", "Folio del reverso: R-100-104", "$777.77"},
		4: {"Comprobante de movimiento", "Folio del movimiento revertido", "R-100-103", "$777.77"},
		5: {"Recibo de pago anticipado", "$10,000.00", "$36,354.91"},
		6: {"Recibo de pago adelantado", "Saldo a favor que se guardó", "$800.00"},
	}
	holds(t, strings.Join(read(t, made(t, layout.Receipt{Credit: l.Credit, Transaction: l.transactions[1], Till: "Caja 1", Branch: "Puebla Centro"}.PDF)), "\n"), "Caja 1", "Puebla Centro")
	others := map[int]folio.Number{3: 100_104, 4: 100_103}
	for _, m := range l.transactions {
		text := strings.Join(read(t, made(t, layout.Receipt{Credit: l.Credit, Transaction: m, Other: others[m.Number]}.PDF)), "\n")
		holds(t, text, want[m.Number]...)
		holds(t, text, folio.Receipt.Print(m.Folio), "P-100-012", "José Ángel Peña Güemes", "Página 1 de 1")
		if m.Number == 0 && strings.Contains(text, "núm.") {
			t.Errorf("the disbursement: got\n%s\nwant no number", text)
		}
		if reversed := m.Number == 3; strings.Contains(text, "REVERTIDO") != reversed || strings.Contains(text, "Después del movimiento") == reversed {
			t.Errorf("transaction %d, reversed %v: got\n%s\nwant REVERTIDO %v, and the balance after it otherwise", m.Number, reversed, text, reversed)
		}
	}
}

// TestReceiptsWithoutMoney: a write-off has the debt for its amount, a restructure none.
func TestReceiptsWithoutMoney(t *testing.T) {
	l := written(t)
	off := l.transactions[slices.IndexFunc(l.transactions, func(m servicing.Transaction) bool { return m.Kind == servicing.WriteOffKind })]
	debt := off.Split.Amounts().Sum()
	text := strings.Join(read(t, made(t, layout.Receipt{Credit: l.Credit, Transaction: off}.PDF)), "\n")
	holds(t, text, "Castigo del préstamo", "Importe $"+dotted(debt), layout.InWords(debt), "Adeudo total")
	off.Kind, off.Split = servicing.RestructureKind, servicing.Split{Kind: servicing.RestructureKind, Balance: 1, Status: servicing.Restructured}
	if text = strings.Join(read(t, made(t, layout.Receipt{Credit: l.Credit, Transaction: off}.PDF)), "\n"); strings.Contains(text, "Importe") || strings.Contains(text, "cero pesos") {
		t.Errorf("a restructure: got\n%s\nwant neither Importe nor cero pesos", text)
	}
}

// TestLettersOfANamelessInstitution: the letters have whole sentences too.
func TestLettersOfANamelessInstitution(t *testing.T) {
	l := lived(t)
	l.Institution = layout.Institution{}
	payoff := layout.PayoffLetter{Credit: l.Credit, Issued: date(2026, 4, 2), Payoff: servicing.PayoffOf(l.account, date(2026, 4, 5))}
	holds(t, strings.Join(read(t, made(t, payoff.PDF)), "\n"), "Se informa que el importe para liquidar")
	l.account.Status, l.account.Outstanding = servicing.PaidOff, 0
	none := layout.NoDebtLetter{Credit: l.Credit, Issued: date(2026, 4, 6), PaidOff: date(2026, 4, 5), Account: l.account}
	holds(t, strings.Join(read(t, made(t, none.PDF)), "\n"), "Se hace constar que el préstamo")
}

// TestReceiptOfManyInstalments pays sixty of them at once, after an advance was used.
func TestReceiptOfManyInstalments(t *testing.T) {
	l := lived(t)
	m := l.transactions[1]
	m.Split.Lines = nil
	for n := 1; n <= 60; n++ {
		m.Split.Lines = append(m.Split.Lines, servicing.Line{Instalment: n, Component: product.Principal, Amount: money.Amount(n) * 100})
	}
	m.Split.Before = []servicing.Split{{Kind: servicing.AdvanceApplied, Date: date(2026, 2, 15), FromUnapplied: 1_234_56}}
	pages := read(t, made(t, layout.Receipt{Credit: l.Credit, Transaction: m}.PDF))
	text := strings.Join(pages, "\n")
	holds(t, text, "60 60.00 60.00", "Totales 1,830.00 1,830.00", "Antes de este movimiento, el 15 de febrero de 2026: aplicación de saldo a favor por $1,234.56.")
	if len(pages) != 2 || strings.Count(text, "Amortización") != 2 {
		t.Errorf("got %d pages; want 2, each with the head of the table:\n%s", len(pages), text)
	}
}

func TestPayoffLetter(t *testing.T) {
	l := lived(t)
	payoff := servicing.PayoffOf(l.account, date(2026, 4, 5))
	letter := layout.PayoffLetter{Credit: l.Credit, Issued: date(2026, 4, 2), Payoff: payoff}
	holds(t, strings.Join(read(t, made(t, letter.PDF)), "\n"),
		"Capital "+dotted(payoff.Amounts.Principal), "Intereses ordinarios "+dotted(payoff.Amounts.Interest), "IVA de intereses ordinarios "+dotted(payoff.Amounts.InterestIVA),
		"Suma del adeudo "+dotted(payoff.Amounts.Sum()), "Menos: saldo a favor −800.00", "Total a pagar "+dotted(payoff.Total), layout.InWords(payoff.Total),
		"Esta carta es válida únicamente si el pago se recibe el 5 de abril de 2026.", "2 de abril de 2026", "une@nandu.example", "www.condusef.gob.mx")
	if err := (layout.PayoffLetter{Credit: l.Credit}).PDF(io.Discard); !errors.Is(err, layout.ErrNothingOwed) {
		t.Errorf("a payoff letter of a loan that owes nothing: got %v, want %v", err, layout.ErrNothingOwed)
	}
}

func TestNoDebtLetter(t *testing.T) {
	l := lived(t)
	letter := layout.NoDebtLetter{Credit: l.Credit, Issued: date(2026, 4, 6), PaidOff: date(2026, 4, 5), Account: l.account}
	if err := letter.PDF(io.Discard); !errors.Is(err, layout.ErrNotPaidOff) {
		t.Errorf("a no-debt letter of an active loan: got %v, want %v", err, layout.ErrNotPaidOff)
	}
	due := servicing.PayoffOf(l.account, date(2026, 4, 5)).Total
	var err error
	if letter.Account, _, err = servicing.Receive(l.account, servicing.Operation{Amount: due, ValueDate: date(2026, 4, 5)}, date(2026, 4, 5)); err != nil {
		t.Fatal(err)
	}
	holds(t, strings.Join(read(t, made(t, letter.PDF)), "\n"), "Constancia de no adeudo", "(finiquito)", "no existe adeudo alguno", "fue liquidado en su totalidad el 5 de abril de 2026",
		"Capital 50,000.00", "Comisión por apertura 1,000.00", "IVA de comisión por apertura 160.00", "Total pagado "+dotted(letter.Account.Paid.Sum()+1_160_00), "6 de abril de 2026")
	letter.Contract.Terms.Fees.OriginationPayment = schedule.Deducted
	holds(t, strings.Join(read(t, made(t, letter.PDF)), "\n"), "Comisión por apertura, descontada del monto entregado 1,000.00")
}

// TestReceiptIsOnePage: also of a payment of three instalments with a new schedule, at an
// institution with all its data.
func TestReceiptIsOnePage(t *testing.T) {
	l := lived(t)
	l.Institution.LegalName, l.Institution.Footer = "Caja Ñandú del Bajío, S.A. de C.V., S.F.P.", "Conserve este comprobante."
	l.Institution.Registrations = []institution.Registration{{Register: "SIPRES", Number: "12345"}}
	l.Institution.UNE.Name = "Licenciada Norma Jiménez Aragón"
	m := l.transactions[4]
	for n := range 3 {
		for _, c := range []product.Component{product.Principal, product.Interest, product.InterestIVA, product.PenaltyInterest, product.PenaltyInterestIVA, product.Fee, product.FeeIVA, product.Insurance} {
			m.Split.Lines = append(m.Split.Lines, servicing.Line{Instalment: n + 1, Component: c, Amount: 1_234_56})
		}
	}
	m.Split.Before = []servicing.Split{{Kind: servicing.AdvanceApplied, Date: date(2026, 2, 15), FromUnapplied: 1_234_56}}
	receipt := layout.Receipt{Credit: l.Credit, Transaction: m, Till: "Caja 1", Branch: "Puebla Centro", Next: date(2026, 5, 15), NextAmount: 2_000_00}
	if pages := read(t, made(t, receipt.PDF)); len(pages) != 1 {
		t.Errorf("got %d pages, want 1", len(pages))
	}
}
