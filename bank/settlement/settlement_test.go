package settlement_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	tills "sofipo/bank/settlement"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/random"
)

// branch is an office with cash in the vault, a till and loans.
type branch struct {
	*office.Office
	till  settlement.Till
	loans []loan.Loan
}

func openBranch(t *testing.T, d *db.DB, loans int) *branch {
	t.Helper()
	o := office.Open(t, d)
	o.PostByHand("2026-01-15", "Aportación de capital", accounting.Bank, "4101", 100_000_000)
	o.PostByHand("2026-01-15", "Dotación de efectivo", accounting.Cash, accounting.Bank, 5_000_000)
	b := &branch{Office: o, till: office.Do(o, "marta", tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice})}
	holder := o.Client(1)
	for range loans {
		b.loans = append(b.loans, o.Lend(holder.ID, 1_000_000))
	}
	return b
}

// try executes a command and returns the code of its refusal.
func try[A any](b *branch, who string, c bank.Command[A]) (A, fault.Code) {
	b.Helper()
	got, err := bank.Do(b.Context(), b.Bank, bank.By{System: true, Actor: who}, c)
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return got.Answer, refusal.Code
	}
	if err != nil {
		b.Fatalf("%s: got %v, want a refusal or no error", c.Name(), err)
	}
	return got.Answer, ""
}

// refused executes a command that must be refused with a code.
func refused[A any](b *branch, who string, c bank.Command[A], want fault.Code) {
	b.Helper()
	if _, got := try(b, who, c); got != want {
		b.Errorf("%s by %s: got %q, want %q", c.Name(), who, got, want)
	}
}

func (b *branch) open(who string, opening money.Amount) settlement.Session {
	b.Helper()
	return office.Do(b.Office, who, tills.OpenTill{TillID: b.till.ID, Opening: opening})
}

func (b *branch) cash() settlement.Means {
	return settlement.Means{Method: settlement.Cash, TillID: b.till.ID}
}

func (b *branch) pay(n int, amount money.Amount, m settlement.Means) lending.ReceivePayment {
	return lending.ReceivePayment{LoanID: b.loans[n].ID, Operation: servicing.Operation{Amount: amount, Means: m}}
}

// in returns the cash in a till or vault, or the balance of a bank account.
func (b *branch) in(account string, place id.ID) money.Amount {
	b.Helper()
	return money.Amount(office.Count(b.T, b.DB, fmt.Sprintf("SELECT coalesce(sum(amount), 0)::bigint FROM place_lines WHERE account = '%s' AND subject = '%s'", account, place)))
}

func (b *branch) has(account string, place id.ID, want money.Amount) {
	b.Helper()
	if got := b.in(account, place); got != want {
		b.Errorf("balance on %s: got %s, want %s", account, got, want)
	}
}

func sheet(amount money.Amount) (s settlement.Sheet) {
	for _, d := range settlement.Denominations() {
		if n := int64(amount / d.Value); n > 0 {
			s, amount = append(s, settlement.Pieces{Value: d.Value, Pieces: n}), amount-d.Value*money.Amount(n)
		}
	}
	return s
}

func TestADayAtTheTill(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := openBranch(t, d, 3)
		refused(b, "tito", b.pay(0, 100_00, b.cash()), settlement.TillClosed)
		b.open("tito", 20_000_00)
		b.has("1101", settlement.MainVault, 30_000_00)
		b.has("1101", b.till.ID, 20_000_00)
		refused(b, "tito", tills.OpenTill{TillID: b.till.ID}, settlement.TillOpen)
		refused(b, "rosa", b.pay(0, 100_00, b.cash()), settlement.TillOfAnother)
		refused(b, "rosa", b.pay(0, 100_00, settlement.Means{Method: settlement.Cash, TillID: id.ID{9}}), settlement.TillNotFound)

		paid := office.Do(b.Office, "tito", b.pay(0, 500_00, b.cash()))
		b.has("1101", b.till.ID, 20_500_00)
		if paid.Method != settlement.Cash || paid.TillID != b.till.ID || paid.BranchID != staff.HeadOffice {
			t.Errorf("got %+v, want the till and its branch", paid.Means)
		}
		office.Do(b.Office, "tito", tills.MoveCash{TillID: b.till.ID, Kind: settlement.CashOut, Amount: 50_00, Reason: "papelería"})
		refused(b, "luis", tills.MoveCash{TillID: b.till.ID, Kind: settlement.ToVault, Own: true, Amount: 1_00, Reason: "exceso"}, settlement.TillOfAnother)
		office.Do(b.Office, "tito", tills.MoveCash{TillID: b.till.ID, Kind: settlement.ToVault, Own: true, Amount: 50_00, Reason: "exceso"})
		office.Do(b.Office, "marta", tills.MoveCash{TillID: b.till.ID, Kind: settlement.ToVault, Amount: 400_00, Reason: "exceso"})
		refused(b, "tito", tills.MoveCash{TillID: b.till.ID, Kind: settlement.CashOut, Amount: 20_000_01, Reason: "x"}, settlement.NotEnoughCash)
		b.has("1101", b.till.ID, 20_000_00)

		office.Do(b.Office, "marta", lending.ReverseTransaction{LoanID: b.loans[0].ID, TransactionID: paid.ID})
		b.has("1101", b.till.ID, 19_500_00)
		office.Do(b.Office, "tito", tills.CountTill{TillID: b.till.ID, Sheet: sheet(19_500_00)})
		s := office.Do(b.Office, "tito", tills.CloseTill{TillID: b.till.ID, Sheet: sheet(19_490_00)})
		if s.Expected != 19_500_00 || s.Counted != 19_490_00 || s.ClosedBy != "tito" {
			t.Errorf("got %+v, want 19500.00 expected and 19490.00 counted", s)
		}
		b.has("1101", b.till.ID, 0)
		b.has("1101", settlement.MainVault, 49_940_00)
		refused(b, "tito", b.pay(0, 100_00, b.cash()), settlement.TillClosed)
		office.Sound(t, d)
	})
}

// A payment is returned by the means that the reversal names if its till is closed.
func TestReturnedByOtherMeans(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := openBranch(t, d, 1)
		account := office.Do(b.Office, "cora", tills.AddAccount{Code: "nomina", Title: "Nómina", Bank: "STP"})
		b.open("tito", 0)
		paid := office.Do(b.Office, "tito", b.pay(0, 500_00, b.cash()))
		office.Do(b.Office, "tito", tills.CloseTill{TillID: b.till.ID, Sheet: sheet(500_00)})
		reversal := lending.ReverseTransaction{LoanID: b.loans[0].ID, TransactionID: paid.ID}
		refused(b, "marta", reversal, settlement.TillClosed)
		reversal.Means = settlement.Means{AccountID: account.ID}
		refused(b, "marta", reversal, settlement.NotEnoughMoney)
		office.Do(b.Office, "cora", tills.MoveFunds{FromAccount: settlement.MainAccount, ToAccount: account.ID, Amount: 600_00, Reason: "fondeo"})
		back := office.Do(b.Office, "marta", reversal)
		if back.AccountID != account.ID || back.Method != settlement.Transfer {
			t.Errorf("got %+v, want a transfer from the account", back.Means)
		}
		b.has("1102", account.ID, 100_00)
		b.has("1101", b.till.ID, 0)
		office.Sound(t, d)
	})
}

func TestNoDayClosesWhileATillIsOpen(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := openBranch(t, d, 1)
		closer := dayend.New(b.Bank, dayend.Options{})
		b.open("tito", 100_00)
		b.On("2026-01-16")
		_, err := closer.CloseDay(t.Context(), office.By, office.Day("2026-01-15"), nil)
		if !fault.Is(err, settlement.TillsOpen) {
			t.Fatalf("got %v, want %s", err, settlement.TillsOpen)
		}
		if _, err := closer.ForceDay(t.Context(), office.By, office.Day("2026-01-15"), " ", nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: got %v, want %s", err, fault.Invalid)
		}
		if _, err := closer.ForceDay(t.Context(), office.By, office.Day("2026-01-15"), "el cajero no llegó", nil); err != nil {
			t.Fatal(err)
		}
		if got := office.Count(t, d, "SELECT count(*) FROM forced_closes WHERE tills = 'c1'"); got != 1 {
			t.Errorf("got %d forced closes, want 1", got)
		}
		b.On("2026-01-17")
		if _, err := closer.ForceDay(t.Context(), office.By, office.Day("2026-01-16"), "otra vez", nil); !fault.Is(err, settlement.NoTillsOpen) {
			t.Errorf("nothing to force: got %v, want %s", err, settlement.NoTillsOpen)
		}
		if _, err := closer.CloseDay(t.Context(), office.By, office.Day("2026-01-16"), nil); err != nil {
			t.Errorf("the day after a forced close: %v", err)
		}
		refused(b, "tito", b.pay(0, 100_00, b.cash()), settlement.TillLeftOpen)
		refused(b, "tito", tills.MoveCash{TillID: b.till.ID, Kind: settlement.CashOut, Amount: 1_00, Reason: "papelería"}, settlement.TillLeftOpen)
		refused(b, "marta", tills.MoveCash{TillID: b.till.ID, Kind: settlement.ToVault, Amount: 1_00, Reason: "exceso"}, settlement.TillLeftOpen)
		refused(b, "tito", tills.OpenTill{TillID: b.till.ID}, settlement.TillOpen)
		office.Do(b.Office, "tito", tills.CountTill{TillID: b.till.ID, Sheet: sheet(100_00)})
		refused(b, "marta", tills.CloseTill{TillID: b.till.ID, Forced: true}, fault.Invalid)
		office.Do(b.Office, "marta", tills.CloseTill{TillID: b.till.ID, Forced: true, Reason: "el cajero no llegó", Sheet: sheet(100_00)})
		b.open("tito", 100_00)
		office.Do(b.Office, "tito", b.pay(0, 100_00, b.cash()))
		b.On("2026-01-18")
		if _, err := closer.CloseDay(t.Context(), office.By, office.Day("2026-01-17"), nil); !fault.Is(err, settlement.TillsOpen) {
			t.Errorf("the next session: got %v, want %s", err, settlement.TillsOpen)
		}
		office.Sound(t, d)
	})
}

func TestTillsAndAccountsAreRenamedAndRetired(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := openBranch(t, d, 1)
		account := office.Do(b.Office, "cora", tills.AddAccount{Code: "nomina", Title: "Nómina", Bank: "STP"})
		if got := office.Do(b.Office, "marta", tills.RenameTill{TillID: b.till.ID, Title: "Ventanilla"}); got.Name != "Ventanilla" || got.Code != "c1" {
			t.Errorf("got %+v, want the new name and the same code", got)
		}
		stp := "BBVA"
		if got := office.Do(b.Office, "cora", tills.ChangeAccount{AccountID: account.ID, Bank: &stp}); got.Bank != stp || got.Name != "Nómina" {
			t.Errorf("got %+v, want another bank and the same name", got)
		}
		wrong := "646180157000000005"
		refused(b, "cora", tills.ChangeAccount{AccountID: account.ID, CLABE: &wrong}, fault.Invalid)
		refused(b, "marta", tills.RenameTill{TillID: account.ID, Title: "x"}, settlement.TillNotFound)

		retire, closing := tills.RetireTill{TillID: b.till.ID}, tills.CloseAccount{AccountID: account.ID}
		b.open("tito", 100_00)
		refused(b, "marta", retire, settlement.TillOpen)
		office.Do(b.Office, "tito", b.pay(0, 100_00, settlement.Means{Method: settlement.Card, Reference: "7", AccountID: account.ID}))
		refused(b, "cora", closing, settlement.PlaceNotEmpty)
		office.Do(b.Office, "cora", tills.MoveFunds{FromAccount: account.ID, Method: settlement.Card, ToAccount: account.ID, Amount: 100_00, Reason: "abono"})
		refused(b, "cora", closing, settlement.PlaceNotEmpty)
		office.Do(b.Office, "cora", tills.MoveFunds{FromAccount: account.ID, ToAccount: settlement.MainAccount, Amount: 100_00, Reason: "concentración"})
		office.Do(b.Office, "cora", closing)
		office.Do(b.Office, "tito", tills.CloseTill{TillID: b.till.ID, Sheet: sheet(100_00)})
		office.Do(b.Office, "marta", retire)

		refused(b, "marta", retire, settlement.TillRetired)
		refused(b, "tito", tills.OpenTill{TillID: b.till.ID}, settlement.TillRetired)
		refused(b, "marta", tills.RetireTill{TillID: settlement.MainVault}, settlement.VaultStays)
		refused(b, "cora", closing, settlement.AccountClosed)
		refused(b, "cora", tills.CloseAccount{AccountID: settlement.MainAccount}, settlement.MainAccountStays)
		refused(b, "tito", b.pay(0, 1_00, settlement.Means{AccountID: account.ID}), settlement.AccountClosed)
		office.Sound(t, d)
	})
}

// Payments and the close of their till are committed in some order: what the close counts is
// what the till has.
func TestPaymentsDoNotRaceTheClose(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := openBranch(t, d, 8)
		now := b.Now
		other := office.OpenBank(t, d, office.Clock(func() time.Time { return now }), office.Writers(1))
		for round := range 5 {
			b.open("tito", 0)
			var work sync.WaitGroup
			paid := make([]bool, len(b.loans))
			for n := range b.loans {
				work.Go(func() {
					_, err := bank.Do(context.Background(), other, bank.By{System: true, Actor: "tito"}, b.pay(n, 1_00, b.cash()))
					if paid[n] = err == nil; err != nil && !fault.Is(err, settlement.TillClosed) {
						t.Errorf("round %d: got %v, want %s", round, err, settlement.TillClosed)
					}
				})
			}
			s, _ := bank.Do(context.Background(), b.Bank, bank.By{System: true, Actor: "tito"}, tills.CloseTill{TillID: b.till.ID, Sheet: sheet(0)})
			work.Wait()
			count := money.Amount(0)
			for _, done := range paid {
				if done {
					count += 1_00
				}
			}
			if s.Answer.Expected != count {
				t.Errorf("round %d: the close expects %s, want %s", round, s.Answer.Expected, count)
			}
		}
		office.Sound(t, d)
	})
}

// TestOneOpensATill: of two tellers who open one till on two nodes at once, and of a teller who
// opens two tills, one session is opened. The others are refused.
func TestOneOpensATill(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := openBranch(t, d, 0)
		now := b.Now
		nodes := []*bank.Bank{b.Bank, office.OpenBank(t, d, office.Clock(func() time.Time { return now }), office.Writers(1))}
		second := office.Do(b.Office, "marta", tills.AddTill{Code: "c2", Title: "Caja 2", BranchID: staff.HeadOffice})
		for round := range 6 {
			opens := []struct {
				who  string
				till id.ID
			}{{"tito", b.till.ID}, {"tina", b.till.ID}}
			refusal := settlement.TillOpen
			if round%2 == 1 {
				opens[1].who, opens[1].till, refusal = "tito", second.ID, settlement.TellerBusy
			}
			var work sync.WaitGroup
			errs := make([]error, len(opens))
			for i, o := range opens {
				work.Go(func() {
					_, errs[i] = bank.Do(context.Background(), nodes[i], bank.By{System: true, Actor: o.who}, tills.OpenTill{TillID: o.till, Opening: 100_00})
				})
			}
			work.Wait()
			lost := 0
			if errs[0] != nil {
				lost = 1
				errs[0], errs[1] = errs[1], errs[0]
			}
			if errs[0] != nil || !fault.Is(errs[1], refusal) {
				t.Fatalf("round %d: got %v, want one session and %s", round, errs, refusal)
			}
			won := opens[lost]
			office.Do(b.Office, won.who, tills.CloseTill{TillID: won.till, Sheet: sheet(100_00)})
		}
		if n := office.Count(t, d, "SELECT count(*) FROM till_sessions"); n != 6 {
			t.Errorf("got %d sessions, want 6", n)
		}
		office.Sound(t, d)
	})
}

// A random history of tellers, a manager and an accountant keeps the books sound.
func TestHistory(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		r := random.New(t, 1)
		b := openBranch(t, d, 4)
		second := office.Do(b.Office, "marta", tills.AddTill{Code: "c2", Title: "Caja 2", BranchID: staff.HeadOffice})
		account := office.Do(b.Office, "cora", tills.AddAccount{Code: "cobranza", Title: "Cobranza", Bank: "BBVA"})
		methods := []settlement.Means{
			{}, {AccountID: account.ID}, {Method: settlement.Cheque, Reference: "1"}, {Method: settlement.Card, Reference: "2", AccountID: account.ID},
			{Method: settlement.PayrollDeduction}, {Method: settlement.Shop, Reference: "3"},
		}
		tellers := map[string]settlement.Till{"tito": b.till, "rosa": second}
		done := map[string]int{}
		var paid []servicing.Transaction
		for range 300 {
			who := []string{"tito", "rosa"}[r.IntN(2)]
			till := tellers[who]
			amount := money.Amount(1 + r.IntN(300_00))
			means := settlement.Means{Method: settlement.Cash, TillID: till.ID}
			var code fault.Code
			step := []string{"open", "close", "cash", "cash", "pay", "out", "vault", "reverse", "funds"}[r.IntN(9)]
			switch step {
			case "open":
				_, code = try(b, who, tills.OpenTill{TillID: till.ID, Opening: amount})
			case "close":
				_, code = try(b, who, tills.CloseTill{TillID: till.ID, Sheet: sheet(max(0, b.in("1101", till.ID)/10*10+money.Amount(r.IntN(3)-1)*10))})
			case "cash", "pay":
				if step == "pay" {
					means = methods[r.IntN(len(methods))]
				}
				var m servicing.Transaction
				if m, code = try(b, who, b.pay(r.IntN(len(b.loans)), amount, means)); code == "" {
					paid = append(paid, m)
				}
			case "out":
				_, code = try(b, who, tills.MoveCash{TillID: till.ID, Kind: settlement.CashOut, Amount: amount, Reason: "gasto"})
			case "vault":
				kind := []settlement.MoveKind{settlement.FromVault, settlement.ToVault}[r.IntN(2)]
				_, code = try(b, "marta", tills.MoveCash{TillID: till.ID, Kind: kind, Amount: amount, Reason: "traspaso"})
			case "reverse":
				if len(paid) > 0 {
					m := paid[r.IntN(len(paid))]
					_, code = try(b, "marta", lending.ReverseTransaction{LoanID: loanOf(b, m), TransactionID: m.ID, Means: []settlement.Means{{}, {Method: settlement.Transfer}}[r.IntN(2)]})
				}
			case "funds":
				_, code = try(b, "cora", tills.MoveFunds{FromAccount: account.ID, ToVault: settlement.MainVault, Amount: amount, Reason: "retiro"})
			}
			done[step+" "+string(code)]++
		}
		for _, step := range []string{"open ", "close ", "cash ", "pay ", "out ", "vault ", "reverse ", "funds "} {
			if done[step] == 0 {
				t.Errorf("step %q: got no success in %v, want some", step, done)
			}
		}
		for _, till := range tellers {
			if got := b.in("1101", till.ID); got < 0 {
				t.Errorf("till %s: got %s, want at least 0", till.Code, got)
			}
		}
		office.Sound(t, d)
	})
}

// loanOf returns the loan of a payment.
func loanOf(b *branch, m servicing.Transaction) id.ID {
	at := slices.IndexFunc(b.loans, func(l loan.Loan) bool {
		return office.Count(b.T, b.DB, fmt.Sprintf("SELECT count(*) FROM loan_transactions WHERE loan_id = '%s' AND id = '%s'", l.ID, m.ID)) == 1
	})
	return b.loans[max(at, 0)].ID
}

// TestATellerChangesTills: one batch may close a till of a teller and open another one.
func TestATellerChangesTills(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := openBranch(t, d, 0)
		second := office.Do(b.Office, "marta", tills.AddTill{Code: "c2", Title: "Caja 2", BranchID: staff.HeadOffice})
		b.open("tito", 0)
		refused(b, "tito", tills.OpenTill{TillID: second.ID}, settlement.TellerBusy)
		by := bank.By{System: true, Actor: "tito"}
		release := office.Hold(t, b.Bank)
		closed, _ := bank.Start(t.Context(), b.Bank, by, tills.CloseTill{TillID: b.till.ID})
		opened, _ := bank.Start(t.Context(), b.Bank, by, tills.OpenTill{TillID: second.ID})
		release()
		_, err := closed.Wait()
		got, failed := opened.Wait()
		if err = errors.Join(err, failed); err != nil || got.Answer.TillID != second.ID {
			t.Errorf("got %+v, %v, want the second till open", got.Answer, err)
		}
		refused(b, "tito", tills.OpenTill{TillID: b.till.ID}, settlement.TellerBusy)
	})
}
