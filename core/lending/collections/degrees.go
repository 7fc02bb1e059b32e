package collections

import (
	"fmt"
	"strings"

	"sofipo/core/money"
)

// Degrees is a coordinate in millionths of a degree, about 11 cm.
type Degrees int64

// The largest coordinates.
const (
	degree               = 1_000_000
	MaxLatitude  Degrees = 90 * degree
	MaxLongitude Degrees = 180 * degree
)

// ParseDegrees converts a decimal number of degrees with at most six decimals exactly. It
// returns money.ErrNumber, money.ErrPrecision or money.ErrRange.
func ParseDegrees(s string) (Degrees, error) {
	n, err := money.ParseFixed(s, 6, 1000*degree)
	return Degrees(n), err
}

// String returns the degrees with six decimals: "19.432608".
func (d Degrees) String() string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	return fmt.Sprintf("%s%d.%06d", sign, d/degree, d%degree)
}

// MarshalJSON writes a JSON number.
func (d Degrees) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a JSON number or string as ParseDegrees does.
func (d *Degrees) UnmarshalJSON(b []byte) (err error) {
	*d, err = ParseDegrees(strings.Trim(string(b), `"`))
	return err
}
