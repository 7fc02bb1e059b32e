package event

import (
	"testing"

	"sofipo/core/id"
)

// TestEpochs: two lost histories end after sequences 10 and 4; each was continued by an epoch
// of its own.
func TestEpochs(t *testing.T) {
	c := Course{Epochs: []Epoch{{Number: 100, After: 4}, {Number: 200, After: 10}}, End: Link{Sequence: 12, Epoch: 200}}
	for _, x := range []struct {
		sequence, epoch int64
		contained, lost bool
	}{
		{1, 0, true, false}, {4, 0, true, false}, {5, 0, false, true}, {5, 100, true, false}, {10, 100, true, false}, {11, 100, false, true},
		{11, 200, true, false}, {12, 200, true, false}, {13, 200, false, false}, {4, 100, false, true}, {11, 150, false, true}, {11, 300, false, false}, {0, 0, false, true},
	} {
		l := Link{Sequence: x.sequence, Epoch: x.epoch}
		if c.Contains(l) != x.contained || c.Lost(l) != x.lost {
			t.Errorf("sequence %d of epoch %d: got contained %t, lost %t, want %t, %t", x.sequence, x.epoch, c.Contains(l), c.Lost(l), x.contained, x.lost)
		}
	}
	for _, x := range []struct{ unix, seen, want int64 }{{1000, 0, 1000}, {150, 0, 201}, {150, 300, 301}} {
		if got := c.Next(x.unix, x.seen); got != x.want {
			t.Errorf("next epoch at %d, with %d in the log: got %d, want %d", x.unix, x.seen, got, x.want)
		}
	}
}

// TestTheFirstEpochIsUnmarked: its events have the hash, the bytes and the key that they had
// before epochs existed. A later epoch changes all three.
func TestTheFirstEpochIsUnmarked(t *testing.T) {
	sealed := Seal(id.ID{5}, samples()[0], origin)
	var keys, hashes []string
	for _, epoch := range []int64{0, 1_796_000_000} {
		c := Chain{Last: Link{Sequence: 3, Hash: "ab", Epoch: epoch}}
		_, e, err := c.Append(nil, sealed)
		if err != nil {
			t.Fatal(err)
		}
		read, err := Parse(e.Body)
		if err != nil || read.Key() != e.Key() || read.Epoch != epoch {
			t.Errorf("got %+v, %v, want key %s, epoch %d", read, err, e.Key(), epoch)
		}
		if _, err := read.Verify(Link{Sequence: 3, Hash: "ab"}); err != nil {
			t.Error(err)
		}
		keys, hashes = append(keys, e.Key()), append(hashes, read.Hash)
		read.Epoch = 7
		if _, err := read.Verify(Link{Sequence: 3, Hash: "ab"}); err == nil {
			t.Error("another epoch: got no error, want one: the hash covers it")
		}
	}
	if want := (id.ID{5}).String(); keys[0] != want || keys[1] != want+"-1796000000" || hashes[0] == hashes[1] {
		t.Errorf("got keys %v, hashes %v, want %s without and with the epoch, and two hashes", keys, hashes, want)
	}
}
