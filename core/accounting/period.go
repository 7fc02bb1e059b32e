package accounting

import "sofipo/core/civil"

// Period tells how far the books are closed.
type Period struct {
	ClosedThrough civil.Date `json:"closed_through"`
}

// AppendJSON adds the period as JSON.
func (p Period) AppendJSON(b []byte) []byte {
	return append(append(append(b, `{"closed_through":"`...), p.ClosedThrough.String()...), `"}`...)
}
