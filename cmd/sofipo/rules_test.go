package main

import (
	"testing"

	"sofipo/core/mx"
)

// TestRulesOfTheProfiles: only the demo accepts the seed's empty names and loans of any amount,
// and has an administrator without limits.
func TestRulesOfTheProfiles(t *testing.T) {
	for _, profile := range []string{demoProfile, "development", productionProfile} {
		s := settings{Profile: profile, RFCTier: "strict", MaxLoan: "auto", WriteOff: 90}
		got, demo := s.rules(), profile == demoProfile
		if got.EmptyNames != demo || (got.MaxLoan == 0) != demo || got.FreeAdmin != demo || got.WriteOffDays != 90 || got.RFC != mx.TierStrict {
			t.Errorf("%s: got %+v, want empty names, no maximum and no limits of the administrator: %t, 90 days, RFC tier %s", profile, got, demo, mx.TierStrict)
		}
	}
}
