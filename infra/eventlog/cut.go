package eventlog

import (
	"context"
	"fmt"

	"sofipo/core/event"
)

// Cut removes the events after the end of the chain from a copy of the log, so that it matches a
// copy of the database that was made before it. Events that an earlier epoch lost stay. It
// returns the number of events that the log then has.
func (l *Embedded) Cut(ctx context.Context, end event.Link) (count int64, err error) {
	_, err = l.writer.ExecContext(ctx, "DELETE FROM events WHERE sequence > ? AND coalesce(body ->> '$.epoch', 0) >= ?", end.Sequence, end.Epoch)
	if err == nil {
		err = l.writer.QueryRowContext(ctx, "SELECT count(*) FROM events").Scan(&count)
	}
	if err != nil {
		return 0, fmt.Errorf("event log: %w", err)
	}
	return count, nil
}
