package client

import (
	"sofipo/core/fault"
	"sofipo/core/mx"
	"sofipo/core/wire"
)

// Suggestion has the identifiers that the authorities would probably assign. The SAT and RENAPO
// resolve homonyms, so the last characters may differ.
type Suggestion struct {
	RFC       string `json:"rfc"`
	RFCPrefix string `json:"rfc_prefix"` // the part that follows from the names and the date
	CURP      string `json:"curp,omitempty"`
	Prefix    string `json:"curp_prefix,omitempty"`
}

// AppendJSON adds the suggestion as the REST API writes it.
func (s Suggestion) AppendJSON(b []byte) []byte { return wire.JSON(b, s) }

// Suggest derives the identifiers of a person from the names and the birth date; a CURP needs
// the sex and the state of birth too. Refused with Invalid.
func (f File) Suggest() (s Suggestion, err error) {
	var flaws fault.Flaws
	flaws.Unless(!f.BirthDate.IsZero(), "birth_date", fault.DayNeeded)
	flaws.Unless(f.BirthDate.IsZero() || f.BirthDate.Year >= 1900 && f.BirthDate.Year < 2100, "birth_date", BornSince)
	flaws.Unless(f.BirthState == "" || mx.StateName(f.BirthState) != "", "birth_state", StateCode)
	rfc, err := mx.SuggestRFC(f.named())
	flaws.Unless(err == nil || len(flaws) > 0, "given_names", NamesNeeded)
	if err := flaws.Err(); err != nil {
		return s, err
	}
	s.RFC, s.RFCPrefix = string(rfc), string([]rune(string(rfc))[:10])
	for letter, sex := range sexes {
		if sex != f.Sex || f.BirthState == "" {
			continue
		}
		if curp, err := mx.SuggestCURP(f.named(), letter, f.BirthState); err == nil {
			s.CURP, s.Prefix = string(curp), string(curp[:16])
		}
	}
	return s, nil
}
