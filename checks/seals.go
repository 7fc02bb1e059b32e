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

// Seals checks that the rows of the journal are those that were sealed.
func Seals(ctx context.Context, d *db.DB, seals int64) Check {
	const name = "the journal is as it was sealed"
	r, err := seal.Verify(ctx, d, seals)
	if err == nil && len(r.Wrong) > 0 {
		err = fmt.Errorf("%s", strings.Join(r.Wrong, "; "))
	}
	return Check{Name: name, Found: fmt.Sprintf("%d rows in %d seals, the last %.16x; %d rows without a seal", r.Rows, r.Seals, r.Hash, r.Waiting), Err: err}
}
