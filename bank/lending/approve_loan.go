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

// ApproveLoan approves an application. Above the product's approval limit, the approver must
// not be the applicant. Refused with loan.NotFound, servicing.WrongState or access.FourEyes.
type ApproveLoan struct{ LoanID id.ID }

// Name returns the operation's name.
func (ApproveLoan) Name() string { return "approve_loan" }

// Permission returns the permission that the actor's role must have.
func (ApproveLoan) Permission() access.Permission { return loan.Approve }

// Check accepts every command.
func (ApproveLoan) Check(bank.Rules) error { return nil }

// Needs requests the loan.
func (c ApproveLoan) Needs(n *bank.Needs) { needLoan(n, c.LoanID) }

// Authority requires a second person above the product's approval limit.
func (c ApproveLoan) Authority(b *bank.Book) (bank.Authority, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Approved)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	p, err := productOf(b, l)
	return otherApprover(l.Loan, p), err
}

// otherApprover returns the authority needed to approve a loan: above the product's limit,
// somebody other than the applicant.
func otherApprover(l loan.Loan, p product.Product) bank.Authority {
	limit := p.Limits.ApprovalLimit
	if l.Amount <= limit {
		return bank.Authority{}
	}
	return bank.Authority{Maker: l.AppliedBy, Refusal: fault.Refuse(access.FourEyes, "approval_limit", limit, "applied_by", l.AppliedBy).Because(loan.OtherApprover)}
}

// Decide stages the approval.
func (c ApproveLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Approved)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status, l.ApprovedBy = servicing.Approved, b.Actor()
	Loans.Change(b, l)
	b.Publish(loan.ApprovedEvent(l.Loan))
	return l.Loan, nil
}

// findForStatus returns a loan that may change to a status. Otherwise it refuses and lists
// the statuses from which the change is possible.
func findForStatus(b *bank.Book, loanID id.ID, to servicing.Status) (Loan, error) {
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
