package archive

import (
	"maps"
	"slices"
	"time"

	"sofipo/core/money"
)

// ManifestFile is the last file of an archive. An archive without it is incomplete.
const ManifestFile = "manifest.json"

// Manifest describes an archive.
type Manifest struct {
	Format      int               `json:"format"`        // see Format
	Program     string            `json:"program"`       // version of the program that wrote it
	Schema      int64             `json:"schema"`        // last migration of the database
	Database    string            `json:"database"`      // sqlite or postgresql
	Replica     bool              `json:"replica"`       // whether it was read from the replica
	Position    string            `json:"position"`      // commit token that the snapshot includes
	Began       time.Time         `json:"began_at"`      // no earlier commit is missing
	Finished    time.Time         `json:"finished_at"`   // no later commit is included
	Institution string            `json:"institution"`   // trade name
	Personal    bool              `json:"personal_data"` // whether it has the files of clients, notes and senders of payments
	Files       []Entry           `json:"files"`         // in order
	Balances    map[string]string `json:"balances"`      // debits minus credits of all postings, by account
}

// Entry describes a file in a manifest.
type Entry struct {
	Name   string            `json:"name"`
	Lines  int64             `json:"lines"`
	Bytes  int64             `json:"bytes"`
	SHA256 string            `json:"sha256"`
	Sums   map[string]string `json:"sums"` // of the members that are amounts
}

// Lines returns the number of lines of all files.
func (m Manifest) Lines() (n int64) {
	for _, f := range m.Files {
		n += f.Lines
	}
	return n
}

// sums are totals by name.
type sums map[string]money.Total

// add adds an amount.
func (s sums) add(name string, a money.Amount) { s[name] = s[name].Plus(a.Total()) }

// texts returns the totals as decimal strings.
func (s sums) texts() map[string]string {
	all := make(map[string]string, len(s))
	for _, name := range slices.Sorted(maps.Keys(s)) {
		all[name] = s[name].String()
	}
	return all
}
