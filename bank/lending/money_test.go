package lending_test

import (
	"cmp"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"sofipo/bank"
	"sofipo/bank/lending"
	banks "sofipo/bank/settlement"
	branches "sofipo/bank/staff"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
)

// The actions on tills and incoming payments, and what must hold of them.

// vaultCash is the cash with which a history begins.
const vaultCash money.Amount = 100_000_00

// equip adds two tills with cash in their vault, one of them open if the history begins so, and
// the layout of the bank's files.
func (h *history) equip(open bool) {
	var made []error
	for _, code := range []string{"caja-1", "caja-2"} {
		till, err := give(h, "ana", banks.AddTill{Code: code, Title: "Caja", BranchID: staff.HeadOffice})
		if made = append(made, err); open && code == "caja-1" {
			_, err = give(h, "ana", banks.OpenTill{TillID: till.ID})
			made = append(made, err)
		}
	}
	_, err := give(h, "ana", banks.MoveFunds{FromAccount: settlement.MainAccount, ToVault: settlement.MainVault, Amount: vaultCash, Reason: "dotación"})
	_, layout := give(h, "ana", banks.SetLayout{AccountID: settlement.MainAccount, Layout: bankLayout})
	if err := cmp.Or(cmp.Or(made...), err, layout); err != nil {
		h.t.Fatal(err)
	}
}

// tills returns the tills of tellers that are in use, without the vaults.
func (h *history) tills() (all []settlement.Till) {
	for _, t := range banks.Tills.Rows(h.Memory) {
		if t.VaultOf.IsZero() && !t.Closed {
			all = append(all, t)
		}
	}
	return all
}

// anyMeans draws means that an actor can mostly use: none, the actor's open till, a till that is
// not, or another method.
func (h *history) anyMeans(t *rapid.T, actor string) settlement.Means {
	if tills := h.tills(); len(tills) > 0 && rapid.IntRange(0, 2).Draw(t, "in cash") == 0 {
		till := rapid.SampledFrom(tills).Draw(t, "till")
		if own := slices.IndexFunc(tills, func(x settlement.Till) bool { return x.Teller == actor }); own >= 0 {
			till = tills[own]
		}
		return settlement.Means{Method: settlement.Cash, TillID: till.ID}
	}
	return rapid.SampledFrom([]settlement.Means{{}, {}, {}, {}, {Method: settlement.Cheque, Reference: "8"}, {Method: settlement.Shop, Reference: "ñ"},
		{AccountID: settlement.MainAccount}, {AccountID: id.ID{9}}}).Draw(t, "means")
}

// anySheet draws a count of cash: mostly what the books have, or a peso more or less.
func anySheet(t *rapid.T, books money.Amount) settlement.Sheet {
	left := max(0, books+rapid.SampledFrom([]money.Amount{0, 0, 0, 1_00, -1_00}).Draw(t, "difference"))
	var s settlement.Sheet
	for _, d := range settlement.Denominations() {
		if n := left / d.Value; n > 0 && !slices.ContainsFunc(s, func(p settlement.Pieces) bool { return p.Value == d.Value }) {
			s = append(s, settlement.Pieces{Value: d.Value, Pieces: int64(n)})
			left -= n * d.Value
		}
	}
	return s
}

// useTill opens, counts or closes a till, or moves its cash.
func (h *history) useTill(t *rapid.T) {
	tills := h.tills()
	if len(tills) == 0 {
		t.Skip("there is no till")
	}
	till, actor := rapid.SampledFrom(tills).Draw(t, "till"), actors.Draw(t, "teller")
	if at := slices.IndexFunc(tills, func(x settlement.Till) bool { return x.Teller == actor }); at >= 0 && rapid.IntRange(0, 3).Draw(t, "own") > 0 {
		till = tills[at]
	}
	cash := h.cash(till.ID)
	open, own := !till.SessionID.IsZero(), till.Teller == actor
	busy := slices.ContainsFunc(tills, func(x settlement.Till) bool { return x.Teller == actor })
	switch rapid.IntRange(0, 6).Draw(t, "what") {
	case 0, 1, 2:
		opening := rapid.SampledFrom([]money.Amount{0, 500_00, 5_000_00, vaultCash + 1}).Draw(t, "opening")
		got, err := give(h, actor, banks.OpenTill{TillID: till.ID, Opening: opening})
		if may := !open && !busy && opening <= h.cash(till.VaultID)+got.Opening; may != (err == nil) || err == nil && (got.Teller != actor || h.cash(till.ID) != opening) {
			t.Fatalf("%s opens %s, open: %t, with %s: got %+v, %v, want it opened: %t", actor, till.Code, open, opening, got, err, may)
		}
	case 3:
		c := banks.CountTill{TillID: till.ID, Sheet: anySheet(t, cash)}
		got, err := give(h, actor, c)
		if own != (err == nil) || own && (got.Expected != cash || got.Counted != c.Sheet.Total()) {
			t.Fatalf("%s counts %s of %q: got %+v, %v, want %s expected", actor, till.Code, till.Teller, got, err, cash)
		}
	case 4:
		c := banks.CloseTill{TillID: till.ID, Sheet: anySheet(t, cash), Forced: rapid.Bool().Draw(t, "forced"), Reason: "se fue"}
		got, err := give(h, actor, c)
		if may := own || open && c.Forced; may != (err == nil) || may && (got.Expected != cash || got.Counted != c.Sheet.Total() || h.cash(till.ID) != 0) {
			t.Fatalf("%s closes %s of %q with %s: got %+v, %v, want it closed: %t", actor, till.Code, till.Teller, cash, got, err, may)
		}
	default:
		kind := rapid.SampledFrom([]settlement.MoveKind{settlement.CashIn, settlement.CashOut, settlement.FromVault, settlement.ToVault}).Draw(t, "kind")
		amount := rapid.SampledFrom([]money.Amount{100_00, 700_00, cash + 1}).Draw(t, "amount")
		_, err := give(h, actor, banks.MoveCash{TillID: till.ID, Kind: kind, Own: rapid.Bool().Draw(t, "own"), Amount: amount, Reason: "cambio"})
		want := cash + amount
		if !kind.Adds() {
			want = cash - amount
		}
		if err == nil && (want < 0 || h.cash(till.ID) != want) {
			t.Fatalf("%s of %s: got %s in the till that had %s, want %s", kind, amount, h.cash(till.ID), cash, want)
		}
	}
}

// importFile registers a file of the bank with payments of loans and others, and takes its rows.
func (h *history) importFile(t *rapid.T) {
	var lines []string
	for range rapid.IntRange(1, 3).Draw(t, "rows") {
		concept := rapid.SampledFrom([]string{"ABONO", string(settlement.ReferenceOf(settlement.ByTransfer, 99_999_999_999))}).Draw(t, "concept")
		amount := rapid.SampledFrom([]money.Amount{100_00, 1_500_50, 1}).Draw(t, "amount")
		if loans := h.loansWith(func(l lending.Loan) bool { return l.Serial > 0 }); len(loans) > 0 && rapid.IntRange(0, 3).Draw(t, "reference") > 0 {
			l := h.lending(anyOf(t, "loan", loans))
			concept = string(settlement.ReferenceOf(settlement.ByTransfer, int64(l.Number)))
			amount = max(1, anyAmount(t, l.Account, h.today())+rapid.SampledFrom([]money.Amount{0, 0, 90_000_00}).Draw(t, "more"))
		}
		day := h.today().AddDays(-rapid.IntRange(0, 30).Draw(t, "days ago"))
		operation := rapid.IntRange(1, 40).Draw(t, "operation") // some twice
		lines = append(lines, fmt.Sprintf("%02d/%02d/%d,%d,%s,%s,MARIA", day.Day, day.Month, day.Year, operation, amount, concept))
	}
	actor, c := actors.Draw(t, "importer"), bankFile(lines...)
	if rapid.IntRange(0, 9).Draw(t, "account") == 0 {
		c.AccountID = id.ID{9}
	}
	file, err := give(h, actor, c)
	if (err == nil) != (c.AccountID == settlement.MainAccount) || err != nil {
		return
	}
	stored, _ := banks.Files.Row(h.Memory, file.ID)
	read, err := stored.Layout.Parse(stored.Content, h.today())
	if err != nil {
		t.Fatal(err)
	}
	read.Identify(file.AccountID)
	counts := incoming.Counts{Rows: len(read.Rows) + len(read.Repeated), Bad: len(read.Bad), Known: len(read.Repeated)}
	for _, r := range read.Rows {
		taken, err := h.take(actor, lending.TakeIncoming{Payment: incoming.Of(stored.File, r), Excess: stored.Layout.Excess})
		switch {
		case fault.Is(err, incoming.Taken):
			counts.Known++
		case err != nil:
			t.Fatalf("%+v: got %v, want it taken", r, err)
		case taken[0].Status == incoming.Applied:
			counts.Applied++
		default:
			counts.Waiting++
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "no such file") == 0 {
		file.ID = id.ID{9}
	}
	_, _ = give(h, actor, banks.FinishFile{FileID: file.ID, Counts: counts})
}

// take takes a row with the loan of its reference.
func (h *history) take(actor string, c lending.TakeIncoming) ([]incoming.Payment, error) {
	found, why := c.Payment.ReferenceFound()
	c.Why = why
	if found != "" {
		c.Why = incoming.UnknownLoan
		for _, l := range lending.Loans.Rows(h.Memory) {
			if int64(l.Number) == found.Number() {
				c.LoanID = l.ID
			}
		}
	}
	return give(h, actor, c)
}

// resolve assigns an incoming payment, sends it back or writes it to income.
func (h *history) resolve(t *rapid.T) {
	var all []id.ID
	for _, p := range banks.Incoming.Rows(h.Memory) {
		all = append(all, p.ID)
	}
	p, _ := banks.Incoming.Row(h.Memory, anyOf(t, "incoming payment", all))
	actor := actors.Draw(t, "resolver")
	var got incoming.Payment
	var err error
	switch rapid.IntRange(0, 4).Draw(t, "how") {
	case 0:
		got, err = give(h, actor, banks.ReturnDeposit{PaymentID: p.ID, Reference: "R1"})
	case 1:
		got, err = give(h, actor, &banks.TakeDepositToIncome{PaymentID: p.ID, Reason: "nadie lo reclamó"})
		if err == nil && actor == p.TakenBy {
			t.Fatalf("%s imported it and took it to income: got %+v, want a refusal", actor, got)
		}
	default:
		l := h.disbursed(t, anyStatus)
		got, err = give(h, actor, lending.AssignDeposit{PaymentID: p.ID, LoanID: l.ID, KeepExcess: rapid.Bool().Draw(t, "keep")})
		if err == nil && got.LoanID != l.ID {
			t.Fatalf("got %+v, want it assigned to %s", got, l.ID)
		}
	}
	if suspended := p.Status == incoming.Suspended; err == nil && (!suspended || got.Status == incoming.Suspended) {
		t.Fatalf("%+v: got %+v, want a refusal unless it is in suspense", p, got)
	}
}

// move moves a payment to another loan.
func (h *history) move(t *rapid.T) {
	from := h.disbursed(t, anyStatus)
	m, _ := lending.Transactions.Row(h.Memory, lending.TransactionKey{Loan: from.ID, Number: rapid.IntRange(0, from.Transactions).Draw(t, "transaction")})
	c := lending.MovePayment{LoanID: from.ID, TransactionID: m.ID, ToLoanID: h.disbursed(t, anyStatus).ID, Reason: "otro préstamo", KeepExcess: rapid.Bool().Draw(t, "keep")}
	got, err := give(h, "luis", c)
	if err == nil && (!m.IsPayment() || !m.ReversedBy.IsZero() || got.Amount != m.Amount || got.LoanID != c.ToLoanID || got.Means != m.Means) {
		t.Fatalf("%+v moved: got %+v, want a payment in force, with the same amount and means", m, got)
	}
}

// refund pays unapplied funds back.
func (h *history) refund(t *rapid.T) {
	l := h.disbursed(t, servicing.Alive)
	c := lending.RefundUnapplied{LoanID: l.ID, Amount: max(1, l.Unapplied*money.Amount(rapid.SampledFrom([]int{50, 100, 101}).Draw(t, "percent"))/100)}
	actor := actors.Draw(t, "teller")
	if rapid.IntRange(0, 2).Draw(t, "means") == 0 {
		c.Means = h.anyMeans(t, actor)
	}
	if _, err := give(h, actor, c); err == nil && c.Amount > l.Unapplied {
		t.Fatalf("got %s refunded of %s, want a refusal", c.Amount, l.Unapplied)
	}
}

// cash returns what the journal has of the cash of a till or vault.
func (m memory) cash(tillID id.ID) (sum money.Amount) { return m.trial()[tillID][accounting.Cash] }

// soundTills compares the cash of each till and vault with what moved it. A till without a
// session has none.
func (m memory) soundTills(sums map[id.ID]map[ledger.Account]money.Amount) error {
	want := map[id.ID]money.Amount{}
	vaults := map[id.ID]id.ID{}
	for _, t := range banks.Tills.Rows(m.Memory) {
		vaults[t.ID] = t.VaultID
	}
	for _, c := range banks.CashMoves.Rows(m.Memory) {
		amount := c.Amount
		if !c.Kind.Adds() {
			amount = -amount
		}
		want[c.TillID] += amount
		if slices.Contains([]settlement.MoveKind{settlement.Opening, settlement.Closing, settlement.FromVault, settlement.ToVault}, c.Kind) {
			want[vaults[c.TillID]] -= amount
		}
	}
	for _, f := range banks.FundTransfers.Rows(m.Memory) {
		want[f.To.Subject] += f.Amount
		want[f.From.Subject] -= f.Amount
	}
	disbursed := map[id.ID]bool{} // disbursements, cancellations and their reversals; soundDisbursement checks the amounts
	for _, t := range lending.Transactions.Rows(m.Memory) {
		want[t.TillID] += m.paidIn(t.Transaction)
		if disbursed[t.ID] = disbursed[t.ID] || t.Kind == servicing.Disbursement || t.Kind == servicing.Cancellation; t.Kind == servicing.Cancellation {
			disbursed[t.ReversedBy] = true
		}
	}
	for _, e := range m.Entries {
		for _, p := range e.Postings {
			if p.Account == accounting.Cash && disbursed[e.Reference] {
				want[p.Subject] += p.Debit - p.Credit
			}
		}
	}
	places := map[id.ID]bool{}
	for _, t := range banks.Tills.Rows(m.Memory) {
		places[t.ID] = true
		switch has := sums[t.ID][accounting.Cash]; {
		case has != want[t.ID] || has < 0:
			return fmt.Errorf("till %s: the journal has %s, want %s", t.Code, has, want[t.ID])
		case has != 0 && t.SessionID.IsZero() && t.VaultOf.IsZero():
			return fmt.Errorf("till %s is closed and has %s, want nothing", t.Code, has)
		}
	}
	for subject, accounts := range sums {
		if accounts[accounting.Cash] != 0 && !places[subject] {
			return fmt.Errorf("%s has %s of cash and is no till or vault", subject, accounts[accounting.Cash])
		}
	}
	return nil
}

// soundDisbursement checks that the money of a disbursement left the place that its means name,
// and that the money of a cancellation came back to the place that its own means name.
func (m memory) soundDisbursement(l lending.Loan, paid, back *servicing.Transaction, net money.Amount) error {
	moved := func(cause id.ID, place settlement.Place) (sum money.Amount) {
		for _, e := range m.Entries {
			for _, p := range e.Postings {
				if e.Reference == cause && p.Account == place.Account && p.Subject == cmp.Or(place.Subject, l.ID) {
					sum += p.Debit - p.Credit
				}
			}
		}
		return sum
	}
	from := paid.Paid()
	if got := moved(paid.ID, from); got != -net {
		return fmt.Errorf("disbursed by %+v: %+v has %s, want %s", paid.Means, from, got, -net)
	}
	if back == nil {
		return nil
	}
	to := from
	if back.Means != paid.Means {
		to = back.Received()
	}
	if got := moved(back.ID, to); got != net {
		return fmt.Errorf("returned by %+v: %+v has %s, want %s", back.Means, to, got, net)
	}
	return nil
}

// paidIn returns the money that a transaction in force brought to its place.
func (m memory) paidIn(t servicing.Transaction) money.Amount {
	switch {
	case t.Status == servicing.Reversed || t.Method == "":
		return 0
	case slices.Contains(servicing.Payments, t.Kind):
		return t.Amount
	case t.Kind == servicing.RefundKind:
		return -t.Amount
	}
	return 0
}

// soundSuspense compares the account of unidentified deposits with the payments in suspense.
func (m memory) soundSuspense(sums map[id.ID]map[ledger.Account]money.Amount) error {
	for _, p := range banks.Incoming.Rows(m.Memory) {
		want := money.Amount(0)
		if p.Status == incoming.Suspended {
			want = p.Amount
		}
		if has := -sums[p.ID][accounting.UnidentifiedDeposits]; has != want {
			return fmt.Errorf("incoming payment %s, %s: %s is unidentified, want %s", p.ID, p.Status, has, want)
		}
		if p.LoanID.IsZero() {
			continue
		}
		if i := slices.IndexFunc(lending.Transactions.Rows(m.Memory), func(t lending.Transaction) bool { return t.ID == p.TransactionID }); i < 0 {
			return fmt.Errorf("incoming payment %s: transaction %s is missing", p.ID, p.TransactionID)
		}
	}
	return nil
}

// freshDatabase keeps the branch, the vault and the bank account that a fresh database has.
func freshDatabase(m *bank.Memory) {
	created := civil.Date{Year: 2000, Month: 1, Day: 1}.Midnight()
	branches.Branches.Keep(m, staff.Branch{ID: staff.HeadOffice, Code: "001", Name: "Matriz", CreatedAt: created})
	banks.Tills.Keep(m, settlement.Till{ID: settlement.MainVault, Code: "boveda", Name: "Bóveda", BranchID: staff.HeadOffice, VaultOf: staff.HeadOffice, CreatedAt: created})
	banks.Accounts.Keep(m, settlement.Account{ID: settlement.MainAccount, Code: "principal", Name: "Cuenta principal", Overdraft: true, CreatedAt: created})
}
