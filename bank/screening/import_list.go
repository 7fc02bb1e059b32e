package screening

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/screening"
)

// ImportList replaces the entries of a list by those of a CSV file, as its next version. The
// same file again changes nothing. Title and Effect are needed for the first version of a list
// that is not one of screening.Known. A file with bad rows is refused, naming them, unless they
// are to be skipped. Refused with Invalid or screening.EffectStays.
type ImportList struct {
	List    screening.ListCode
	Title   string
	Effect  screening.Effect
	SkipBad bool
	Content []byte

	entries []screening.Entry
	bad     []screening.BadRow
	hash    string
}

// Name returns the operation's name.
func (*ImportList) Name() string { return "import_screening_list" }

// Permission returns the permission that the actor's role must have.
func (*ImportList) Permission() access.Permission { return screening.Import }

// Check reads the file.
func (c *ImportList) Check(bank.Rules) (err error) {
	if err := screening.CheckList(c.List); err != nil {
		return err
	}
	if c.Effect != "" {
		var flaws fault.Flaws
		fault.Among(&flaws, c.Effect, "effect", screening.Block, screening.Warn)
		if err := flaws.Err(); err != nil {
			return err
		}
	}
	if c.entries, c.bad, err = screening.Parse(c.List, c.Content); err != nil {
		return err
	}
	if len(c.bad) > 0 && !c.SkipBad {
		return screening.Refused(c.bad)
	}
	if len(c.entries) == 0 {
		return fault.Wrong(fault.At("", screening.NoRows))
	}
	sum := sha256.Sum256(c.Content)
	c.hash = hex.EncodeToString(sum[:])
	return nil
}

// Needs requests the list, its versions and its entries in force.
func (c *ImportList) Needs(n *bank.Needs) {
	listByCode.Need(n, string(c.List))
	versionsOf.Need(n, string(c.List))
	entriesInForce.Need(n, string(c.List))
}

// Decide stages the version with the entries that it adds and removes.
func (c *ImportList) Decide(b *bank.Book) (screening.Version, error) {
	l, known := Lists.Get(b, c.List)
	if !known {
		l = screening.Known[c.List]
		l.Code = c.List
	}
	switch {
	case known && c.Effect != "" && c.Effect != l.Effect:
		return screening.Version{}, fault.Refuse(screening.EffectStays, "list", l.Code, "effect", l.Effect)
	case known && c.hash == l.Hash:
		v, _ := Versions.Get(b, versionKey{l.Code, l.Version})
		b.Subject(v.ID)
		return v.Version, nil
	case l.Effect == "" && c.Effect == "":
		return screening.Version{}, fault.Wrong(fault.At("effect", screening.EffectNeeded))
	case !known && c.Effect != "":
		l.Effect = c.Effect
	}
	if title := strings.TrimSpace(c.Title); title != "" || l.Title == "" {
		l.Title = title
	}
	var now []screening.Entry
	for e := range Entries.All(b) {
		if e.List == c.List && e.RemovedIn == 0 {
			now = append(now, *e)
		}
	}
	added, removed := screening.Compare(now, c.entries)
	l.Version++
	l.Entries, l.Hash, l.ImportedBy, l.ImportedAt = len(now)+len(added)-len(removed), c.hash, b.Actor(), b.Now()
	c.stage(b, l, added, removed)
	if known {
		Lists.Change(b, l)
	} else {
		Lists.Add(b, l)
	}
	v := screening.Version{
		ID: b.NewID(), List: l.Code, Number: l.Version, Entries: l.Entries, Added: len(added), Removed: len(removed), Bad: c.bad,
		Hash: l.Hash, ImportedBy: l.ImportedBy, ImportedAt: l.ImportedAt,
	}
	Versions.Add(b, StoredVersion{Version: v})
	b.Publish(screening.ImportedEvent(v))
	return v, nil
}

// stage stages the changes of the entries and their keys.
func (c *ImportList) stage(b *bank.Book, l screening.List, added, removed []screening.Entry) {
	for _, e := range removed {
		e.RemovedIn = l.Version
		Entries.Change(b, e)
		for _, k := range blind(b, e).Keys(l.Effect) {
			Keys.Remove(b, k)
		}
	}
	for _, e := range added {
		e.ID, e.AddedIn = b.NewID(), l.Version
		Entries.Add(b, e)
		for _, k := range blind(b, e).Keys(l.Effect) {
			Keys.Add(b, k)
		}
	}
}
