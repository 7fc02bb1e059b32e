package lending

import (
	"sofipo/bank"
	"sofipo/bank/imports"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/infra/db"
)

// ImportPayments takes a chunk of payments that another system received. They are information:
// they have no entries and change no loan. Payments with the ids of stored ones change nothing.
// Refused with imports.OtherKind.
type ImportPayments struct {
	imports.Chunk
	Rows []core.Payment

	clients map[id.ID]id.ID // of the loans
}

// Name returns the operation's name.
func (*ImportPayments) Name() string { return "import_payments" }

// Check accepts every command: the rows were checked when they were read.
func (*ImportPayments) Check(bank.Rules) error { return nil }

// Needs requests the import, the payments with the ids, and the clients of the loans.
func (c *ImportPayments) Needs(n *bank.Needs) {
	c.Need(n)
	loans := make([]id.ID, len(c.Rows))
	for i, row := range c.Rows {
		pastPaymentByID.Need(n, row.ID)
		loans[i] = row.LoanID
	}
	n.Read(func(batch *db.Batch) {
		c.clients = make(map[id.ID]id.ID, len(loans))
		batch.Query("SELECT id, client_id FROM loans WHERE id = ANY($1::uuid[])", func(s db.Scanner) error {
			var loanID, clientID id.ID
			err := s.Scan(&loanID, &clientID)
			c.clients[loanID] = clientID
			return err
		}, loans)
	})
}

// Decide stages the payments.
func (c *ImportPayments) Decide(b *bank.Book) (imports.Answer, error) {
	w, err := c.Begin(b)
	if err != nil || w.Again() {
		return w.End(b, nil), err
	}
	shown := map[id.ID]bool{}
	var stale []string
	for _, row := range c.Rows {
		clientID, lent := c.clients[row.LoanID]
		reject := func(flaw fault.Flaw) { w.Reject(b, core.FindingOf(row.Line, row.ID, flaw, core.Rejected)) }
		switch stored := PastPayments.At(b, row.ID); {
		case stored != nil && (stored.LoanID != row.LoanID || stored.Amount != row.Amount):
			reject(fault.At(string(core.Number), core.SameRow))
		case stored != nil:
			w.Known++
		case !lent:
			reject(fault.At(string(core.LoanNumber), core.LoanKnown))
		case civil.DateOf(b.Local(row.PaidAt)).After(b.Today()):
			reject(core.NotFuture(core.PaidAt, b.Today()))
		default:
			PastPayments.Add(b, PastPayment{
				ID: row.ID, LoanID: row.LoanID, ClientID: clientID, ImportID: c.Import, Line: row.Line, Amount: row.Amount, PaidAt: row.PaidAt, Reference: row.Reference,
			})
			w.Take(b, row.Amount, nil)
			if !shown[clientID] {
				shown[clientID] = true
				stale = append(stale, client.StatementCacheKey(clientID))
			}
		}
	}
	return w.End(b, stale), nil
}
