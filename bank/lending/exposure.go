package lending

import (
	"slices"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/staff"
)

// The exposure of a client is counted on the locked row of the client, so that of two commands
// that add to it the second sees the first.
var (
	clientOfLoan = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, id.ID]{Table: clients.Clients, Column: "id", Lock: true,
		Via: &bank.Via{Table: "loans", Column: "id", Columns: []string{"client_id"}, Own: []string{"id"}}})
	loansOfClient = bank.DeclareLookup(bank.Lookup[id.ID, Loan, id.ID]{Table: Loans, Column: "client_id"})
	loansOfOwner  = bank.DeclareLookup(bank.Lookup[id.ID, Loan, id.ID]{Table: Loans, Column: "client_id",
		Via: &bank.Via{Table: "loans", Column: "id", Columns: []string{"client_id"}, Own: []string{"client_id"}}})
)

// needExposureOf requests the client of a loan, locked, and all loans of the client.
func needExposureOf(n *bank.Needs, loanID id.ID) {
	clientOfLoan.Need(n, loanID)
	loansOfOwner.Need(n, loanID)
}

// exposureTo returns what the institution has at risk with a client: the outstanding principal
// of the loans, the amounts of applications that may still be disbursed, and written-off debt that
// has not been recovered. They must have been requested, with needExposureOf or loansOfClient.
func exposureTo(b *bank.Book, clientID id.ID) (sum money.Amount) {
	for l := range Loans.All(b) {
		if l.ClientID != clientID {
			continue
		}
		switch {
		case servicing.Pending(l.Status):
			sum += l.Amount
		case l.Status == servicing.WrittenOff:
			sum += l.WrittenOff
		default:
			sum += l.Balance
		}
	}
	return sum
}

// use returns the authority for an operation of an amount.
func use(o staff.Operation, amount money.Amount) bank.Authority {
	return bank.Authority{Uses: []bank.Use{{Operation: o, Amount: amount}}}
}

// authorityOn returns the authority for an operation on a disbursed loan: the exposure of its
// client. It is zero for a loan that Decide will refuse.
func authorityOn(b *bank.Book, loanID id.ID, o staff.Operation) (bank.Authority, error) {
	l, err := Find(b, loanID)
	if err != nil || l.Serial == 0 {
		return bank.Authority{}, nil // Decide refuses it
	}
	return use(o, exposureTo(b, l.ClientID)), nil
}

// backDated returns the authority for money received with a past value date. Back-dated
// operations that the actor registered today on the same loan count as well, so that an amount
// cannot be split.
func backDated(b *bank.Book, loanID id.ID, amount money.Amount, valueDate civil.Date) bank.Authority {
	if valueDate.IsZero() || !valueDate.Before(b.Today()) {
		return bank.Authority{}
	}
	for t := range Transactions.All(b) {
		if t.LoanID == loanID && t.BusinessDate == b.Today() && t.Actor == b.Actor() && t.ValueDate.Before(t.BusinessDate) && t.Kind != servicing.Reversal {
			amount += t.Amount
		}
	}
	return bank.Authority{Uses: []bank.Use{{Operation: staff.BackDating, Amount: amount, Days: b.Today().Since(valueDate)}}}
}

// madeBy lists who applied for a loan or edited the application. The steps of the application
// must have been requested. The last editor counts without a step as well: programs before the
// steps, which may run during an upgrade, write none.
func madeBy(b *bank.Book, l Loan) []string {
	users := []string{l.AppliedBy}
	if l.EditedBy != "" && l.EditedBy != l.AppliedBy {
		users = append(users, l.EditedBy)
	}
	for s := range Steps.All(b) {
		if s.LoanID == l.ID && s.Kind == loan.StepEdited && !slices.Contains(users, s.MadeBy) {
			users = append(users, s.MadeBy)
		}
	}
	return users
}
