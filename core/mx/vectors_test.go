package mx

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
)

// vectors is testdata/mx-identifiers.json: published and recomputed vectors,
// each with its source. No RFC or CURP in it is that of a private person.
var vectors struct {
	RFC struct {
		ForbiddenWords []string    `json:"forbidden_words"`
		Generic        []rfcVector `json:"generic"`
		Valid          []rfcVector `json:"valid"`
		StructuralOnly []rfcVector `json:"valid_structural_only"`
		Invalid        []rfcVector `json:"invalid"`
		Homoclave      []struct {
			Name, Normalised, Homoclave string
			Sum                         int
		} `json:"homoclave_vectors"`
		TenChars []struct{ Paterno, Materno, Nombre, Born, Expected string } `json:"ten_char_vectors"`
	} `json:"rfc"`
	CURP struct {
		States       map[string]string `json:"states"`
		Inconvenient map[string]string `json:"inconvenient_words"`
		Valid        []vector          `json:"valid"`
		Special      []vector          `json:"special"`
		Invalid      []vector          `json:"invalid"`
		First4       []nameVector      `json:"derivation_first4"`
		Pos14        []nameVector      `json:"derivation_pos14_16"`
	} `json:"curp"`
	CLABE struct {
		Valid   []vector                               `json:"valid"`
		Invalid []vector                               `json:"invalid"`
		Banks   map[string]struct{ SPEI, Name string } `json:"banks"`
		Sofipos map[string]string                      `json:"sofipo_codes"`
	} `json:"clabe"`
}

type rfcVector struct {
	Value, Reason string
	PersonType    string `json:"person_type"`
	Digit         string `json:"computed_check_digit"`
	Expected      struct {
		Structural bool `json:"structural"`
		SATXSD     bool `json:"sat_xsd"`
		Strict     bool `json:"strict_check_digit"`
	}
}

type vector struct {
	Value, Reason        string
	Bank, Plaza, Account string
	Digit                string `json:"computed_check_digit"`
	FormatAndDigitOK     bool   `json:"format_and_digit_ok"`
}

type nameVector struct {
	Name, First4 string
	Pos14        string `json:"pos14_16"`
}

func TestMain(m *testing.M) {
	data, err := os.ReadFile("testdata/mx-identifiers.json")
	if err == nil {
		err = json.Unmarshal(data, &vectors)
	}
	if err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// wantCount fails when the file holds another number of vectors than the one
// these tests were written for: a misspelt key would otherwise test nothing.
func wantCount(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %d vectors, want %d", what, got, want)
	}
}

// codeOf returns the code of a refusal, "" for nil, and fails on another kind of error.
func codeOf(t *testing.T, err error) Code {
	t.Helper()
	if err == nil {
		return ""
	}
	var refusal Error
	if !errors.As(err, &refusal) || refusal.Message == "" {
		t.Fatalf("got %#v, want an Error with a message", err)
	}
	return refusal.Code
}
