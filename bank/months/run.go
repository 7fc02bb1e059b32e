package months

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sofipo/bank"
	"sofipo/bank/seal"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/infra/db"
)

// Detach writes the journal and the daily positions of a month to new files in a folder, verifies the
// file of the journal with the seals, records the month as detached, and drops the tables. It can be
// called again after an interruption. Refused as DetachMonth.
func Detach(ctx context.Context, b *bank.Bank, by bank.By, folder string, month civil.Date) (m Month, err error) {
	d := b.DB()
	if d.Embedded() {
		return m, db.ErrNotPartitioned
	}
	session := d.Session()
	defer session.Close()
	all, err := List(ctx, d)
	if err != nil {
		return m, err
	}
	if at := slices.IndexFunc(all, func(m Month) bool { return m.First == month }); at >= 0 { // interrupted
		m = all[at]
		if err := confirm(ctx, d, folder, m); err != nil {
			return m, err
		}
	} else if m, err = record(ctx, b, by, &DetachMonth{Month: month}, folder); err != nil {
		return m, err
	}
	err = session.DropDetached(ctx, journalTable, month, m.Journal.Rows)
	if err == nil && m.Positions.SHA256 != "" {
		err = session.DropDetached(ctx, positionsTable, month, m.Positions.Rows)
	}
	return m, err
}

// record writes the files of a month and records it as detached.
func record(ctx context.Context, b *bank.Bank, by bank.By, c *DetachMonth, folder string) (Month, error) {
	if err := preview(ctx, b, by, &DetachMonth{Month: c.Month}); err != nil {
		return Month{}, err
	}
	session := b.DB().Session()
	defer session.Close()
	path := FileOf(folder, c.Month)
	var err error
	if c.Journal, err = write(ctx, session, journalTable, c.Month, path); err != nil {
		return Month{}, err
	}
	var positions int64
	from, to := bounds(c.Month)
	batch := &db.Batch{}
	batch.Query("SELECT count(*) FROM daily_positions WHERE day >= $1 AND day < $2", func(s db.Scanner) error { return s.Scan(&positions) }, civil.DateOf(from), civil.DateOf(to))
	if err = b.DB().ReadPrimary(ctx, batch); err == nil && positions > 0 {
		c.Positions, err = write(ctx, session, positionsTable, c.Month, pathOf(folder, positionsTable, c.Month))
	}
	if err != nil {
		return Month{}, err
	}
	v, err := Verify(ctx, b.DB(), path)
	if err == nil {
		err = v.Err()
	}
	if err != nil {
		return Month{}, err
	}
	receipt, err := bank.Do(ctx, b, by, c)
	return receipt.Answer, err
}

// preview returns the refusal of a command, if there is one.
func preview(ctx context.Context, b *bank.Bank, by bank.By, c bank.Command[Month]) error {
	found, err := bank.Preview(ctx, b, by, []bank.Command[Month]{c})
	if err == nil {
		err = found[0].Err
	}
	return err
}

// confirm refuses to go on with a month whose files are not those that were written.
func confirm(ctx context.Context, d *db.DB, folder string, m Month) error {
	for table, want := range map[string]File{journalTable: m.Journal, positionsTable: m.Positions} {
		if want.SHA256 == "" {
			continue
		}
		v, err := Verify(ctx, d, pathOf(folder, table, m.First))
		if err == nil {
			err = v.Err()
		}
		if err != nil {
			return fmt.Errorf("the detachment of %s was interrupted, and its file is needed: %w", m.First.MonthOf(), err)
		}
	}
	return nil
}

// Verification is what Verify found in a file.
type Verification struct {
	Table string
	Month civil.Date
	File
	Seals int64    // of the rows; 0 for daily positions, which have none
	Wrong []string // findings
}

// Err returns the findings as an error, or nil.
func (v Verification) Err() error {
	if len(v.Wrong) == 0 {
		return nil
	}
	all := make([]error, len(v.Wrong))
	for i, finding := range v.Wrong {
		all[i] = errors.New(finding)
	}
	return errors.Join(all...)
}

// Verify reads a file of a month and compares the rows of the journal with their seals, and the file with
// the one that was written. It changes nothing.
func Verify(ctx context.Context, d *db.DB, path string) (v Verification, err error) {
	if d.Embedded() {
		return v, db.ErrNotPartitioned
	}
	r, err := open(path)
	if err != nil {
		return v, err
	}
	session := d.Session()
	defer session.Close()
	load := &db.Batch{}
	load.Exec("CREATE TEMP TABLE given (LIKE " + r.Table + " INCLUDING INDEXES) ON COMMIT DROP")
	if err := session.Begin(ctx, load); err != nil {
		return v, errors.Join(err, r.file.Close())
	}
	defer session.Rollback()
	return r.compare(ctx, d, session, "given")
}

// compare loads the file into an empty table, in the session's transaction, and compares it.
func (r *reader) compare(ctx context.Context, d *db.DB, session *db.Session, table string) (v Verification, err error) {
	v = Verification{Table: r.Table, Month: r.month}
	if v.File, err = r.load(ctx, session, table); err != nil {
		return v, err
	}
	if r.Table == journalTable {
		from, to := bounds(r.month)
		sealed, err := seal.VerifyMonth(ctx, d, session, seal.Month{Table: table, From: boundary(from), To: boundary(to)})
		if err != nil {
			return v, err
		}
		v.Seals, v.Wrong = sealed.Seals, sealed.Wrong
	}
	all, err := List(ctx, d)
	for _, m := range all {
		want := m.Journal
		if r.Table == positionsTable {
			want = m.Positions
		}
		if m.First == r.month && v.File != want {
			v.Wrong = append(v.Wrong, fmt.Sprintf("the file was changed: it has %d rows and the SHA-256 %s, but %d rows and %s were written", v.Rows, v.SHA256, want.Rows, want.SHA256))
		}
	}
	return v, err
}

// Attach puts the rows of the newest detached month back from its files in a folder. It can be called
// again after an interruption. Refused as AttachMonth.
func Attach(ctx context.Context, b *bank.Bank, by bank.By, folder string, month civil.Date) (m Month, err error) {
	d := b.DB()
	if d.Embedded() {
		return m, db.ErrNotPartitioned
	}
	if err := preview(ctx, b, by, &AttachMonth{Month: month}); err != nil {
		return m, err
	}
	all, err := List(ctx, d)
	if err != nil {
		return m, err
	}
	if m = all[len(all)-1]; m.First != month {
		return m, fault.Refuse(accounting.MonthAttached, "month", month.MonthOf())
	}
	if err = restore(ctx, d, folder, journalTable, month); err == nil && m.Positions.SHA256 != "" {
		err = restore(ctx, d, folder, positionsTable, month)
	}
	if err != nil {
		return m, err
	}
	receipt, err := bank.Do(ctx, b, by, &AttachMonth{Month: month})
	return receipt.Answer, err
}

// restore puts the rows of one table back. They are in their partition, or none is.
func restore(ctx context.Context, d *db.DB, folder, table string, month civil.Date) error {
	session := d.Session()
	defer session.Close()
	state, err := session.Partition(ctx, table, month)
	switch {
	case err != nil || state == db.Attached: // an earlier call was interrupted
		return err
	case state != db.Missing:
		return fmt.Errorf("the table %s is being detached: run \"sofipo journal detach %s\" again first", db.PartitionOf(table, month), month.MonthOf())
	}
	r, err := open(pathOf(folder, table, month))
	if err != nil {
		return err
	}
	make := &db.Batch{}
	if table == journalTable {
		make.Exec("SELECT make_month($1, $2)", table, month.Midnight())
	} else {
		make.Month(table, month)
	}
	if err := session.Begin(ctx, make); err != nil {
		return errors.Join(err, r.file.Close())
	}
	v, err := r.compare(ctx, d, session, db.PartitionOf(table, month))
	if err == nil && (v.Table != table || v.Month != month) {
		v.Wrong = append(v.Wrong, fmt.Sprintf("the file has the table %s of %s", v.Table, v.Month.MonthOf()))
	}
	if err == nil {
		err = v.Err()
	}
	if err != nil {
		session.Rollback()
		return err
	}
	_, err = session.Commit(ctx, &db.Batch{})
	return err
}
