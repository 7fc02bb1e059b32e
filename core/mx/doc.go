// Package mx reads and checks the identifiers that Mexican institutions assign:
// the RFC (tax), the CURP (population register) and the CLABE (bank account).
//
// A value of type RFC, CURP or CLABE that a Parse function returned is
// normalised and valid; a refusal is an Error that carries a code and a message
// saying what is accepted, never the text that was refused. Whether a
// well-formed identifier really was assigned is known only to its issuer.
//
// The rules are those of the SAT (RFC; check digit and homoclave as published
// in INFOMEX request 0610100135506), of RENAPO's Instructivo Normativo para la
// Asignación de la CURP (2006) and of Banco de México's CLABE. They were checked
// against the vectors of the public libraries named in
// testdata/mx-identifiers.json.
package mx
