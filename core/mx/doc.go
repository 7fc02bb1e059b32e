// Package mx parses and checks Mexican identifiers: the RFC (tax), the CURP (population
// register) and the CLABE (bank account).
//
// ParseRFC, ParseCURP and ParseCLABE return a normalised, valid value or an Error with a
// code and a message that says what is accepted. The message never repeats the refused
// text, which is personal data. A well-formed identifier may still not exist; only its
// issuer knows. SuggestRFC and SuggestCURP derive the probable identifier of a person.
//
// The rules (docs/rules/identifiers.md) are those of the SAT (RFC; check digit and
// homoclave as published in INFOMEX request 0610100135506), of RENAPO's Instructivo Normativo para la
// Asignación de la CURP (2006) and of Banco de México's CLABE. They were checked
// against the vectors of the public libraries named in
// testdata/mx-identifiers.json.
package mx
