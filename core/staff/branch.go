package staff

import (
	"time"

	"sofipo/core/id"
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
