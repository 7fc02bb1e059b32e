package bankfile

import (
	"crypto/sha256"
	"fmt"

	"sofipo/core/fault"
	"sofipo/core/id"
)

// Identify sets the id of every row. It is made of the bank account and the bank's own id of
// the operation or, without one, of the whole row and its number among the equal rows of the
// same day. So a row has the same id in every file that contains it. A row that repeats the
// operation of an earlier row in the file is left out if it is equal, and bad if it is not.
func (f *File) Identify(account id.ID) {
	seen := map[id.ID]Row{}
	kept := f.Rows[:0]
	for _, r := range f.Rows {
		if r.Operation != "" {
			r.ID = idOf(account, r.Operation)
			if first, repeated := seen[r.ID]; repeated {
				if !r.Same(first.Date, first.Amount) {
					f.Bad = append(f.Bad, Bad{r.Line, fault.At(string(Operation), Differs)})
				} else {
					f.Repeated = append(f.Repeated, r)
				}
				continue
			}
		} else {
			for n := 1; ; n++ {
				r.ID = idOf(account, fmt.Sprint(r.Date), r.Amount.String(), r.Reference, r.Concept, r.Sender, fmt.Sprint(n))
				if _, taken := seen[r.ID]; !taken {
					break
				}
			}
		}
		seen[r.ID] = r
		kept = append(kept, r)
	}
	f.Rows = kept
}

// idOf returns the id of a row with the parts, in the form of a UUID of version 8.
func idOf(account id.ID, parts ...string) (x id.ID) {
	h := sha256.New()
	h.Write(account[:])
	for _, part := range parts {
		fmt.Fprintf(h, "%d %s", len(part), part)
	}
	copy(x[:], h.Sum(nil))
	x[6], x[8] = 0x80|x[6]&0x0f, 0x80|x[8]&0x3f
	return x
}
