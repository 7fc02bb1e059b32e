package bank

import (
	"fmt"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
)

// ApproveLoan approves an application. Above the product's approval limit it
// must be another person than the one who applied. Refused with LoanNotFound,
// LoanState or FourEyes.
type ApproveLoan struct{ LoanID id.ID }

// Name is the operation.
func (ApproveLoan) Name() string { return "approve_loan" }

// Check refuses nothing.
func (ApproveLoan) Check(Rules) error { return nil }

// Needs the loan.
func (c ApproveLoan) Needs(n *Needs) { n.Loan(c.LoanID) }

// Decide stages the approval.
func (c ApproveLoan) Decide(b *Book) (loan.Loan, error) {
	l, err := b.becoming(c.LoanID, servicing.Approved)
	if err != nil {
		return loan.Loan{}, err
	}
	p, err := b.product(l)
	if err != nil {
		return loan.Loan{}, err
	}
	if err := checkFourEyes(l.Loan, p, b.Actor()); err != nil {
		return loan.Loan{}, err
	}
	l.Status, l.ApprovedBy = servicing.Approved, b.Actor()
	put(b, b.loans, l.ID, l, changed)
	b.Tell(loan.ApprovedEvent(l.Loan))
	return l.Loan, nil
}

// becoming is a loan that may go to the state, or a refusal with LoanState that
// tells from which ones it could.
func (b *Book) becoming(loanID id.ID, to servicing.Status) (lending, error) {
	l, err := b.lending(loanID)
	if err != nil || servicing.CanBecome(l.Status, to) {
		return l, err
	}
	return l, fault.New(fault.LoanState, fmt.Sprintf("A loan that is %s cannot become %s", l.Status, to),
		fmt.Sprintf("Un préstamo en estado %s no puede pasar a %s", l.Status, to)).With("loan_status", l.Status).With("accepted", servicing.Before(to))
}

// checkFourEyes refuses that the person who applied for a loan above the limit
// of the product approves it.
func checkFourEyes(l loan.Loan, p product.Product, approver string) error {
	if most := p.Limits.ApprovalLimit; l.Amount > most && l.AppliedBy == approver {
		return fault.New(fault.FourEyes, fmt.Sprintf("Above %s another person than the one who applied must approve the loan", most),
			fmt.Sprintf("Por arriba de %s debe autorizar el préstamo una persona distinta de quien capturó la solicitud", most)).
			With("approval_limit", most).With("applied_by", l.AppliedBy)
	}
	return nil
}
