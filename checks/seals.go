package checks

import (
	"context"
	"fmt"
	"strings"

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
	return Check{Name: name, Found: fmt.Sprintf("%d rows in %d seals, the last %.16x; %d rows without a seal", r.Rows, r.Seals, r.Hash, r.Waiting), Err: err}, sealing
}
