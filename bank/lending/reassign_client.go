package lending

import (
	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	staffing "sofipo/core/staff"
	"sofipo/infra/db"
)

// ReassignClient assigns a client with all loans to an officer, and to the branch of that
// officer. Without an officer, it assigns the client to a branch. Refused with Invalid,
// client.NotFound or staff.OutOfScope.
type ReassignClient struct {
	ClientID id.ID
	Officer  string // user name
	Branch   string // code; only without an officer
}

// Name returns the operation's name.
func (ReassignClient) Name() string { return "reassign_client" }

// Permission returns the permission that the actor's role must have.
func (ReassignClient) Permission() access.Permission { return client.Assign }

// Check requires either an officer or a branch.
func (c ReassignClient) Check(bank.Rules) error {
	if (c.Officer == "") == (c.Branch == "") {
		return fault.Wrong(fault.At("officer", staffing.OfficerOrBranch))
	}
	return nil
}

// Needs requests the client, the loans, and the officer or the branch.
func (c ReassignClient) Needs(n *bank.Needs) {
	clients.ByID.Need(n, c.ClientID)
	assignmentsOfClient.Need(n, c.ClientID)
	staff.NeedOfficer(n, c.Officer)
	staff.NeedBranch(n, c.Branch)
}

// Decide stages the client and the loans.
func (c ReassignClient) Decide(b *bank.Book) (client.Client, error) {
	former, err := clients.Find(b, c.ClientID)
	if err != nil {
		return former, err
	}
	to := staffing.Owner{Officer: c.Officer}
	if to.BranchID, err = staff.BranchOf(b, c.Officer, c.Branch); err != nil {
		return former, err
	}
	if err := b.Covers(to); err != nil {
		return former, err
	}
	after := former
	after.BranchID, after.Officer = to.BranchID, to.Officer
	clients.Clients.Change(b, after)
	for l := range Loans.All(b) { // loans of commands before this one in the batch
		if l.ClientID == c.ClientID && Assignments.At(b, l.ID) == nil {
			Assignments.Place(b, Assignment{LoanID: l.ID, ClientID: l.ClientID})
		}
	}
	var changed []Assignment
	for a := range Assignments.All(b) {
		if a.ClientID == c.ClientID {
			changed = append(changed, Assignment{a.LoanID, a.ClientID, to})
		}
	}
	var stale []string
	for _, a := range changed {
		Assignments.Change(b, a)
		stale = append(stale, loan.CacheKey(a.LoanID))
	}
	b.Publish(client.ReassignedEvent(after, former, stale))
	return after, nil
}

// Assignment is whose a loan is: the columns of a loan that only ReassignClient changes.
type Assignment struct {
	LoanID, ClientID id.ID
	staffing.Owner
}

// Assignments is the part of the table of loans that only ReassignClient changes. It is saved
// after the loans, because a batch may add a loan and assign its client to another officer.
var Assignments = bank.Declare(bank.Table[id.ID, Assignment]{
	Name: "loans", Rank: 402,
	Columns: db.Columns[Assignment]{
		db.IDField("id", func(a *Assignment) *id.ID { return &a.LoanID }),
		db.IDField("client_id", func(a *Assignment) *id.ID { return &a.ClientID }),
		db.IDField("branch_id", func(a *Assignment) *id.ID { return &a.BranchID }),
		db.TextField("officer", func(a *Assignment) *string { return &a.Officer }),
	},
	Fixed:   []string{"client_id"},
	Of:      func(a *Assignment) id.ID { return a.LoanID },
	Stale:   func(a *Assignment) []string { return loan.StaleKeys(a.LoanID, a.ClientID) },
	Compare: bank.ByID,
})

var assignmentsOfClient = bank.DeclareLookup(bank.Lookup[id.ID, Assignment, id.ID]{Table: Assignments, Column: "client_id"})
