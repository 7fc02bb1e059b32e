package mx_test

import (
	"errors"
	"fmt"

	"sofipo/core/mx"
)

// The same RFC passes one tier and fails the next one: docs/rules/identifiers.md#tiers.
func ExampleParseRFC() {
	rfc, err := mx.ParseRFC("pepj-800101-hne", mx.TierStructural)
	fmt.Println(rfc, err)

	_, err = mx.ParseRFC("pepj-800101-hne", mx.TierSATXSD)
	var refusal mx.Error
	fmt.Println(errors.As(err, &refusal), refusal.Code)
	fmt.Println(err)
	// Output:
	// PEPJ800101HNE <nil>
	// true INVALID_FORMAT
	// RFC must end in a digit or the letter A
}

func ExampleParseCLABE() {
	clabe, err := mx.ParseCLABE("032 180 00011835971 9")
	fmt.Println(clabe, err)
	// Output: 032180000118359719 <nil>
}
