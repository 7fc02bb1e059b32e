package incoming

import (
	"crypto/sha256"
	"strings"
	"time"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/wire"
)

// Layout is the layout of the files of a bank account.
type Layout struct {
	AccountID id.ID `json:"bank_account_id"`
	bankfile.Layout
	ChangedBy string    `json:"changed_by"`
	ChangedAt time.Time `json:"changed_at"`
}

// AppendJSON appends the layout as JSON.
func (l Layout) AppendJSON(b []byte) []byte { return wire.JSON(b, l) }

// File is a file of payments that was imported, or whose import has begun. Its content and
// layout are kept, so that an import that stopped can continue.
type File struct {
	ID        id.ID      `json:"id"`
	AccountID id.ID      `json:"bank_account_id"`
	Name      string     `json:"name"`
	Status    FileStatus `json:"status"`
	Counts
	ImportedBy string    `json:"imported_by"`
	ImportedAt time.Time `json:"imported_at"`

	Layout  bankfile.Layout `json:"-"`
	Content []byte          `json:"-"`
}

// Counts has the numbers of rows of a file.
type Counts struct {
	Rows    int `json:"rows"`    // rows with an amount that came in
	Applied int `json:"applied"` // paid their loan
	Waiting int `json:"suspended"`
	Known   int `json:"known"` // taken from another file, or repeated in this one
	Bad     int `json:"bad"`   // not taken; see the result of the import
	Out     int `json:"outgoing"`
}

// FileStatus is the state of the import of a file.
type FileStatus string

// The states. An open file has rows that were not taken: import it again.
const (
	Open FileStatus = "OPEN"
	Done FileStatus = "DONE"
)

// AppendJSON appends the file as JSON.
func (f File) AppendJSON(b []byte) []byte { return wire.JSON(b, f) }

// FileID returns the id of a file: the same content for the same account is the same file.
func FileID(account id.ID, content []byte) (x id.ID) {
	h := sha256.New()
	h.Write(account[:])
	h.Write(content)
	copy(x[:], h.Sum(nil))
	x[6], x[8] = 0x80|x[6]&0x0f, 0x80|x[8]&0x3f
	return x
}

// The maximum lengths of texts, in characters.
const (
	MaxName = 120 // of a file's name
	MaxNote = 200 // of a reason
)

// CheckName refuses a name of a file that is empty, too long or has control characters.
func CheckName(name string) error { return checkText("name", name, MaxName) }

// CheckNote refuses a reason that is empty, too long or has control characters.
func CheckNote(field, note string) error { return checkText(field, note, MaxNote) }

func checkText(field, text string, most int) error {
	var f fault.Flaws
	switch {
	case strings.TrimSpace(text) == "":
		f.Add(fault.At(field, fault.Blank))
	case utf8.RuneCountInString(text) > most:
		f.Add(fault.At(field, fault.MaxLength, "most", most))
	case !printable(text):
		f.Add(fault.At(field, fault.Printable))
	}
	return f.Err()
}

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return false
		}
	}
	return true
}
