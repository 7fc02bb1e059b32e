package checks

import (
	"context"
	"fmt"
	"strings"

	"sofipo/bank/months"
	"sofipo/bank/seal"
	"sofipo/infra/db"
)

// AllSeals makes Seals verify the whole journal; LastSeals only its end.
const (
	AllSeals  = -1
	LastSeals = 5
)

// Seals checks that the rows of the journal are those that were sealed. The second check is a warning: it
// finds rows that wait too long for their seal.
func Seals(ctx context.Context, d *db.DB, seals int64) (sealed, sealing Check) {
	const name, current = "the journal is as it was sealed", "new rows of the journal are sealed"
	r, err := seal.Verify(ctx, d, seals)
	sealing = Check{Name: current, Found: fmt.Sprintf("%d rows without a seal", r.Waiting), Err: err, Warning: true}
	if err == nil && r.Overdue > 0 {
		sealing.Err = fmt.Errorf("%d rows are more than 15 minutes older than the newest row and have no seal: look for \"sealing the journal failed\" in the log of the servers", r.Overdue)
	}
	if err == nil && len(r.Wrong) > 0 {
		err = fmt.Errorf("%s", strings.Join(r.Wrong, "; "))
	}
	found := fmt.Sprintf("%d rows in %d seals, the last %.16x; %d rows without a seal", r.Rows, r.Seals, r.Hash, r.Waiting)
	if r.Unread > 0 {
		found += fmt.Sprintf("; %d seals of detached months were not read", r.Unread)
	}
	return Check{Name: name, Found: found, Err: err}, sealing
}

// DetachedMonths names the months of the journal that are in files. It warns of a detachment or an
// attachment that was interrupted.
func DetachedMonths(ctx context.Context, d *db.DB) Check {
	c := Check{Name: "detached months of the journal", Found: "none", Warning: true}
	all, err := months.List(ctx, d)
	if err != nil || len(all) == 0 {
		c.Err, c.Warning = err, err == nil
		return c
	}
	first, last := all[0].First, all[len(all)-1].First
	c.Found = fmt.Sprintf("%d, %s to %s; they were not read: verify their files with \"sofipo journal verify\"", len(all), first.MonthOf(), last.MonthOf())
	session := d.Session()
	defer session.Close()
	for _, m := range all {
		switch state, err := session.Partition(ctx, "journal", m.First); {
		case err != nil:
			c.Err, c.Warning = err, false
			return c
		case state != db.Missing:
			c.Err = fmt.Errorf("%s is detached, but the table %s is still there", m.First.MonthOf(), db.PartitionOf("journal", m.First))
			return c
		}
	}
	return c
}
