package settlement

import (
	_ "embed" // the denominations
	"encoding/csv"
	"encoding/json"
	"strings"
	"sync"

	"sofipo/core/fault"
	"sofipo/core/money"
)

// Denomination is a note or coin of Mexico.
type Denomination struct {
	Value money.Amount `json:"value"`
	Kind  string       `json:"kind"` // note or coin
}

//go:embed denominations.csv
var denominationsCSV string

// Denominations lists the notes and coins, the largest first. A test proves that the embedded
// file is valid.
var Denominations = sync.OnceValue(func() (all []Denomination) {
	rows, _ := csv.NewReader(strings.NewReader(denominationsCSV)).ReadAll()
	for _, r := range rows[1:] {
		value, _ := money.Parse(r[0])
		all = append(all, Denomination{value, r[1]})
	}
	return all
})

// Pieces is a number of notes or coins of one value.
type Pieces struct {
	Value  money.Amount `json:"value"`
	Pieces int64        `json:"pieces"`
}

// Sheet is a count of cash by denomination.
type Sheet []Pieces

// maxPieces is the maximum number of pieces of a denomination, so that a total cannot overflow.
const maxPieces = 10_000_000

// Check refuses a value that no note or coin has, one that is listed twice, and a number of
// pieces below 0 or above ten million.
func (s Sheet) Check() error {
	var f fault.Flaws
	for i, p := range s {
		known, twice := false, false
		for _, d := range Denominations() {
			known = known || d.Value == p.Value
		}
		for _, before := range s[:i] {
			twice = twice || before.Value == p.Value
		}
		switch {
		case !known:
			f.Add(fault.At("value", KnownValue, "accepted", values()).In("sheet", i))
		case twice:
			f.Add(fault.At("value", ValueOnce).In("sheet", i))
		case p.Pieces < 0 || p.Pieces > maxPieces:
			f.Add(fault.At("pieces", fault.Between, "least", 0, "most", maxPieces).In("sheet", i))
		}
	}
	return f.Err()
}

// Total returns the amount of a valid sheet.
func (s Sheet) Total() (sum money.Amount) {
	for _, p := range s {
		sum += p.Value * money.Amount(p.Pieces)
	}
	return sum
}

// Text returns the sheet as JSON.
func (s Sheet) Text() string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot fail: amounts and integers
	}
	return string(b)
}

// ParseSheet reads what Text returned.
func ParseSheet(text string) (s Sheet, err error) {
	err = json.Unmarshal([]byte(text), &s)
	return s, err
}

func values() (all []money.Amount) {
	for _, d := range Denominations() {
		all = append(all, d.Value)
	}
	return all
}
