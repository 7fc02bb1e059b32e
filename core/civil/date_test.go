package civil

import (
	"testing"
	"time"
)

func TestDateOfKeepsTheLocation(t *testing.T) {
	mexico := time.FixedZone("CST", -6*3600)
	late := time.Date(2026, 11, 23, 23, 30, 0, 0, mexico)
	if got := DateOf(late).String(); got != "2026-11-23" {
		t.Errorf("local day: %s", got)
	}
	if got := DateOf(late.UTC()).String(); got != "2026-11-24" {
		t.Errorf("UTC day: %s", got)
	}
}

func TestTextRoundTrip(t *testing.T) {
	var d Date
	if err := d.UnmarshalText([]byte("2024-02-29")); err != nil || d.String() != "2024-02-29" {
		t.Errorf("%v %v", d, err)
	}
	if err := d.UnmarshalText([]byte("2023-02-29")); err == nil {
		t.Error("29 February 2023 was accepted")
	}
}
