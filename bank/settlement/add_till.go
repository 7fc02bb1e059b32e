package settlement

import (
	"cmp"

	"sofipo/bank"
	branches "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement"
	"sofipo/core/staff"
)

// AddTill adds a till to a branch, or the branch's vault. Refused with Invalid,
// settlement.TillTaken, VaultTaken or NoVault, or with staff.OutOfScope.
type AddTill struct {
	Code, Title string
	BranchID    id.ID
	Vault       bool
}

// Name returns the operation's name.
func (AddTill) Name() string { return "add_till" }

// Permission returns the permission that the actor's role must have.
func (AddTill) Permission() access.Permission { return settlement.Manage }

// Check refuses a code or name that is missing or too long.
func (c AddTill) Check(bank.Rules) error {
	return cmp.Or(settlement.CheckCode(c.Code), settlement.CheckText("name", c.Title, settlement.MaxName))
}

// Needs requests the branch, the till with the code and the vault of the branch.
func (c AddTill) Needs(n *bank.Needs) {
	branches.NeedBranchID(n, c.BranchID)
	tillByCode.Need(n, c.Code)
	vaultAt.Need(n, c.BranchID)
}

// Decide stages the till.
func (c AddTill) Decide(b *bank.Book) (settlement.Till, error) {
	if !branches.IsOpen(b, c.BranchID) {
		return settlement.Till{}, fault.Wrong(fault.At("branch", staff.UnknownBranch))
	}
	if err := b.CoversBranch(c.BranchID); err != nil {
		return settlement.Till{}, err
	}
	t := settlement.Till{ID: b.NewID(), Code: c.Code, Name: c.Title, BranchID: c.BranchID, CreatedAt: b.Now()}
	for other := range Tills.All(b) {
		if other.Code == c.Code {
			return t, fault.Refuse(settlement.TillTaken)
		}
	}
	for other := range Tills.All(b) {
		switch {
		case other.VaultOf == c.BranchID && c.Vault:
			return t, fault.Refuse(settlement.VaultTaken)
		case other.VaultOf == c.BranchID:
			t.VaultID = other.ID
		}
	}
	if c.Vault {
		t.VaultOf = c.BranchID
	} else if t.VaultID.IsZero() {
		return t, fault.Refuse(settlement.NoVault)
	}
	Tills.Add(b, t)
	b.Publish(settlement.TillAddedEvent(t))
	return t, nil
}
