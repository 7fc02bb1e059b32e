package staff

import (
	"regexp"
	"time"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Branch is an office of the institution (sucursal), and a cost centre of its books.
type Branch struct {
	ID        id.ID     `json:"id"`
	Code      string    `json:"code"` // short and unique, such as "001"
	Name      string    `json:"name"`
	Address   string    `json:"address"`
	Phone     string    `json:"phone"`
	Closed    bool      `json:"closed"` // nothing new is assigned to it
	CreatedAt time.Time `json:"created_at"`
}

// HeadOffice is the branch that every institution has. What names no other branch belongs to
// it.
var HeadOffice = id.ID{6: 0x70, 8: 0x80, 15: 1}

// IsHeadOffice reports whether an id is that of the head office, or zero.
func IsHeadOffice(branch id.ID) bool { return branch == HeadOffice || branch.IsZero() }

var branchCode = regexp.MustCompile(`^[A-Z0-9-]{1,10}$`)

// The maximum lengths of texts, in characters.
const (
	MaxName    = 100
	MaxAddress = 300
	MaxPhone   = 30
)

// Check refuses a branch with a wrong code or texts. It reports all fields at fault.
func (o Branch) Check() error {
	var f fault.Flaws
	f.Unless(branchCode.MatchString(o.Code), "code", CodeForm)
	checkText(&f, "name", o.Name, MaxName)
	f.Unless(f.Has("name") || !glyph.Blank(o.Name), "name", fault.Blank)
	checkText(&f, "address", o.Address, MaxAddress)
	checkText(&f, "phone", o.Phone, MaxPhone)
	return f.Err()
}

// checkText refuses a text that is too long or that documents cannot show.
func checkText(f *fault.Flaws, path, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		f.Add(fault.At(path, fault.MaxLength, "most", most))
		return
	}
	glyph.Check(text, path, f)
}

// AppendJSON adds the branch as JSON.
func (o Branch) AppendJSON(b []byte) []byte { return wire.JSON(b, o) }
