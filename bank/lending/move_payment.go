package lending

import (
	"errors"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/settlement"
)

// MovePayment moves a payment that was registered on the wrong loan: it is reversed there and
// registered on the right one, with the same amount, value date and means. Refused with
// Invalid, loan.NotFound, servicing.TransactionNotFound, servicing.WrongState,
// accounting.PeriodClosed, servicing.NotActive or servicing.OverPayment.
type MovePayment struct {
	LoanID        id.ID
	TransactionID id.ID
	ToLoanID      id.ID
	Reason        string
	KeepExcess    bool // keep what is above the payoff amount of the right loan
}

// Name returns the operation's name.
func (MovePayment) Name() string { return "move_payment" }

// Permission returns the permission that the actor's role must have.
func (MovePayment) Permission() access.Permission { return loan.Reverse }

// Check limits the length of the reason, and refuses to move a payment to its own loan.
func (c MovePayment) Check(bank.Rules) error {
	if c.LoanID == c.ToLoanID {
		return fault.Wrong(fault.At("to_loan_id", servicing.OtherLoan))
	}
	return checkReason(c.Reason)
}

// Needs requests both loans with their histories, and the closed period.
func (c MovePayment) Needs(n *bank.Needs) {
	needHistory(n, c.LoanID)
	clients.NeedBorrower(n, c.LoanID)
	needHistory(n, c.ToLoanID)
	n.Period()
}

// Decide stages the reversal and the payment.
func (c MovePayment) Decide(b *bank.Book) (servicing.Transaction, error) {
	to, err := Find(b, c.ToLoanID)
	if err != nil {
		return servicing.Transaction{}, err
	}
	r := ReverseTransaction{LoanID: c.LoanID, TransactionID: c.TransactionID, Reason: c.Reason}
	from, err := Find(b, c.LoanID)
	if err != nil {
		return servicing.Transaction{}, err
	}
	wrong, err := r.find(b, from)
	if err != nil {
		return servicing.Transaction{}, err
	}
	if !wrong.IsPayment() {
		return servicing.Transaction{}, fault.Refuse(servicing.WrongState, "kind", wrong.Kind).Because(servicing.NotMovable)
	}
	if err := b.CheckOpen(wrong.ValueDate); err != nil {
		return servicing.Transaction{}, err
	}
	reversal, err := r.undo(b, from, wrong, func(Loan, servicing.Transaction) (settlement.Means, error) { return wrong.Means, nil })
	if err != nil {
		return servicing.Transaction{}, err
	}
	o := servicing.Operation{
		Kind: wrong.Kind, ValueDate: wrong.ValueDate, Amount: wrong.Amount, KeepExcess: wrong.KeepExcess || c.KeepExcess, Means: wrong.Means,
	}
	to, right, err := receive(b, to, o)
	if err != nil {
		return right, onTarget(err)
	}
	b.Publish(servicing.PaymentMovedEvent(right, to.Loan, reversal, c.Reason))
	return right, nil
}

// onTarget returns the refusal of a moved payment for the caller, who sent no value date: one for
// the value date names the loan that cannot take the payment on it.
func onTarget(err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || len(refusal.Flaws) != 1 || refusal.Flaws[0].Name() != "value_date" {
		return err
	}
	flaw := fault.At("to_loan_id", servicing.TakesPayment, "cause", refusal)
	if old := refusal.Flaws[0]; old.Rule == servicing.LaterOperation { // its text does not speak of the field
		flaw.Rule, flaw.Values = old.Rule, old.Values
	}
	named := fault.Wrong(flaw)
	named.Values = refusal.Values
	return named
}
