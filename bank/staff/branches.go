package staff

import (
	"time"

	"sofipo/bank"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Branches is the table of branches.
var Branches = bank.Declare(bank.Table[id.ID, staff.Branch]{
	Name: "branches", Rank: 199,
	Columns: db.Columns[staff.Branch]{
		db.IDField("id", func(o *staff.Branch) *id.ID { return &o.ID }),
		db.TextField("code", func(o *staff.Branch) *string { return &o.Code }),
		db.TextField("name", func(o *staff.Branch) *string { return &o.Name }),
		db.TextField("address", func(o *staff.Branch) *string { return &o.Address }),
		db.TextField("phone", func(o *staff.Branch) *string { return &o.Phone }),
		db.BoolField("closed", func(o *staff.Branch) *bool { return &o.Closed }),
		db.TimeField("created_at", func(o *staff.Branch) *time.Time { return &o.CreatedAt }),
	},
	Fixed:   []string{"code", "created_at"},
	Unique:  map[string]fault.Code{"code": staff.BranchCodeTaken},
	Of:      func(o *staff.Branch) id.ID { return o.ID },
	Compare: bank.ByID,
})

var branchesByCode = bank.DeclareLookup(bank.Lookup[id.ID, staff.Branch, string]{Table: Branches, Column: "code", Lock: true})

// Lookups of a branch by its id, and of the branch of a user. They lock the branch in share
// mode, so that it is not closed meanwhile.
var (
	branchByID   = bank.DeclareLookup(bank.Lookup[id.ID, staff.Branch, id.ID]{Table: Branches, Column: "id", Share: true})
	branchOfUser = bank.DeclareLookup(bank.Lookup[id.ID, staff.Branch, string]{Table: Branches, Column: "id", Share: true,
		Via: &bank.Via{Table: "users", Column: "username", Columns: []string{"branch_id"}, Own: []string{"id"}}})
)

// NeedBranchID requests the branch with an id.
func NeedBranchID(n *bank.Needs, branchID id.ID) { branchByID.Need(n, branchID) }

// IsOpen reports whether a requested branch exists and is open.
func IsOpen(b *bank.Book, branchID id.ID) bool {
	found := Branches.At(b, branchID)
	return found != nil && !found.Closed
}

// NeedBranch requests the branch with a code; none if it is empty.
func NeedBranch(n *bank.Needs, code string) {
	if code != "" {
		branchesByCode.Need(n, code)
	}
}

// NeedOfficer requests a user; none if the name is empty.
func NeedOfficer(n *bank.Needs, username string) {
	if username != "" {
		officerByName.Need(n, username)
		branchOfUser.Need(n, username)
	}
}

// BranchOf returns the branch of a requested officer who is enabled, or else the requested
// branch with a code.
func BranchOf(b *bank.Book, officer, code string) (id.ID, error) {
	if officer == "" {
		return openBranch(b, code)
	}
	u, found := Users.Get(b, officer)
	if !found || u.Disabled || !IsOpen(b, u.BranchID) {
		return id.ID{}, fault.Wrong(fault.At("officer", staff.UnknownOfficer))
	}
	return u.BranchID, nil
}

// branchByCode returns a requested branch, or nil.
func branchByCode(b *bank.Book, code string) *staff.Branch {
	for o := range Branches.All(b) {
		if o.Code == code {
			return o
		}
	}
	return nil
}

// FindBranch returns a requested branch that is open, or refuses with staff.BranchNotFound or
// staff.BranchClosed.
func FindBranch(b *bank.Book, code string) (staff.Branch, error) {
	switch found := branchByCode(b, code); {
	case found == nil:
		return staff.Branch{}, fault.Refuse(staff.BranchNotFound)
	case found.Closed:
		return *found, fault.Refuse(staff.BranchClosed)
	default:
		return *found, nil
	}
}

// openBranch returns the id of a requested branch, or refuses the field that names it.
func openBranch(b *bank.Book, code string) (id.ID, error) {
	found, err := FindBranch(b, code)
	if err != nil {
		return id.ID{}, fault.Wrong(fault.At("branch", staff.UnknownBranch))
	}
	return found.ID, nil
}
