package settlement

import (
	"cmp"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// MoveFunds moves money from a vault or bank account to another one, or to a bank account from
// what others owe it for a method: cheques, cards, payroll deductions or shops. Refused with
// Invalid, settlement.TillNotFound, AccountNotFound, AccountClosed, NotEnoughCash or
// NotEnoughMoney, or with staff.OutOfScope.
type MoveFunds struct {
	FromVault, FromAccount id.ID             // one of them
	Method                 settlement.Method // collected for FromAccount; empty for its balance
	ToVault, ToAccount     id.ID             // one of them
	Amount                 money.Amount
	Reference, Reason      string
}

// Name returns the operation's name.
func (MoveFunds) Name() string { return "move_funds" }

// Permission returns the permission that the actor's role must have.
func (MoveFunds) Permission() access.Permission { return settlement.Treasury }

// Check refuses places that are missing, double or equal, and a method that is not collected.
func (c MoveFunds) Check(bank.Rules) error {
	if err := cmp.Or(settlement.CheckAmount(c.Amount), settlement.CheckReason(c.Reason), settlement.CheckReference(c.Reference)); err != nil {
		return err
	}
	switch collected := c.Method != ""; {
	case c.FromVault.IsZero() == c.FromAccount.IsZero():
		return fault.Wrong(fault.At("from_vault", settlement.OnePlace))
	case c.ToVault.IsZero() == c.ToAccount.IsZero():
		return fault.Wrong(fault.At("to_vault", settlement.OnePlace))
	case collected && !settlement.Collected(c.Method):
		return fault.Wrong(fault.At("method", fault.OneOf, "accepted", settlement.CollectedMethods()))
	case collected && (c.FromAccount.IsZero() || c.ToAccount.IsZero()):
		return fault.Wrong(fault.At("method", settlement.CollectedByBank))
	case !collected && c.FromVault == c.ToVault && c.FromAccount == c.ToAccount:
		return fault.Wrong(fault.At("to_account", settlement.OtherPlace))
	}
	return nil
}

// Needs requests the vaults and bank accounts, and the balance of the first.
func (c MoveFunds) Needs(n *bank.Needs) {
	for _, vaultID := range []id.ID{c.FromVault, c.ToVault} {
		if !vaultID.IsZero() {
			tillByID.Need(n, vaultID)
		}
	}
	for _, accountID := range []id.ID{c.FromAccount, c.ToAccount} {
		if !accountID.IsZero() {
			accountByID.Need(n, accountID)
		}
	}
	from, _ := c.places()
	n.PlaceBalance(from.Account, from.Subject)
}

func (c MoveFunds) places() (from, to settlement.Place) {
	from, to = settlement.CashAt(c.FromVault), settlement.CashAt(c.ToVault)
	if !c.FromAccount.IsZero() {
		from = settlement.Means{Method: cmp.Or(c.Method, settlement.Transfer), AccountID: c.FromAccount}.Received()
	}
	if !c.ToAccount.IsZero() {
		to = settlement.Means{Method: settlement.Transfer, AccountID: c.ToAccount}.Received()
	}
	return from, to
}

// Decide stages the transfer and its entry.
func (c MoveFunds) Decide(b *bank.Book) (settlement.FundTransfer, error) {
	from, to := c.places()
	if err := c.checkPlaces(b, b.PlaceBalance(from.Account, from.Subject)); err != nil {
		return settlement.FundTransfer{}, err
	}
	t := settlement.FundTransfer{ID: b.NewID(), From: from, To: to, Amount: c.Amount, Reference: c.Reference, Reason: c.Reason, At: b.Now(), Actor: b.Actor()}
	k := accounting.Booking{ID: b.NewID(), Day: b.Today(), At: b.Now(), Reference: t.ID, Subject: t.ID}
	sheet := k.Sheet()
	sheet.Line(to.Account, cmp.Or(to.Subject, t.ID), c.Amount)
	sheet.Line(from.Account, cmp.Or(from.Subject, t.ID), -c.Amount)
	t.From.Subject, t.To.Subject = cmp.Or(c.FromVault, c.FromAccount), cmp.Or(c.ToVault, c.ToAccount)
	t.Entry = k.ID
	FundTransfers.Add(b, t)
	b.Publish(settlement.FundsMovedEvent(t))
	return t, b.Post(k.Entry("funds_moved", sheet))
}

// checkPlaces refuses vaults and accounts that do not exist or are closed, and an amount that
// the first one does not have.
func (c MoveFunds) checkPlaces(b *bank.Book, has money.Amount) error {
	for _, vaultID := range []id.ID{c.FromVault, c.ToVault} {
		if vaultID.IsZero() {
			continue
		}
		v, err := coveredTill(b, vaultID)
		switch {
		case err != nil:
			return err
		case v.VaultOf.IsZero():
			return fault.Refuse(settlement.TillNotFound)
		case vaultID == c.FromVault:
			if err := v.CheckCash(has, c.Amount); err != nil {
				return err
			}
		}
	}
	for _, accountID := range []id.ID{c.FromAccount, c.ToAccount} {
		if accountID.IsZero() {
			continue
		}
		a, err := findAccount(b, accountID)
		if err == nil && accountID == c.FromAccount && c.Method == "" && accountID != settlement.MainAccount {
			err = a.CheckMoney(has, c.Amount)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
