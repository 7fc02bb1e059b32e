package view_test

import (
	"testing"

	"sofipo/core/fault"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// TestASumThatOverflowsIsNoOutage: a sum of more than 64 bits is an error of the program, not
// a database that does not answer.
func TestASumThatOverflowsIsNoOutage(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.On("2026-01-15")
		office.Run(t, d, "INSERT INTO business_days (day, status, actor, began_at, closed_at, positions) VALUES ($1, 'CLOSED', 'x', $2, $2, 0)", day("2026-01-14"), o.Now)
		for _, late := range []int64{1, 2} {
			office.Run(t, d, "INSERT INTO portfolio VALUES ($1, 'seed', $2, 1, 1, 9000000000000000000, 0, 0, 0, 0, 0, 0)", day("2026-01-14"), late)
		}
		const ofThePrimary = 1 << 62 // no replica has this token
		_, err := o.books.Delinquency(t.Context(), system(ofThePrimary), day("2026-01-14"), view.Late{}, view.Paging{Limit: 1})
		if err == nil || fault.Is(err, fault.Unavailable) {
			t.Errorf("got %v, want an error that does not blame the database", err)
		}
	})
}
