package mx

import (
	_ "embed" // the default catalogue
	"encoding/json"
	"fmt"
	"sync"
)

// Bank is a participant of SPEI.
type Bank struct {
	Code string `json:"-"`    // 3 digits, as a CLABE begins
	SPEI string `json:"spei"` // institution key in SPEI: 5 digits (Banco de México: 2001)
	Name string `json:"name"` // short name, as Banco de México lists it
}

// Catalogue has the names of banks and plazas. Banco de México changes its list several
// times a year, so a catalogue is data: DefaultCatalogue is the one built in,
// ParseCatalogue reads a newer one. It is safe for concurrent use.
type Catalogue struct {
	banks  map[string]Bank
	plazas map[string]string
}

//go:embed catalogue.json
var catalogueJSON []byte

var defaultCatalogue = sync.OnceValue(func() *Catalogue {
	c, err := ParseCatalogue(catalogueJSON)
	if err != nil {
		panic(err) // the embedded file is part of the program
	}
	return c
})

// DefaultCatalogue returns the built-in catalogue: 98 banks (March 2026) and 788
// plaza codes; catalogue.json names its sources.
func DefaultCatalogue() *Catalogue { return defaultCatalogue() }

// ParseCatalogue reads a catalogue from JSON of the form
//
//	{"banks": {"002": {"spei": "40002", "name": "Banamex"}}, "plazas": {"010": "Aguascalientes AGU"}}
//
// Every code must have 3 digits and every bank must have a name.
func ParseCatalogue(data []byte) (*Catalogue, error) {
	var file struct {
		Banks  map[string]Bank   `json:"banks"`
		Plazas map[string]string `json:"plazas"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("bank catalogue: %w", err)
	}
	for code, bank := range file.Banks {
		if !threeDigits(code) || bank.Name == "" {
			return nil, fmt.Errorf("bank catalogue: bank %q must have a code of 3 digits and a name", code)
		}
		bank.Code = code
		file.Banks[code] = bank
	}
	for code := range file.Plazas {
		if !threeDigits(code) {
			return nil, fmt.Errorf("bank catalogue: plaza %q must have a code of 3 digits", code)
		}
	}
	return &Catalogue{banks: file.Banks, plazas: file.Plazas}, nil
}

// Bank returns the bank with that 3-digit code.
func (c *Catalogue) Bank(code string) (Bank, bool) {
	bank, ok := c.banks[code]
	return bank, ok
}

// Plaza returns the cities of the plaza with that 3-digit code, comma separated.
func (c *Catalogue) Plaza(code string) (string, bool) {
	cities, ok := c.plazas[code]
	return cities, ok
}

// Warnings returns UnknownBank, UnknownPlaza or both if the catalogue does not have them.
// Show the warnings when a CLABE is stored. Refuse a transfer to an unknown bank. Do not
// refuse an unknown plaza: participants that are not banks choose plazas freely.
func (c *Catalogue) Warnings(clabe CLABE) []Error {
	var warnings []Error
	if _, ok := c.Bank(clabe.Bank()); !ok {
		warnings = append(warnings, Error{UnknownBank, "CLABE should begin with the 3 digits of a bank in the catalogue"})
	}
	if _, ok := c.Plaza(clabe.Plaza()); !ok {
		warnings = append(warnings, Error{UnknownPlaza, "CLABE should hold the 3 digits of a plaza in the catalogue after those of the bank"})
	}
	return warnings
}

func threeDigits(s string) bool {
	if len(s) != 3 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
