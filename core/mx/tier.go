package mx

import "fmt"

// Tier is the strictness of an RFC check. Each tier includes the previous ones.
type Tier uint8

// The tiers, from lax to strict. PEPJ800101HNE, for instance, reaches
// TierStructural: it ends in a letter other than A.
const (
	TierNone       Tier = iota // result for a text that is not an RFC; not a setting
	TierLength                 // 12 or 13 printable characters
	TierStructural             // letters, a real date, three letters or digits; the default
	TierSATXSD                 // ends in a digit or A, as the SAT's CFDI schema requires
	TierStrict                 // no forbidden word and the right check digit
)

// DefaultTier is the tier without a setting. It is not TierStrict because about 1.5 % of
// the RFCs in use have a wrong check digit.
const DefaultTier = TierStructural

var tierNames = [...]string{"none", "length", "structural", "sat_xsd", "strict"}

// String returns the name of the tier as ParseTier reads it, "none" for TierNone.
func (t Tier) String() string {
	if int(t) >= len(tierNames) {
		return fmt.Sprintf("Tier(%d)", uint8(t))
	}
	return tierNames[t]
}

// ParseTier reads the name of a tier: length, structural, sat_xsd or strict.
func ParseTier(name string) (Tier, error) {
	for t := TierLength; t <= TierStrict; t++ {
		if name == tierNames[t] {
			return t, nil
		}
	}
	return TierNone, Error{InvalidFormat, "RFC tier must be one of length, structural, sat_xsd, strict"}
}
