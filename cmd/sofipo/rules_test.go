package main

import (
	"testing"

	"sofipo/core/mx"
)

// TestRulesOfTheProfiles: only the demo accepts the seed's empty names and loans of any amount.
func TestRulesOfTheProfiles(t *testing.T) {
	for _, profile := range []string{demoProfile, "development", productionProfile} {
		s := settings{Profile: profile, RFCTier: "strict", MaxLoan: "auto"}
		got, demo := s.rules(), profile == demoProfile
		if got.EmptyNames != demo || (got.MaxLoan == 0) != demo || got.RFC != mx.TierStrict {
			t.Errorf("%s: got %+v, want empty names and no maximum: %t, RFC tier %s", profile, got, demo, mx.TierStrict)
		}
	}
}
