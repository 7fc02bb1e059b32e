package event

import "slices"

// Epoch is a part of the chain. A new one begins when the event log may contain events that
// the database does not: after a failover that lost commits, or when a copy of the database
// was restored. It continues the chain of the database, so its first event has a sequence
// that a lost event may have too. The epoch tells them apart.
type Epoch struct {
	Number int64  // 0 for the first epoch, later the Unix time at which it began; always increasing
	After  int64  // sequence of the last event before the epoch
	Hash   string // its hash
}

// Course is the chain as the database knows it: its epochs except the first one, in order,
// and its end.
type Course struct {
	Epochs []Epoch
	End    Link
}

// Epoch returns the number of the epoch to which a sequence belongs.
func (c Course) Epoch(sequence int64) int64 {
	for _, e := range slices.Backward(c.Epochs) {
		if e.After < sequence {
			return e.Number
		}
	}
	return 0
}

// Contains reports whether the link, by its sequence and epoch, is in the chain up to its end.
func (c Course) Contains(l Link) bool {
	return l.Sequence >= 1 && l.Sequence <= c.End.Sequence && c.Epoch(l.Sequence) == l.Epoch
}

// Lost reports whether the link is of an earlier epoch but not in the chain: the event was
// published, and then the database lost it.
func (c Course) Lost(l Link) bool { return l.Epoch < c.End.Epoch && !c.Contains(l) }

// Next returns the number of a new epoch that begins at a Unix time. It is above the numbers
// of all known epochs, and of seen, the highest one in the event log.
func (c Course) Next(unix, seen int64) int64 { return max(unix, c.End.Epoch+1, seen+1) }
