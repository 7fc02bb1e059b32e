package staff

import (
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Export is a file with data that a user got: a table, a document or a backup.
type Export struct {
	ID      id.ID  `json:"-"`       // the subject of its audit row
	File    string `json:"file"`    // name; the id of a document that a user named
	Request string `json:"request"` // path of the request with the filters, or the command line
	Rows    int64  `json:"rows"`    // of a table, without totals; 0 for other documents
}

// AppendJSON adds it as JSON.
func (e Export) AppendJSON(b []byte) []byte { return wire.JSON(b, e) }
