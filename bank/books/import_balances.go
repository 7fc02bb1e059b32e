package books

import (
	"sofipo/bank"
	"sofipo/bank/imports"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// ImportBalances posts the opening balances of the books, from one file as a whole, in one entry
// of today. The balances of control accounts come from the loans: those of the file are compared
// with the books, and a difference is a finding. What is missing for the entry to balance goes to
// accounting.OpeningBalances, which the imported loans use too; so its balance is the difference
// between the file and the loans. If a row is rejected, nothing is posted. Refused with
// imports.OtherKind or imports.BalancesTaken.
type ImportBalances struct {
	imports.Chunk
	Rows []core.Balance

	books  map[ledger.Account]money.Amount // debits less credits
	posted bool                            // opening balances were posted before
}

// Name returns the operation's name.
func (*ImportBalances) Name() string { return "import_balances" }

// Check accepts every command: the rows were checked when they were read.
func (*ImportBalances) Check(bank.Rules) error { return nil }

// Needs requests the import and the balances of the books.
func (c *ImportBalances) Needs(n *bank.Needs) {
	c.Need(n)
	n.LockDay()
	n.Read(func(batch *db.Batch) {
		c.books, c.posted = map[ledger.Account]money.Amount{}, false
		batch.Query("SELECT account, sum(amount)::bigint FROM "+bank.AccountAmounts+" a GROUP BY account", func(s db.Scanner) error {
			var account ledger.Account
			var amount money.Amount
			err := s.Scan(&account, &amount)
			c.books[account] = amount
			return err
		})
		batch.Query("SELECT count(*) > 0 FROM imports WHERE kind = 'balances' AND taken > 0 AND id <> $1", func(s db.Scanner) error { return s.Scan(&c.posted) }, c.Import)
	})
}

// Decide stages the entry.
func (c *ImportBalances) Decide(b *bank.Book) (imports.Answer, error) {
	if c.posted {
		return imports.Answer{}, fault.Refuse(core.BalancesTaken)
	}
	w, err := c.Begin(b)
	if err != nil || w.Again() {
		return w.End(b, nil), err
	}
	sums, lines := map[ledger.Account]money.Amount{}, map[ledger.Account]int64{}
	for _, row := range c.Rows {
		a, known := accounting.Find(row.Account, b.Today())
		if !known || !a.Postable() {
			f := core.FindingOf(row.Line, id.ID{}, fault.At(string(core.Account), core.AccountKnown), core.Rejected)
			f.Value = string(row.Account)
			w.Reject(b, f)
			continue
		}
		natural := row.Natural
		if a.Nature == accounting.Credit {
			natural = -natural
		}
		sums[row.Account] += row.Debit - row.Credit + natural
		lines[row.Account] = row.Line
	}
	if w.Rejected+int64(len(c.Unread)) > 0 {
		return w.End(b, nil), nil
	}
	var debits, rest money.Amount
	k := accounting.Booking{ID: b.NewID(), Day: b.Today(), At: b.Now(), Reference: c.Import, Subject: c.Import}
	sheet := k.Sheet()
	for _, a := range accounting.Chart(b.Today()) {
		line, stated := lines[a.Code]
		if !stated {
			continue
		}
		amount := sums[a.Code]
		if !a.Control() {
			sheet.Line(a.Code, c.Import, amount)
			rest -= amount
			debits += max(amount, 0)
			w.Take(b, max(amount, 0), nil)
			continue
		}
		var differs []core.Finding
		if has := c.books[a.Code]; has != amount {
			differs = []core.Finding{{Line: line, Field: core.Account, Rule: core.ControlDiffers, Outcome: core.Incomplete, Value: string(a.Code) + ": " + amount.String() + " / " + has.String()}}
		}
		w.Take(b, 0, differs)
	}
	sheet.Line(accounting.OpeningBalances, c.Import, rest)
	if err := b.Post(k.Entry("opening_balances", sheet)); err != nil {
		return imports.Answer{}, err
	}
	return w.End(b, nil), nil
}
