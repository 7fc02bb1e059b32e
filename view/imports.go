package view

import (
	"context"
	"strings"

	"sofipo/bank/imports"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/core/money"
	"sofipo/core/wire"
	"sofipo/infra/db"
)

// Import is an import of an uploaded file or of the command line, with what became of its rows.
type Import struct {
	core.Upload
	Done int64 `json:"rows_done"` // taken, known or rejected so far
	core.Tally
}

// AppendJSON appends the import as JSON.
func (i Import) AppendJSON(b []byte) []byte { return wire.JSON(b, i) }

// FromCommandLine reports whether the command line began the import.
func (i Import) FromCommandLine() bool { return i.ID == i.ImportID }

// everyImport has the uploads with the counts of their imports, and the imports of the command line.
var everyImport = `(SELECT ` + imports.Uploads.Columns.List("u") + `, coalesce(i.chunks, 0) AS done, coalesce(i.taken, 0) AS taken, coalesce(i.known, 0) AS known,
		coalesce(i.incomplete, 0) AS incomplete, coalesce(i.rejected, 0) AS rejected, coalesce(i.amount, 0) AS amount
	FROM import_uploads u LEFT JOIN imports i ON i.id = u.import_id
	UNION ALL SELECT i.id, i.kind, i.source, 0, i.chunks, CASE WHEN i.status = 'DONE' THEN 'IMPORTED' ELSE 'UNFINISHED' END, '{}', i.id, '', '', '',
		i.started_by, i.started_at, i.started_by, i.started_at, i.changed_at, i.chunks, i.taken, i.known, i.incomplete, i.rejected, i.amount
	FROM imports i WHERE NOT EXISTS (SELECT 1 FROM import_uploads u WHERE u.import_id = i.id)) a`

// importRow is a row of everyImport.
type importRow struct {
	imports.Upload
	done int64
	core.Tally
}

var importColumns = append(db.Through(func(r *importRow) *imports.Upload { return &r.Upload }, imports.Uploads.Columns),
	db.IntField("done", func(r *importRow) *int64 { return &r.done }),
	db.IntField("taken", func(r *importRow) *int64 { return &r.Taken }),
	db.IntField("known", func(r *importRow) *int64 { return &r.Known }),
	db.IntField("incomplete", func(r *importRow) *int64 { return &r.Incomplete }),
	db.IntField("rejected", func(r *importRow) *int64 { return &r.Rejected }),
	db.IntField("amount", func(r *importRow) *money.Amount { return &r.Amount }),
)

// imports reads the selected imports. The end is what follows the conditions.
func (v *View) imports(ctx context.Context, by By, where selection, end string) (all []Import, err error) {
	if err := by.may(core.Run); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	batch.Query("SELECT "+importColumns.List("a")+" FROM "+everyImport+where.sql+end, func(s db.Scanner) error {
		var row importRow
		err := importColumns.Scan(s, &row)
		if err == nil {
			err = imports.Uploads.Read(&row.Upload)
		}
		all = append(all, Import{row.Upload.Upload, row.done, row.Tally})
		return err
	}, where.args...)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// Imports returns a page of the imports, newest first. Refused with access.Forbidden.
func (v *View) Imports(ctx context.Context, by By, part Paging) (Page[Import], error) {
	var where selection
	if !part.After.IsZero() {
		where.and("(a.uploaded_at, a.id) < (SELECT b.uploaded_at, b.id FROM "+strings.TrimSuffix(everyImport, "a")+"b WHERE b.id = %s)", part.After)
	}
	all, err := v.imports(ctx, by, where, " ORDER BY a.uploaded_at DESC, a.id DESC"+where.page(part))
	return pageOf(all, part.Limit, func(i Import) id.ID { return i.ID }), err
}

// Import returns an import. Refused with access.Forbidden or imports.NotFound.
func (v *View) Import(ctx context.Context, by By, importID id.ID) (Import, error) {
	var where selection
	where.and("a.id = %s", importID)
	all, err := v.imports(ctx, by, where, "")
	if err != nil || len(all) == 1 {
		return append(all, Import{})[0], err
	}
	return Import{}, fault.Refuse(core.NotFound)
}

// RejectedRows returns the first rejected rows of an import with what is wrong, by line. Refused with
// access.Forbidden.
func (v *View) RejectedRows(ctx context.Context, by By, importID id.ID, limit int64) (all []core.Finding, err error) {
	if err := by.may(core.Run); err != nil {
		return nil, err
	}
	columns, batch := imports.Findings.Columns, &db.Batch{}
	batch.Query("SELECT "+columns.List("")+" FROM import_findings WHERE import_id = $1 AND outcome = 'REJECTED' ORDER BY line, field, rule LIMIT $2", func(s db.Scanner) error {
		var f core.Finding
		err := columns.Scan(s, &f)
		all = append(all, f)
		return err
	}, importID, limit)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}
