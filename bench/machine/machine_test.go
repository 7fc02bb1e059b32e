package machine

import (
	"os"
	"testing"
	"time"
)

const nobody = 1 << 30 // more than any process id

func TestUsedByEach(t *testing.T) {
	for began := time.Now(); Used(os.Getpid()) == 0; {
		if time.Since(began) > 10*time.Second {
			t.Fatal("processor time of this busy process after 10s: got none, want some")
		}
	}
	got := UsedByEach(nobody, os.Getpid())
	if len(got) != 2 || got[0] != 0 || got[1] == 0 {
		t.Errorf("got %v, want no time of nobody and some of this process", got)
	}
}

func TestMemory(t *testing.T) {
	now, most, err := Memory(os.Getpid())
	if err != nil || now < 1<<20 || most < now {
		t.Errorf("got %d bytes now, %d at most, %v, want now at least %v, most at least %v", now, most, err, 1<<20, now)
	}
	if _, _, err := Memory(nobody); err == nil {
		t.Error("a process that does not exist: got no error, want an error")
	}
}
