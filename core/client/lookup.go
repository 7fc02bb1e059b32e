package client

import (
	"strings"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/mx"
)

// LookupKind is a kind of value by which clients are found exactly.
type LookupKind string

// The kinds.
const (
	LookupRFC       LookupKind = "rfc"
	LookupEmail     LookupKind = "email"
	LookupCURP      LookupKind = "curp"
	LookupPhone     LookupKind = "phone"
	LookupCLABE     LookupKind = "clabe"
	LookupNameBirth LookupKind = "name_birth" // full name and birth date, as NameBirth writes them
)

// Lookup is a value by which a client is found.
type Lookup struct {
	Kind   LookupKind
	Value  string // from LookupValue
	Client id.ID
}

// LookupValue returns the form in which a value of the kind is stored and searched. It is the
// only function that decides the form. It returns "" for a value that finds nobody, such as a
// generic RFC.
func LookupValue(kind LookupKind, value string) string {
	switch kind {
	case LookupRFC:
		if r := mx.NormalizeRFC(value); !mx.RFC(r).IsGeneric() {
			return r
		}
		return ""
	case LookupCURP:
		if c := mx.NormalizeCURP(value); !mx.CURP(c).IsGeneric() {
			return c
		}
		return ""
	case LookupCLABE:
		return mx.NormalizeCLABE(value)
	case LookupPhone:
		return normalPhone(value)
	case LookupNameBirth:
		return mx.PlainName(value)
	}
	return lowerASCII(strings.TrimSpace(value))
}

// lowerASCII converts the letters A to Z to lower case. Other letters stay: databases and Go
// convert some of them differently, and the part of an address that may have them is compared
// as it is.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// NameBirth returns the value of LookupNameBirth, or "" if one of them is not known.
func NameBirth(name string, birth civil.Date) string {
	if name == "" || birth.IsZero() {
		return ""
	}
	return name + " " + strings.ReplaceAll(birth.String(), "-", "")
}

// Lookups returns the values by which a client with a file is found, each once.
func (r Record) Lookups() (all []Lookup) {
	seen := map[Lookup]bool{}
	add := func(kind LookupKind, value string) {
		l := Lookup{kind, LookupValue(kind, value), r.ClientID}
		if l.Value != "" && !seen[l] {
			seen[l], all = true, append(all, l)
		}
	}
	f := r.File
	add(LookupRFC, f.RFC)
	add(LookupEmail, f.Email)
	add(LookupCURP, f.CURP)
	for _, p := range f.Phones {
		add(LookupPhone, p.Number)
	}
	for _, a := range f.Accounts {
		add(LookupCLABE, a.CLABE)
	}
	add(LookupNameBirth, NameBirth(f.FullName(), f.BirthDate))
	return all
}

// normalPhone returns the 10 digits of a Mexican number, or + and the digits of another.
func normalPhone(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	foreign := strings.HasPrefix(strings.TrimSpace(s), "+")
	switch {
	case foreign && strings.HasPrefix(digits, "52") && len(digits) == 12:
		return digits[2:]
	case foreign && strings.HasPrefix(digits, "521") && len(digits) == 13: // the former prefix of mobiles
		return digits[3:]
	case foreign:
		return "+" + digits
	}
	return digits
}
