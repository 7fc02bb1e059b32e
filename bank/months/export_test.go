package months

import (
	"context"

	"sofipo/core/civil"
	"sofipo/infra/db"
)

// Restore puts the rows of a month back, as an attachment that is interrupted before its record.
func Restore(ctx context.Context, d *db.DB, folder string, month civil.Date) error {
	if err := restore(ctx, d, folder, journalTable, month); err != nil {
		return err
	}
	return restore(ctx, d, folder, positionsTable, month)
}
