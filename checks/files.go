package checks

import (
	"context"
	"fmt"
	"strings"

	"sofipo/infra/db"
	"sofipo/infra/eventlog"
)

// Files checks the files of the database and of an embedded event log for damage. The other
// checks read the rows; they do not notice damage in pages that they do not need.
func Files(ctx context.Context, d *db.DB, events eventlog.Log) []Check {
	found, err := d.CheckFiles(ctx)
	all := []Check{{"files of the database", found, err}}
	if log, embedded := events.(*eventlog.Embedded); embedded {
		found, err = log.CheckFile(ctx)
		all = append(all, Check{"file of the event log", found, err})
	}
	return all
}

// Strangers checks that the event log has only events of this program. It compares the names
// of the documents or, if contents is set, their contents too.
func Strangers(ctx context.Context, events eventlog.Log, contents bool) Check {
	const name = "the event log has only events"
	others, err := eventlog.FindOthers(ctx, events, contents)
	if err == nil && others.Count > 0 {
		err = fmt.Errorf("%d documents are not events of this program, so readers skip them: %s", others.Count, strings.Join(others.Examples, ", "))
		if others.Count > len(others.Examples) {
			err = fmt.Errorf("%w, …", err)
		}
	}
	return Check{name, fmt.Sprintf("%d documents", others.Checked), err}
}
