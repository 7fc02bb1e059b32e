package bank

import (
	"cmp"
	"maps"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/ledger"
	"sofipo/infra/db"
)

// The table account_days has what the entries of each closed day add up to on each
// account. A close adds its day up before it ends; who posts to that day from the
// beginning of its close on, or later, adds to it.

// balancesPurpose is the lock that keeps the two apart: shared by who adds,
// exclusive while a day is added up.
const balancesPurpose = 0x736f_6669_03

// addAccountDays adds the entries that are dated on days whose close has begun.
func (b *Book) addAccountDays(batch *db.Batch) {
	type key struct {
		day     civil.Date
		account ledger.Account
	}
	late := map[key]ledger.Posting{}
	for _, e := range b.entries {
		if e.BusinessDate.After(b.lastDay.Day) {
			continue
		}
		for _, p := range e.Postings {
			k := key{e.BusinessDate, p.Account}
			sum := late[k]
			sum.Debit += p.Debit
			sum.Credit += p.Credit
			late[k] = sum
		}
	}
	if len(late) == 0 {
		return
	}
	batch.Share(balancesPurpose)
	order := func(x, y key) int { return cmp.Or(x.day.Compare(y.day), cmp.Compare(x.account, y.account)) }
	for _, k := range slices.SortedFunc(maps.Keys(late), order) {
		batch.Exec(`INSERT INTO account_days (day, account, debit, credit) VALUES ($1, $2, $3, $4)
			ON CONFLICT (day, account) DO UPDATE SET debit = account_days.debit + excluded.debit, credit = account_days.credit + excluded.credit`,
			k.day, string(k.account), int64(late[k].Debit), int64(late[k].Credit))
	}
}

// sumAccountDay adds up all entries of a day.
func sumAccountDay(batch *db.Batch, day civil.Date) {
	batch.Exclude(balancesPurpose)
	batch.Exec("DELETE FROM account_days WHERE day = $1", day)
	batch.Exec(`INSERT INTO account_days (day, account, debit, credit) SELECT e.business_date, p.account, sum(p.debit), sum(p.credit)
		FROM entries e CROSS JOIN postings p WHERE e.business_date = $1 AND p.entry_id = e.id GROUP BY e.business_date, p.account`, day)
}
