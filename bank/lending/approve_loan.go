package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
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

// Permission is what the role must hold.
func (ApproveLoan) Permission() access.Permission { return loan.Approve }

// Check refuses nothing.
func (ApproveLoan) Check(bank.Rules) error { return nil }

// Needs the loan.
func (c ApproveLoan) Needs(n *bank.Needs) { needLoan(n, c.LoanID) }

// Authority asks for a second person above the product's approval limit.
func (c ApproveLoan) Authority(b *bank.Book) (bank.Authority, error) {
	l, err := becoming(b, c.LoanID, servicing.Approved)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	p, err := productOf(b, l)
	return otherApprover(l.Loan, p), err
}

// otherApprover is the authority that the approval of a loan needs: above the limit of
// the product it takes another person than the one who applied.
func otherApprover(l loan.Loan, p product.Product) bank.Authority {
	limit := p.Limits.ApprovalLimit
	if l.Amount <= limit {
		return bank.Authority{}
	}
	return bank.Authority{Maker: l.AppliedBy, Refusal: fault.Refuse(access.FourEyes, "approval_limit", limit, "applied_by", l.AppliedBy).Because(loan.OtherApprover)}
}

// Decide stages the approval.
func (c ApproveLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := becoming(b, c.LoanID, servicing.Approved)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status, l.ApprovedBy = servicing.Approved, b.Actor()
	Loans.Change(b, l)
	b.Publish(loan.ApprovedEvent(l.Loan))
	return l.Loan, nil
}

// becoming gives a loan that may go to the state, or a refusal with the states from
// which it could.
func becoming(b *bank.Book, loanID id.ID, to servicing.Status) (Loan, error) {
	l, err := Find(b, loanID)
	if err != nil || servicing.CanBecome(l.Status, to) {
		return l, err
	}
	why := servicing.CannotBecome
	if l.Status == to {
		why = servicing.IsAlready
	}
	return l, fault.Refuse(servicing.WrongState, "loan_status", l.Status, "accepted", servicing.Before(to), "becomes", to).Because(why)
}
