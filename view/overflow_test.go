package view_test

import (
	"testing"

	"sofipo/core/fault"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestASumThatOverflowsIsNoOutage: a sum of more than 64 bits is an error of the program, not
// a database that does not answer.
func TestASumThatOverflowsIsNoOutage(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.On("2026-01-15")
		for _, on := range []string{"2026-01-13", "2026-01-14"} {
			office.Run(t, d, "INSERT INTO business_days (day, status, actor, began_at, closed_at, loans) VALUES ($1, 'CLOSED', 'x', $2, $2, 0)", day(on), o.Now)
			office.Run(t, d, "INSERT INTO account_days VALUES ($1, '1102', 9000000000000000000, 0)", day(on))
		}
		const ofThePrimary = 1 << 62 // no replica has this token
		_, err := o.books.TrialBalance(t.Context(), system(ofThePrimary), day("2026-01-13"), day("2026-01-14"), false)
		if err == nil || fault.Is(err, fault.Unavailable) {
			t.Errorf("got %v, want an error that does not blame the database", err)
		}
	})
}
