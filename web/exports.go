package web

import (
	"context"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
)

// NoteExport records in the audit that a user got a file. If that fails, the log has it.
func NoteExport(ctx context.Context, b *bank.Bank, by bank.By, e staffing.NoteExport) {
	by.System = true // the permission for the data was checked, and an export is recorded under any load
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bank.TripTime)
	defer cancel()
	if _, err := bank.Do(ctx, b, by, e); err != nil {
		b.Log().Error("an export is missing from the audit", "actor", by.Actor, "file", e.File, "rows", e.Rows, "correlation_id", by.CorrelationID, "error", err)
	}
}
