package takeover

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/bank/imports"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/core/lang"
	"sofipo/infra/db"
	"sofipo/text"
)

// Uploads imports uploaded files. Add stores a file, Preview decides its rows without a change,
// Confirm begins its import, and Run imports what was confirmed, chunk by chunk. A confirmed import
// that was interrupted goes on where it stopped, on any node.
type Uploads struct {
	bank     *bank.Bank
	location *time.Location // of dates and times without a zone
	wake     chan struct{}  // after a confirmation
	preview  chan struct{}  // held by the preview that runs: one at a time
}

// NewUploads returns the uploads of a bank.
func NewUploads(b *bank.Bank, location *time.Location) *Uploads {
	return &Uploads{bank: b, location: location, wake: make(chan struct{}, 1), preview: make(chan struct{}, 1)}
}

// Add stores a file, unless it has another form, too many columns or no rows. Refused with Invalid.
func (u *Uploads) Add(ctx context.Context, by bank.By, kind core.Kind, name string, content []byte) (r bank.Receipt[core.Upload], err error) {
	if err := u.bank.May(ctx, by, core.Run); err != nil {
		return r, err
	}
	if len(content) > core.MaxUpload {
		return r, fault.Refuse(fault.TooLarge, "most", core.MaxUpload>>10).Because(fault.FileLength)
	}
	var rows int64
	err = fault.Guarded(func() error { // the library may panic on a damaged spreadsheet
		file, err := File{Content: content, Name: name}.open()
		if err != nil {
			return err
		}
		defer file.Close()
		if len(file.Heading) > core.MaxColumns {
			return fault.Wrong(fault.At("file", core.ColumnsMost, "most", core.MaxColumns))
		}
		for _, err := range file.Rows() {
			if err != nil {
				return refused(err)
			}
			rows++
		}
		return nil
	})
	switch {
	case errors.Is(err, fault.ErrPanic):
		err = fault.Wrong(fault.At("file", core.FileForm))
	case err == nil && rows == 0:
		err = fault.Wrong(fault.At("file", core.RowsLeast))
	}
	if err != nil {
		return r, err
	}
	return bank.Do(ctx, u.bank, by, imports.AddUpload{Kind: kind, FileName: name, Rows: rows, Content: content})
}

// uploaded is an upload with its content.
type uploaded struct {
	core.Upload
	content []byte
}

// find returns an upload with its content. Refused with core.NotFound, or with UploadBegun or
// UploadDeleted if there is no content any more.
func (u *Uploads) find(ctx context.Context, upload id.ID) (found uploaded, err error) {
	batch := &db.Batch{}
	batch.Before(func() { found = uploaded{} })
	batch.Query("SELECT "+imports.Uploads.Columns.List("")+" FROM import_uploads WHERE id = $1", func(s db.Scanner) error {
		one, err := scan(s)
		found.Upload = one
		return err
	}, upload)
	batch.Query("SELECT "+imports.Contents.Columns.List("")+" FROM import_contents WHERE upload_id = $1", func(s db.Scanner) error {
		var c imports.Content
		err := imports.Contents.Columns.Scan(s, &c)
		found.content = c.Bytes
		return err
	}, upload)
	switch err := u.read(ctx, batch); {
	case err != nil:
		return found, err
	case found.ID.IsZero():
		return found, fault.Refuse(core.NotFound)
	case found.Status == core.Discarded:
		return found, fault.Refuse(core.UploadDeleted)
	case found.content == nil:
		return found, fault.Refuse(core.UploadBegun)
	}
	return found, nil
}

// scan reads an upload.
func scan(s db.Scanner) (core.Upload, error) {
	var one imports.Upload
	err := imports.Uploads.Columns.Scan(s, &one)
	if err == nil {
		err = imports.Uploads.Read(&one)
	}
	return one.Upload, err
}

func (u *Uploads) read(ctx context.Context, batch *db.Batch) error {
	if err := u.bank.DB().ReadPrimary(ctx, batch); err != nil {
		return bank.Unavailable(fault.DatabaseAway, err)
	}
	return nil
}

// file returns the file of an upload with its settings.
func (u *Uploads) file(f uploaded, s core.Settings) File {
	return File{Content: f.content, Name: f.Name, Columns: s.Columns, DecimalComma: s.Decimal.Comma(), Location: u.location}
}

// importer returns the importer with the settings.
func (u *Uploads) importer(by bank.By, kind core.Kind, s core.Settings) Importer {
	return Importer{Bank: u.bank, By: by, Chunk: chunkOfUploads[kind], Product: s.Product, NoInterest: s.NoInterest}
}

// chunkOfUploads has the rows of a chunk of an uploaded file. Other commands wait for a chunk, so
// it is smaller than that of the command line.
var chunkOfUploads = map[core.Kind]int{core.Clients: 250, core.Loans: 250, core.Payments: 1000}

// Heading returns the columns of an uploaded file with the fields that the settings give them, also
// of a heading that Preview refuses. Refused with core.NotFound, UploadBegun or UploadDeleted.
func (u *Uploads) Heading(ctx context.Context, by bank.By, upload id.ID, s core.Settings) ([]core.Column, error) {
	if err := u.bank.May(ctx, by, core.Run); err != nil {
		return nil, err
	}
	found, err := u.find(ctx, upload)
	if err != nil {
		return nil, err
	}
	file, err := u.file(found, s).open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return core.ColumnsOf(found.Kind, file.Heading, s.Columns), nil
}

// Preview returns what the import of a file with the settings would do, with the rejected rows before
// the others. Refused with Invalid,
// core.NotFound, UploadBegun or UploadDeleted.
func (u *Uploads) Preview(ctx context.Context, by bank.By, upload id.ID, s core.Settings) (r Result, err error) {
	if err := cmp.Or(u.bank.May(ctx, by, core.Run), s.Check()); err != nil {
		return r, err
	}
	select {
	case u.preview <- struct{}{}:
		defer func() { <-u.preview }()
	case <-ctx.Done():
		return r, ctx.Err()
	}
	found, err := u.find(ctx, upload)
	if err != nil {
		return r, err
	}
	i := u.importer(by, found.Kind, s)
	i.Preview = true
	r, err = i.File(ctx, found.Kind, u.file(found, s))
	slices.SortStableFunc(r.Bad, func(a, b core.Finding) int {
		return cmp.Or(-cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Line, b.Line))
	})
	return r, err
}

// Confirm begins or continues the import of a file with the settings, which Run does. Confirming
// it again changes nothing. Refused with Invalid, core.NotFound, UploadBegun or UploadDeleted.
func (u *Uploads) Confirm(ctx context.Context, by bank.By, upload id.ID, s core.Settings) (r bank.Receipt[core.Upload], err error) {
	if err := cmp.Or(u.bank.May(ctx, by, core.Run), s.Check()); err != nil {
		return r, err
	}
	command := imports.ConfirmUpload{Upload: upload, Settings: s}
	found, err := u.find(ctx, upload)
	switch {
	case fault.Is(err, core.UploadBegun) && found.Settings.Equal(s): // it is complete
		command.Import = found.ImportID
	case err != nil:
		return r, err
	default:
		if command.Import, err = u.importer(by, found.Kind, s).fileID(found.Kind, u.file(found, s)); err != nil {
			return r, err
		}
	}
	r, err = bank.Do(ctx, u.bank, by, command)
	if err == nil {
		select {
		case u.wake <- struct{}{}:
		default: // it will look already
		}
	}
	return r, err
}

// Run imports the confirmed files, and deletes the files that nobody confirmed in time, until the
// context ends.
func (u *Uploads) Run(ctx context.Context) {
	for {
		if err := u.RunConfirmed(ctx); err != nil && ctx.Err() == nil && !fault.Is(err, fault.Unavailable) {
			u.bank.Log().Error("importing uploaded files failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-u.wake:
		case <-time.After(lookEvery):
		}
	}
}

// lookEvery is the pause between looks for imports that were confirmed or interrupted on other nodes.
const lookEvery = 15 * time.Second

// importLock is the lock of the process that imports uploaded files.
const importLock = 0x736f_6669_08

// RunConfirmed imports the files that are confirmed now, unless another node does, and deletes the
// files whose term has ended.
func (u *Uploads) RunConfirmed(ctx context.Context) error {
	now, err := u.bank.Now(ctx)
	if err != nil {
		return bank.Unavailable(fault.DatabaseAway, err)
	}
	var confirmed, ended []core.Upload
	batch := &db.Batch{}
	batch.Before(func() { confirmed, ended = nil, nil })
	batch.Query("SELECT "+imports.Uploads.Columns.List("")+" FROM import_uploads WHERE status = 'RUNNING' OR status IN ('WAITING', 'STOPPED') AND uploaded_at < $1 AND ended_at < $1 ORDER BY confirmed_at, id", func(s db.Scanner) error {
		one, err := scan(s)
		if one.Status == core.Running {
			confirmed = append(confirmed, one)
		} else {
			ended = append(ended, one)
		}
		return err
	}, now.AddDate(0, 0, -core.KeepDays))
	if err := u.read(ctx, batch); err != nil || len(confirmed)+len(ended) == 0 {
		return err
	}
	session := u.bank.DB().Session()
	defer session.Close()
	leads, err := session.Lead(ctx, importLock)
	if err != nil {
		return bank.Unavailable(fault.DatabaseAway, err)
	}
	if !leads {
		return nil
	}
	for _, one := range ended {
		if _, err := bank.Do(ctx, u.bank, bank.By{System: true, Actor: one.UploadedBy, CorrelationID: one.ID.String()}, imports.DiscardUpload{Upload: one.ID}); err != nil {
			return err
		}
	}
	for _, one := range confirmed {
		if err := u.importNow(ctx, one.ID); err != nil {
			return err
		}
	}
	return nil
}

// importNow imports a confirmed file as the user who confirmed it. The error says that it goes on
// later; anything else that stops it is stored.
func (u *Uploads) importNow(ctx context.Context, upload id.ID) error {
	found, err := u.find(ctx, upload)
	if err != nil || found.Status != core.Running {
		return err
	}
	by := bank.By{Actor: found.ConfirmedBy, CorrelationID: upload.String()}
	err = fault.Guarded(func() error {
		_, err := u.importer(by, found.Kind, found.Settings).File(ctx, found.Kind, u.file(found, found.Settings))
		return err
	})
	var refusal *fault.Error
	end := imports.EndUpload{Upload: upload}
	switch {
	case ctx.Err() != nil || fault.Is(err, fault.Unavailable):
		return err
	case errors.As(err, &refusal):
		end.Problem, end.Sentence = refusal.Code, sentence(refusal)
	case err != nil:
		u.bank.Log().Error("the import of an uploaded file stopped", "upload", upload.String(), "error", err)
		refusal = fault.Refuse(core.ImportFailed)
		end.Problem, end.Sentence = refusal.Code, sentence(refusal)
	}
	by.System = true // the user may have lost the permission, which is then the problem
	_, err = bank.Do(ctx, u.bank, by, end)
	return err
}

// sentence returns what is wrong in both languages, with the first field at fault.
func sentence(e *fault.Error) lang.Text {
	if len(e.Flaws) == 0 {
		return lang.Text{EN: text.Title(text.EN, e), ES: text.Title(text.ES, e)}
	}
	f := e.Flaws[0]
	field := core.Field(f.Name())
	return lang.Text{EN: text.Of(text.EN, field) + ": " + text.Message(text.EN, f), ES: text.Of(text.ES, field) + ": " + text.Message(text.ES, f)}
}

// Report returns the reconciliation of an import that has begun. Refused with core.NotFound.
func (u *Uploads) Report(ctx context.Context, by bank.By, importID id.ID) (Report, error) {
	if err := u.bank.May(ctx, by, core.Run); err != nil {
		return Report{}, err
	}
	stored, err := Stored(ctx, u.bank.DB(), importID)
	if err == nil && stored.ID.IsZero() {
		return Report{}, fault.Refuse(core.NotFound)
	}
	var r Report
	if err == nil {
		r, err = Reconcile(ctx, u.bank.DB(), nil, Result{Import: stored, Read: max(stored.Chunks, stored.Taken+stored.Known+stored.Rejected)})
	}
	if err != nil {
		return Report{}, bank.Unavailable(fault.DatabaseAway, err)
	}
	return r, nil
}
