package imports

import (
	"encoding/json"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/imports"
	"sofipo/core/lang"
	"sofipo/infra/db"
)

// Upload is a stored upload.
type Upload struct {
	imports.Upload

	settings string
}

// Uploads is the table of uploaded files.
var Uploads = bank.Declare(bank.Table[id.ID, Upload]{
	Name: "import_uploads", Rank: 52,
	Columns: db.Columns[Upload]{
		db.IDField("id", func(u *Upload) *id.ID { return &u.ID }),
		db.TextField("kind", func(u *Upload) *imports.Kind { return &u.Kind }),
		db.TextField("name", func(u *Upload) *string { return &u.Name }),
		db.IntField("size", func(u *Upload) *int64 { return &u.Size }),
		db.IntField("row_count", func(u *Upload) *int64 { return &u.Rows }),
		db.TextField("status", func(u *Upload) *imports.UploadStatus { return &u.Status }),
		db.TextField("settings", func(u *Upload) *string { return &u.settings }),
		db.IDField("import_id", func(u *Upload) *id.ID { return &u.ImportID }),
		db.TextField("problem", func(u *Upload) *fault.Code { return &u.Problem }),
		db.TextField("problem_en", func(u *Upload) *string { return &u.Sentence.EN }),
		db.TextField("problem_es", func(u *Upload) *string { return &u.Sentence.ES }),
		db.TextField("uploaded_by", func(u *Upload) *string { return &u.UploadedBy }),
		db.TimeField("uploaded_at", func(u *Upload) *time.Time { return &u.UploadedAt }),
		db.TextField("confirmed_by", func(u *Upload) *string { return &u.ConfirmedBy }),
		db.TimeField("confirmed_at", func(u *Upload) *time.Time { return &u.ConfirmedAt }),
		db.TimeField("ended_at", func(u *Upload) *time.Time { return &u.EndedAt }),
	},
	Fixed:   []string{"kind", "name", "size", "row_count", "uploaded_by", "uploaded_at"},
	Of:      func(u *Upload) id.ID { return u.ID },
	Compare: bank.ByID,
	Read:    func(u *Upload) error { return json.Unmarshal([]byte(u.settings), &u.Settings) },
	Write: func(u *Upload) {
		text, err := json.Marshal(u.Settings)
		if err != nil {
			panic(err) // cannot happen: texts and booleans
		}
		u.settings = string(text)
	},
})

// Content has the bytes of an uploaded file.
type Content struct {
	UploadID id.ID
	Bytes    []byte
}

// Contents is the table of the bytes of uploaded files. They are personal data: they are encrypted,
// and removed when the import is complete or discarded.
var Contents = bank.Declare(bank.Table[id.ID, Content]{
	Name: "import_contents", Rank: 53,
	Columns: db.Columns[Content]{
		db.IDField("upload_id", func(c *Content) *id.ID { return &c.UploadID }),
		db.SealedBytesField("content", db.Sealing[Content]{Table: "import_contents", Column: "upload_id", Owner: func(c *Content) string { return c.UploadID.String() }}, func(c *Content) *[]byte { return &c.Bytes }),
	},
	Of:      func(c *Content) id.ID { return c.UploadID },
	Compare: bank.ByID,
})

var uploadByID = bank.DeclareLookup(bank.Lookup[id.ID, Upload, id.ID]{Table: Uploads, Column: "id", Lock: true})

// AddUpload stores a file that waits for its confirmation. Refused with Invalid.
type AddUpload struct {
	Kind     imports.Kind
	FileName string
	Rows     int64 // below the heading
	Content  []byte
}

// Name returns the operation's name.
func (AddUpload) Name() string { return "upload_import" }

// Permission returns the permission that the actor's role must have.
func (AddUpload) Permission() access.Permission { return imports.Run }

// Check refuses an unknown kind, and a name that cannot be shown.
func (c AddUpload) Check(bank.Rules) error {
	var f fault.Flaws
	fault.Among(&f, c.Kind, "kind", imports.Kinds...)
	if len(f) > 0 {
		return f.Err()
	}
	return imports.CheckName(c.FileName)
}

// Needs requests nothing.
func (AddUpload) Needs(*bank.Needs) {}

// Decide stages the file.
func (c AddUpload) Decide(b *bank.Book) (imports.Upload, error) {
	u := imports.Upload{
		ID: b.NewID(), Kind: c.Kind, Name: c.FileName, Size: int64(len(c.Content)), Rows: c.Rows, Status: imports.Waiting, UploadedBy: b.Actor(), UploadedAt: b.Now(),
	}
	b.Subject(u.ID)
	Uploads.Add(b, Upload{Upload: u})
	Contents.Add(b, Content{u.ID, c.Content})
	return u, nil
}

// ConfirmUpload begins or continues the import of a file. The import that has begun with the same
// settings, or is complete, stays as it is. Refused with imports.NotFound, UploadBegun or
// UploadDeleted.
type ConfirmUpload struct {
	Upload   id.ID
	Import   id.ID // of the file with the settings
	Settings imports.Settings
}

// Name returns the operation's name.
func (ConfirmUpload) Name() string { return "confirm_import" }

// Permission returns the permission that the actor's role must have.
func (ConfirmUpload) Permission() access.Permission { return imports.Run }

// Check accepts every command.
func (ConfirmUpload) Check(bank.Rules) error { return nil }

// Needs requests the upload.
func (c ConfirmUpload) Needs(n *bank.Needs) { uploadByID.Need(n, c.Upload) }

// Decide stages the confirmation.
func (c ConfirmUpload) Decide(b *bank.Book) (imports.Upload, error) {
	u, found := Uploads.Get(b, c.Upload)
	b.Subject(c.Upload)
	switch {
	case !found:
		return u.Upload, fault.Refuse(imports.NotFound)
	case u.Status == imports.Discarded:
		return u.Upload, fault.Refuse(imports.UploadDeleted)
	case u.Status != imports.Waiting && u.ImportID != c.Import:
		return u.Upload, fault.Refuse(imports.UploadBegun)
	case u.Status == imports.Waiting || u.Status == imports.Stopped:
		u.Status, u.Settings, u.ImportID = imports.Running, c.Settings, c.Import
		u.Problem, u.Sentence = "", lang.Text{}
		u.ConfirmedBy, u.ConfirmedAt, u.EndedAt = b.Actor(), b.Now(), time.Time{}
		Uploads.Change(b, u)
	}
	return u.Upload, nil
}

// EndUpload ends the run of the import of a file. Without a problem the import is complete, and the
// content is removed. The program itself gives this command.
type EndUpload struct {
	Upload   id.ID
	Problem  fault.Code
	Sentence lang.Text
}

// Name returns the operation's name.
func (EndUpload) Name() string { return "end_import" }

// Permission returns the permission that the actor's role must have.
func (EndUpload) Permission() access.Permission { return imports.Run }

// Check accepts every command.
func (EndUpload) Check(bank.Rules) error { return nil }

// Needs requests the upload.
func (c EndUpload) Needs(n *bank.Needs) { uploadByID.Need(n, c.Upload) }

// Decide stages the end. An import that does not run stays as it is.
func (c EndUpload) Decide(b *bank.Book) (imports.Upload, error) {
	u, found := Uploads.Get(b, c.Upload)
	b.Subject(c.Upload)
	switch {
	case !found:
		return u.Upload, fault.Refuse(imports.NotFound)
	case u.Status != imports.Running:
		return u.Upload, nil
	}
	u.Status, u.Problem, u.Sentence, u.EndedAt = imports.Stopped, c.Problem, c.Sentence, b.Now()
	if c.Problem == "" {
		u.Status = imports.Imported
		Contents.Remove(b, Content{UploadID: u.ID})
	}
	Uploads.Change(b, u)
	return u.Upload, nil
}

// DiscardUpload removes the content of a file that is not imported. What its import took stays.
// Refused with imports.NotFound or UploadBegun.
type DiscardUpload struct{ Upload id.ID }

// Name returns the operation's name.
func (DiscardUpload) Name() string { return "discard_import" }

// Permission returns the permission that the actor's role must have.
func (DiscardUpload) Permission() access.Permission { return imports.Run }

// Check accepts every command.
func (DiscardUpload) Check(bank.Rules) error { return nil }

// Needs requests the upload.
func (c DiscardUpload) Needs(n *bank.Needs) { uploadByID.Need(n, c.Upload) }

// Decide stages the removal.
func (c DiscardUpload) Decide(b *bank.Book) (imports.Upload, error) {
	u, found := Uploads.Get(b, c.Upload)
	b.Subject(c.Upload)
	switch {
	case !found:
		return u.Upload, fault.Refuse(imports.NotFound)
	case u.Status == imports.Discarded:
		return u.Upload, nil
	case !slices.Contains([]imports.UploadStatus{imports.Waiting, imports.Stopped}, u.Status):
		return u.Upload, fault.Refuse(imports.UploadBegun)
	}
	u.Status, u.EndedAt = imports.Discarded, b.Now()
	Contents.Remove(b, Content{UploadID: u.ID})
	Uploads.Change(b, u)
	return u.Upload, nil
}
