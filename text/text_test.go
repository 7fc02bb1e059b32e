package text_test

import (
	"errors"
	"testing"

	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/lang"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/text"
)

var march = civil.Date{Year: 2026, Month: 3, Day: 5}

func TestTitle(t *testing.T) {
	over := fault.Refuse(servicing.OverPayment, "payoff", money.Amount(34_970_54), "operation", 3, "operation_date", march)
	later := fault.Refuse(servicing.OverPayment).Because(servicing.LaterOperation)
	later.Values, later.Cause = over.Values, over
	terms := fault.Refuse(servicing.WrongState, "operation", 3, "operation_date", march).Because(servicing.LaterOperation)
	terms.Cause = fault.Wrong(fault.At("periods", fault.AtMost, "most", 4))
	away := fault.Refuse(fault.Unavailable).Because(fault.DatabaseAway)
	away.Cause = errors.New("secret")
	for _, c := range []struct {
		err            *fault.Error
		en, es, detail string
	}{
		{over, "The payment exceeds the payoff amount (34,970.54)", "El pago excede el importe para liquidar ($34,970.54)",
			"The payment exceeds the payoff amount (34970.54)"},
		{fault.Refuse(servicing.NotActive, "loan_status", servicing.PaidOff), "The loan is already paid off", "El préstamo ya está liquidado",
			"The loan is already PAID_OFF"},
		{fault.Refuse(servicing.WrongState, "loan_status", servicing.Applied, "becomes", servicing.Active, "accepted", servicing.Before(servicing.Active)).Because(servicing.CannotBecome),
			"A loan that is pending approval cannot become active; it must be approved", "Un préstamo en revisión no puede quedar activo; debe estar autorizado",
			"A loan that is APPLIED cannot become ACTIVE; it must be APPROVED"},
		{fault.Refuse(servicing.WrongState, "loan_status", servicing.Cancelled, "becomes", servicing.Cancelled).Because(servicing.IsAlready),
			"The loan is already cancelled", "El préstamo ya está cancelado", "The loan is already CANCELLED"},
		{fault.Refuse(servicing.WrongState, "operations", 1).Because(servicing.HasOperations),
			"A loan with transactions cannot be cancelled; reverse 1 transaction first", "Un préstamo con movimientos no puede cancelarse; revierta primero 1 movimiento",
			"A loan with transactions cannot be cancelled; reverse 1 transaction first"},
		{fault.Refuse(client.HasLoans, "loans", 2), "Client has loans and cannot be deleted", "El cliente tiene 2 préstamos y no se puede eliminar",
			"Client has loans and cannot be deleted"},
		{fault.Refuse(access.Forbidden, "permission", loan.ReceivePayments), "Not enough permissions", "Su perfil no le permite recibir pagos", "Not enough permissions"},
		{fault.Refuse(accounting.DayOpen, "next", march), "The next day to close is 2026-03-05", "El siguiente día por cerrar es el 5 mar 2026",
			"The next day to close is 2026-03-05"},
		{later, "Transaction 3 of 2026-03-05 would no longer be possible: The payment exceeds the payoff amount (34,970.54)",
			"El movimiento 3 del 5 mar 2026 ya no sería posible: el pago excede el importe para liquidar ($34,970.54)",
			"Transaction 3 of 2026-03-05 would no longer be possible: The payment exceeds the payoff amount (34970.54)"},
		{terms, "Transaction 3 of 2026-03-05 would no longer be possible: periods must be at most 4",
			"El movimiento 3 del 5 mar 2026 ya no sería posible: plazo: no puede ser mayor que 4",
			"Transaction 3 of 2026-03-05 would no longer be possible: periods must be at most 4"},
		{away, "Service unavailable: the database does not answer; nothing was written", "La base de datos no responde; no se guardó nada. Intente de nuevo",
			"Service unavailable: the database does not answer; nothing was written"},
		{fault.Wrong(), "The request is not valid", "Hay datos por corregir", "The request is not valid"},
		{fault.Refuse("no_such_code"), "no_such_code", "no_such_code", "no_such_code"},
	} {
		for _, x := range []struct{ got, want string }{{text.Title(text.EN, c.err), c.en}, {text.Title(text.ES, c.err), c.es}, {text.Detail(c.err), c.detail}} {
			if x.got != x.want {
				t.Errorf("%v: got  %q\nwant %q", c.err, x.got, x.want)
			}
		}
	}
}

func TestMessage(t *testing.T) {
	for _, c := range []struct {
		flaw           fault.Flaw
		en, es, detail string
	}{
		{fault.At("amount", fault.Between, "least", money.Amount(1_000_00), "most", money.Amount(1_234_567_89)), "must be from 1,000.00 to 1,234,567.89",
			"Debe estar entre $1,000.00 y $1,234,567.89", "must be from 1000.00 to 1234567.89"},
		{fault.At("annual_rate", fault.Between, "least", rate.Annual(0), "most", rate.Annual(1_234_500)), "must be from 0% to 123.45%",
			"Debe estar entre 0\u00a0% y 123.45\u00a0%", "must be from 0.0 to 1.2345"},
		{fault.At("periods", fault.Between, "least", 1, "most", 1560), "must be from 1 to 1560", "Debe estar entre 1 y 1560", "must be from 1 to 1560"},
		{fault.At("full_name", fault.MaxLength, "most", 1), "must have at most 1 character", "Escriba como máximo 1 carácter", "must have at most 1 character"},
		{fault.At("full_name", fault.MaxLength, "most", 255), "must have at most 255 characters", "Escriba como máximo 255 caracteres", "must have at most 255 characters"},
		{fault.At("kind", fault.OneOf, "accepted", servicing.PaymentKinds), "must be one of payment, prepayment or advance payment",
			"Elija una opción: pago, pago anticipado o pago adelantado", "must be one of payment, prepayment or advance"},
		{fault.At("method", fault.OneOf, "accepted", []schedule.Method{schedule.Level, schedule.LevelWithIVA, schedule.Single}),
			"must be one of level payments plus IVA, level payments including IVA or single payment",
			"Elija una opción: pagos iguales de capital e intereses más IVA, pagos iguales con IVA incluido o pago único al vencimiento",
			"must be one of level, level_with_iva or single"},
		{fault.At("day_count", fault.OneOf, "accepted", []civil.DayCount{civil.Actual360, civil.Actual365, civil.ActualActual}),
			"must be one of calendar days, 360-day year; calendar days, 365-day year; or calendar days, calendar year",
			"Elija una opción: días naturales, año de 360 días; días naturales, año de 365 días; o días naturales, año natural",
			"must be one of ACT/360, ACT/365 or ACT/ACT"},
		{fault.At("first_due_date", schedule.AfterDisbursement, "disbursement", march), "must be after the disbursement date (2026-03-05)",
			"Debe ser posterior a la fecha de entrega (5 mar 2026)", "must be after the disbursement date (2026-03-05)"},
		{fault.At("month", accounting.MonthOver, "latest", march.MonthOf()), "must be a month that has ended: 2026-03 or earlier",
			"Elija un mes que ya terminó: marzo de 2026 o anterior", "must be a month that has ended: 2026-03 or earlier"},
		{fault.At("x", fault.AtMost), "must be at most {most}", "No puede ser mayor que {most}", "must be at most {most}"},
		{fault.At("x", "no_such_rule"), "no_such_rule", "no_such_rule", "no_such_rule"},
	} {
		for _, x := range []struct{ got, want string }{{text.Message(text.EN, c.flaw), c.en}, {text.Message(text.ES, c.flaw), c.es}, {text.DetailOf(c.flaw), c.detail}} {
			if x.got != x.want {
				t.Errorf("%v: got  %q\nwant %q", c.flaw, x.got, x.want)
			}
		}
	}
}

func TestOf(t *testing.T) {
	for _, c := range []struct {
		value  any
		en, es string
	}{
		{servicing.WrittenOff, "written off", "castigado"},
		{servicing.WriteOffKind, "write-off", "castigo del préstamo"},
		{access.Officer, "loan officer", "ejecutivo de crédito"},
		{loan.Approve, "approve, reject and return loan applications", "autorizar, rechazar y devolver solicitudes de préstamo"},
		{servicing.Status("NEW"), "NEW", "NEW"},
		{money.Amount(0), "0.00", "$0.00"},
		{money.Amount(99_999), "999.99", "$999.99"},
		{money.Amount(100_000), "1,000.00", "$1,000.00"},
		{money.Amount(-123_456_78), "−123,456.78", "−$123,456.78"},
		{money.Amount(-20_00), "−20.00", "−$20.00"},
		{rate.Annual(365_000), "36.5%", "36.5\u00a0%"},
		{rate.One, "100%", "100\u00a0%"},
		{rate.Annual(1), "0.0001%", "0.0001\u00a0%"},
		{civil.Date{Year: 2026, Month: 12, Day: 31}, "2026-12-31", "31 dic 2026"},
		{civil.Date{Year: 2026, Month: 9, Day: 1}, "2026-09-01", "1 sep 2026"},
		{civil.Month{Year: 2026, Month: 13}, "2026-13", "2026-13"},
		{[]schedule.Method{schedule.Level}, "level payments plus IVA", "pagos iguales de capital e intereses más IVA"},
		{[]string{"siete", "ocho"}, "siete or ocho", "siete u ocho"},
		{[]string{"mes", "hora"}, "mes or hora", "mes u hora"},
		{[]int{}, "", ""},
		{1560, "1560", "1560"},
		{"Ana", "Ana", "Ana"},
		{nil, "<nil>", "<nil>"},
	} {
		if got := text.Of(text.EN, c.value); got != c.en {
			t.Errorf("English of %#v: got %q, want %q", c.value, got, c.en)
		}
		if got := text.Of(text.ES, c.value); got != c.es {
			t.Errorf("Spanish of %#v: got %q, want %q", c.value, got, c.es)
		}
	}
}

func TestRender(t *testing.T) {
	words := lang.Text{EN: "{count} {count|day|days} of {name}", ES: "{count} {count|día|días} de {name}"}
	for count, want := range map[any]string{1: "1 día de Ana", 0: "0 días de Ana", 2: "2 días de Ana", int32(1): "1 día de Ana"} {
		if got := text.Render(text.ES, words, map[string]any{"count": count, "name": "Ana"}); got != want {
			t.Errorf("%v: got %q, want %q", count, got, want)
		}
	}
	if got, want := text.Render(text.EN, lang.Text{EN: "a {b", ES: "x"}, nil), "a {b}"; got != want {
		t.Errorf("a brace that is not closed: got %q, want %q", got, want)
	}
}
