package mx

import (
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// CURP is a population-register key (Clave Única de Registro de Población):
// 18 ASCII characters, normalised.
type CURP string

// The CURPs that the SAT allows for a foreigner without a CURP.
const (
	GenericCURPMan   CURP = "XEXX010101HNEXXXA4"
	GenericCURPWoman CURP = "XEXX010101MNEXXXA8" // its check digit does not verify
)

var (
	curpShape = regexp.MustCompile(
		`^[A-Z][AEIOUX][A-Z]{2}[0-9]{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z0-9][0-9]$`)
	curpAlphabet = []rune("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")

	// curpInconvenient has the initial letters in which RENAPO replaces the second with X.
	curpInconvenient = wordSet(`BACA BAKA BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COGI COJA COJE
		COJI COJO COLA CULO FALO FETO GETA GUEI GUEY JETA JOTO KACA KACO KAGA KAGO KAKA KAKO KOGE KOGI
		KOJA KOJE KOJI KOJO KOLA KULO LILO LOCA LOCO LOKA LOKO MAME MAMO MEAR MEAS MEON MIAR MION MOCO
		MOKO MULA MULO NACA NACO PEDA PEDO PENE PIPI PITO POPO PUTA PUTO QULO RATA ROBA ROBE ROBO RUIN
		SENO TETA VACA VAGA VAGO VAKA VUEI VUEY WUEI WUEY`)

	curpStates = map[string]string{
		"AS": "Aguascalientes", "BC": "Baja California", "BS": "Baja California Sur", "CC": "Campeche",
		"CL": "Coahuila", "CM": "Colima", "CS": "Chiapas", "CH": "Chihuahua", "DF": "Ciudad de México",
		"DG": "Durango", "GT": "Guanajuato", "GR": "Guerrero", "HG": "Hidalgo", "JC": "Jalisco",
		"MC": "México", "MN": "Michoacán", "MS": "Morelos", "NT": "Nayarit", "NL": "Nuevo León",
		"OC": "Oaxaca", "PL": "Puebla", "QT": "Querétaro", "QR": "Quintana Roo", "SP": "San Luis Potosí",
		"SL": "Sinaloa", "SR": "Sonora", "TC": "Tabasco", "TS": "Tamaulipas", "TL": "Tlaxcala",
		"VZ": "Veracruz", "YN": "Yucatán", "ZS": "Zacatecas", "NE": "Nacido en el extranjero",
	}
)

var (
	errCURPLength = Error{InvalidLength, "CURP must have 18 characters, not counting spaces and hyphens"}
	errCURPShape  = Error{InvalidFormat, "CURP must be 4 letters, a date as YYMMDD, H, M or X, 2 letters of a state, 3 consonants, a letter or digit, and a digit"}
	errCURPState  = Error{InvalidState, "CURP must have the code of a Mexican state, or NE if born abroad, in characters 12 and 13"}
	errCURPDate   = Error{InvalidDate, "CURP must have a valid date as YYMMDD in characters 5 to 10"}
	errCURPWord   = Error{ForbiddenWord, "CURP must not begin with a word that RENAPO excludes; RENAPO replaces its second letter with X"}
	errCURPDigit  = Error{InvalidVerificationDigit, "CURP has a check digit that does not match its other characters; compare it with the document"}
)

// NormalizeCURP trims s, turns it to upper case and drops spaces and hyphens.
// It does not check the result.
func NormalizeCURP(s string) string { return normalize(s, " \u00a0-") }

// ParseCURP normalises s and checks its shape, state, date, leading word and
// check digit; the two generic CURPs are accepted as published. Sex X
// (non-binary) is accepted; callers that must refuse it check Sex. The error is an Error
// with one of the codes InvalidLength, InvalidFormat, InvalidState, InvalidDate,
// ForbiddenWord, InvalidVerificationDigit.
func ParseCURP(s string) (CURP, error) {
	if len(s) > maxInput {
		return "", errCURPLength
	}
	c := CURP(NormalizeCURP(s))
	switch {
	case utf8.RuneCountInString(string(c)) != 18:
		return "", errCURPLength
	case !curpShape.MatchString(string(c)):
		return "", errCURPShape
	case curpStates[c.State()] == "":
		return "", errCURPState
	case !realDate(c.BirthDate()):
		return "", errCURPDate
	case c.IsGeneric():
		return c, nil
	case curpInconvenient[string(c[:4])]:
		return "", errCURPWord
	case c[17] != curpDigit(string(c[:17])):
		return "", errCURPDigit
	}
	return c, nil
}

// BirthDate returns the date of birth. The century comes from the 17th
// character: a digit for births up to 1999, a letter from 2000 on. It is zero
// for a CURP with an invalid shape. For a generic CURP it is not the date of birth of
// the person.
func (c CURP) BirthDate() (year int, month time.Month, day int) {
	if !curpShape.MatchString(string(c)) {
		return 0, 0, 0
	}
	year, month, day = yymmdd(string(c[4:10]))
	if c[16] >= 'A' {
		return 2000 + year, month, day
	}
	return 1900 + year, month, day
}

// Sex returns 'H' (man), 'M' (woman), 'X' (non-binary), or 0 for the zero CURP.
func (c CURP) Sex() byte {
	if len(c) != 18 {
		return 0
	}
	return c[10]
}

// State returns the code of the state of birth, such as JC for Jalisco, NE for
// born abroad, or "" for the zero CURP. The codes are the CURP's own: CH is
// Chihuahua, DF is Ciudad de México.
func (c CURP) State() string {
	if len(c) != 18 {
		return ""
	}
	return string(c[11:13])
}

// StateName returns the Spanish name of the state of birth, "" if unknown.
func (c CURP) StateName() string { return StateName(c.State()) }

// StateName returns the Spanish name of a state by its code in a CURP, "" if unknown. The code
// NE, born abroad, counts as a state.
func StateName(code string) string { return curpStates[code] }

// IsGeneric reports whether c is one of the two generic CURPs, which identify nobody.
func (c CURP) IsGeneric() bool { return c == GenericCURPMan || c == GenericCURPWoman }

// curpDigit computes the check digit for the first 17 characters of a CURP of
// the right shape.
func curpDigit(stem string) byte {
	sum, weight := 0, 18
	for _, r := range stem {
		sum += slices.Index(curpAlphabet, r) * weight
		weight--
	}
	return byte('0' + (10-sum%10)%10)
}
