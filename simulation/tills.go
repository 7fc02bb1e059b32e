package simulation

import (
	"context"
	"fmt"
	"time"

	"sofipo/bank/settlement"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	core "sofipo/core/settlement"
)

// till is a till with its cash of today, according to the commands.
type till struct {
	core.Till
	branch  *branch
	teller  string
	session id.ID        // of today; zero while it is closed
	cash    money.Amount // in the till
	spoken  money.Amount // cash that commands of today pay out
}

// The amounts with which the treasury works.
const (
	openingCash = 15_000 * pesos // of each till
	vaultLeast  = 40_000 * pesos
	vaultMost   = 150_000 * pesos
	tillMost    = 45_000 * pesos // the rest goes to the vault during the day
	floatLeast  = 20_000 * pesos // stays in the account that collects
)

// business reports whether the branches are open today.
func (s *institution) business() bool { return civil.Mexico().IsBusinessDay(s.today) }

func (s *institution) weekday() time.Weekday { return s.today.Midnight().Weekday() }

// openPlaces creates the vaults, the tills, and the bank account that collects.
func (s *institution) openPlaces() {
	submit(s, treasurer, settlement.AddAccount{Code: "recaudadora", Title: "Cuenta recaudadora", Bank: "Banco del Sureste (ficticio)"}, func(a core.Account) error {
		s.collecting = a.ID
		submit(s, treasurer, settlement.SetLayout{AccountID: a.ID, Layout: fileLayout}, ignore)
		return nil
	})
	for _, b := range s.branches {
		if b.ID == s.branches[0].ID {
			s.vaults[b] = core.MainVault
		} else {
			vault := settlement.AddTill{Code: "boveda-" + b.Code, Title: "Bóveda " + b.Name, BranchID: b.ID, Vault: true}
			submit(s, b.staff("gerente"), vault, func(t core.Till) error { s.vaults[b] = t.ID; return nil })
		}
		for n := range b.tills {
			add := settlement.AddTill{Code: fmt.Sprintf("caja-%s-%d", b.Code, n+1), Title: fmt.Sprintf("Caja %d", n+1), BranchID: b.ID}
			submit(s, b.staff("gerente"), add, func(t core.Till) error {
				teller := b.staff("caja")
				if n > 0 {
					teller = "caja2." + b.word
				}
				s.tills = append(s.tills, &till{Till: t, branch: b, teller: teller})
				return nil
			})
		}
	}
}

func ignore[A any](A) error { return nil }

// openTills funds the vaults and opens the tills of a business day.
func (s *institution) openTills() {
	for _, t := range s.tills {
		t.cash, t.spoken, t.session = 0, 0, id.ID{}
	}
	if !s.business() {
		return
	}
	for _, b := range s.branches {
		if s.audit.places[core.CashAt(s.vaults[b])] < vaultLeast {
			s.moveFunds(settlement.MoveFunds{FromAccount: core.MainAccount, ToVault: s.vaults[b], Amount: vaultLeast * 2, Reason: "Dotación de efectivo"})
		}
	}
	for _, t := range s.tills {
		submit(s, t.teller, settlement.OpenTill{TillID: t.ID, Opening: openingCash}, func(opened core.Session) error {
			t.session = opened.ID
			s.moveCash(t, openingCash)
			return nil
		})
	}
}

// moveCash records cash that goes from the vault to a till, or back if it is negative.
func (s *institution) moveCash(t *till, amount money.Amount) {
	t.cash += amount
	s.audit.places[core.CashAt(t.ID)] += amount
	s.audit.places[core.CashAt(s.vaults[t.branch])] -= amount
}

// moveFunds moves money between vaults and bank accounts, and records it.
func (s *institution) moveFunds(c settlement.MoveFunds) {
	submit(s, treasurer, c, func(t core.FundTransfer) error {
		from, to := core.CashAt(c.FromVault), core.CashAt(c.ToVault)
		if !c.FromAccount.IsZero() {
			from = bankPlace(c.FromAccount)
			if c.Method != "" {
				from = core.Means{Method: c.Method}.Received()
			}
		}
		if !c.ToAccount.IsZero() {
			to = bankPlace(c.ToAccount)
		}
		s.audit.places[from] -= c.Amount
		s.audit.places[to] += c.Amount
		s.report.Transfers.add(c.Amount)
		return nil
	})
}

func bankPlace(account id.ID) core.Place {
	return core.Means{Method: core.Transfer, AccountID: account}.Received()
}

// closeTills counts and closes the tills, and takes to the bank what is too much for a vault.
// At times the count differs from the books.
func (s *institution) closeTills(ctx context.Context) error {
	if !s.business() {
		return nil
	}
	for _, t := range s.tills {
		s.closeTill(t)
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	for _, b := range s.branches {
		if has := s.audit.places[core.CashAt(s.vaults[b])]; has > vaultMost {
			s.moveFunds(settlement.MoveFunds{FromVault: s.vaults[b], ToAccount: core.MainAccount, Amount: has - vaultLeast*2, Reason: "Depósito de efectivo en el banco"})
		}
	}
	s.collectMethods()
	return s.flush(ctx)
}

func (s *institution) closeTill(t *till) {
	left := t.cash
	if t.cash > tillMost {
		amount := (t.cash - openingCash) / (1_000 * pesos) * 1_000 * pesos
		move := settlement.MoveCash{TillID: t.ID, Kind: core.ToVault, Amount: amount, Reason: "Excede el límite de efectivo"}
		submit(s, t.branch.staff("gerente"), move, func(core.CashMove) error { s.moveCash(t, -amount); return nil })
		left -= amount
	}
	if happens(s.rng, 20) {
		submit(s, t.teller, settlement.CountTill{TillID: t.ID, Sheet: counted(left)}, ignore)
	}
	difference := money.Amount(0)
	switch chance := s.rng.IntN(100); {
	case chance < 2:
		difference = money.Amount(between(s.rng, 1, 40)) * 5 * pesos
	case chance < 5:
		difference = -money.Amount(between(s.rng, 1, 60)) * 5 * pesos
	}
	difference = max(difference, -left)
	submit(s, t.teller, settlement.CloseTill{TillID: t.ID, Sheet: counted(left + difference)}, func(closed core.Session) error {
		if closed.Expected != left || closed.Counted != left+difference {
			return s.breach(placed, "till %s expected %s and counted %s, want %s and %s", t.Code, closed.Expected, closed.Counted, left, left+difference)
		}
		t.cash += difference
		s.audit.places[core.CashAt(t.ID)] += difference
		if difference != 0 {
			s.audit.cash[closed.ID] += difference
			s.report.Differences.add(difference)
		}
		s.report.Sessions++
		s.moveCash(t, -t.cash)
		return nil
	})
}

// counted returns the notes and coins of an amount, with as few pieces as possible.
func counted(amount money.Amount) (sheet core.Sheet) {
	sheet = core.Sheet{}
	for _, d := range core.Denominations() {
		if n := amount / d.Value; n > 0 {
			sheet = append(sheet, core.Pieces{Value: d.Value, Pieces: int64(n)})
			amount -= n * d.Value
		}
	}
	return sheet
}

// collectMethods receives on Fridays what others owe for cheques, cards, deductions and
// shops, and empties the account that collects.
func (s *institution) collectMethods() {
	if s.weekday() != time.Friday {
		return
	}
	for _, method := range core.CollectedMethods() {
		if owed := s.owed[method]; owed > 0 {
			s.owed[method] = 0
			s.moveFunds(settlement.MoveFunds{FromAccount: core.MainAccount, Method: method, ToAccount: core.MainAccount, Amount: owed, Reason: "Liquidación semanal", Reference: s.reference("LIQ")})
		}
	}
	if has := s.audit.places[bankPlace(s.collecting)]; has > 2*floatLeast {
		s.moveFunds(settlement.MoveFunds{FromAccount: s.collecting, ToAccount: core.MainAccount, Amount: has - floatLeast, Reason: "Concentración semanal"})
	}
}

// reference returns the reference of a bank operation.
func (s *institution) reference(prefix string) string {
	s.references++
	return fmt.Sprintf("%s%02d%02d%02d%06d", prefix, s.today.Year%100, s.today.Month, s.today.Day, s.references)
}

// tillOf returns an open till of the branch; nil if there is none.
func (s *institution) tillOf(b *branch) *till {
	var open []*till
	for _, t := range s.tills {
		if t.branch == b && !t.session.IsZero() {
			open = append(open, t)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return open[s.references%len(open)]
}

// transfer returns the means of a transfer from or to the main bank account.
func (s *institution) transfer() core.Means {
	return core.Means{Method: core.Transfer, Reference: s.reference("SPEI")}
}

// cashMost is the largest amount that a till pays out.
const cashMost = 15_000 * pesos

// payOut returns the means of paying an amount to a client of the branch: cash for a small
// amount, if the till has it or the vault can supply it, or else a transfer. The teller must
// use the means.
func (s *institution) payOut(b *branch, amount money.Amount) (m core.Means, teller string) {
	t := s.tillOf(b)
	if t == nil || amount > cashMost || amount%(pesos/2) != 0 || !s.supply(t, amount) {
		return s.transfer(), b.staff("caja")
	}
	t.spoken += amount
	return core.Means{Method: core.Cash, TillID: t.ID}, t.teller
}

// supply makes the manager bring cash from the vault if a till has less than an amount. It
// reports whether the till will have the amount.
func (s *institution) supply(t *till, amount money.Amount) bool {
	const bundle = 5_000 * pesos
	lacks := amount - (t.cash - t.spoken)
	if lacks <= 0 {
		return true
	}
	brought := (lacks + bundle - 1) / bundle * bundle
	if s.audit.places[core.CashAt(s.vaults[t.branch])]-s.supplying[t.branch] < brought {
		return false
	}
	s.supplying[t.branch] += brought
	t.spoken -= brought // until the till has it
	move := settlement.MoveCash{TillID: t.ID, Kind: core.FromVault, Amount: brought, Reason: "Dotación para entregar préstamos"}
	submit(s, t.branch.staff("gerente"), move, func(core.CashMove) error {
		s.supplying[t.branch] -= brought
		t.spoken += brought
		s.moveCash(t, brought)
		s.report.Supplies.add(brought)
		return nil
	})
	return true
}

// record records money that came to a place, or left it if it is negative.
func (s *institution) record(at core.Place, amount money.Amount) {
	s.audit.places[at] += amount
	if at.Account != accounting.Cash {
		return
	}
	for _, t := range s.tills {
		if t.ID == at.Subject {
			t.cash += amount
		}
	}
}

// placeOf returns the place of a posted line. known is false if its subject is neither a
// place nor the subject of the entry.
func (s *institution) placeOf(account ledger.Account, subject, owner id.ID) (at core.Place, known bool) {
	if subject == owner {
		if account == accounting.Cash {
			return core.CashAt(core.MainVault), true
		}
		return core.Place{Account: account}, true
	}
	at = core.Place{Account: account, Subject: subject}
	if account != accounting.Cash {
		return at, subject == s.collecting
	}
	for _, vault := range s.vaults {
		known = known || subject == vault
	}
	for _, t := range s.tills {
		known = known || subject == t.ID
	}
	return at, known
}
