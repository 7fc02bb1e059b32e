package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/staff"
)

// ApproveLoan approves an application. The exposure to the client must be within the limits of
// the approver. Who applied for the loan or edited the application approves it only below the
// limit of the product and the own limit to act alone. Refused with loan.NotFound,
// servicing.WrongState, access.FourEyes or authority.Exceeded.
type ApproveLoan struct{ LoanID id.ID }

// Name returns the operation's name.
func (ApproveLoan) Name() string { return "approve_loan" }

// Permission returns the permission that the actor's role must have.
func (ApproveLoan) Permission() access.Permission { return loan.Approve }

// Check accepts every command.
func (ApproveLoan) Check(bank.Rules) error { return nil }

// Needs requests the loan, the steps of its application, and the other loans of its client.
func (c ApproveLoan) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	needExposureOf(n, c.LoanID)
	stepsOfLoan.Need(n, c.LoanID)
}

// Authority requires the limit for the exposure and, above the product's approval limit, a
// second person.
func (c ApproveLoan) Authority(b *bank.Book) (bank.Authority, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Approved)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	p, err := productOf(b, l)
	if err != nil {
		return bank.Authority{}, err
	}
	needed := use(staff.Approving, exposureTo(b, l.ClientID))
	needed.Makers = applicants(b, p, needed.Uses[0].Amount, madeBy(b, l)...)
	return needed, nil
}

// applicants returns the users who asked for a loan as its makers. One of them decides it with
// the limits to approve it and to act alone, but not above the limit of the product.
func applicants(b *bank.Book, p product.Product, exposure money.Amount, users ...string) []bank.Makers {
	makers := bank.Makers{Users: users}
	if limit := p.Limits.ApprovalLimit; limit < money.Max && exposure > limit { // money.Max is no limit, also for a client who owes more
		makers.Refusal = fault.Refuse(access.FourEyes, "approval_limit", limit, "exposure", exposure, "applied_by", b.Actor()).Because(loan.OtherApprover)
	} else {
		makers.Alone = []bank.Use{{Operation: staff.Approving, Amount: exposure}, {Operation: staff.ActingAlone, Amount: exposure}}
	}
	return []bank.Makers{makers}
}

// Decide stages the approval.
func (c ApproveLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Approved)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status, l.ApprovedBy = servicing.Approved, b.Actor()
	change(b, l)
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
