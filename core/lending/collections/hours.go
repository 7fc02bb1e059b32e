package collections

import (
	"slices"
	"time"

	"sofipo/core/civil"
)

// Hours are the times at which a client may be contacted, in whole hours of the institution's
// time zone.
type Hours struct {
	From         civil.Date // first day on which they apply
	First, Last  int        // from the hour First until before the hour Last
	BusinessDays bool       // only on business days
	Channels     []Channel  // the channels that they limit
}

// hours has the permitted hours, newest first (docs/rules/collections.md#hours). A change is a
// new row.
var hours = []Hours{
	{From: civil.Date{Year: 2014, Month: 10, Day: 8}, First: 8, Last: 21, BusinessDays: true, Channels: []Channel{Call, Message, Visit}},
}

// Permitted reports whether a contact at the time, in the institution's time zone, is within
// the permitted hours. A contact outside them is stored and marked, never refused: the record
// of what happened must be complete.
func Permitted(c Channel, at time.Time) bool {
	day := civil.DateOf(at)
	for _, h := range hours {
		if day.Before(h.From) {
			continue
		}
		if !slices.Contains(h.Channels, c) {
			return true
		}
		return at.Hour() >= h.First && at.Hour() < h.Last && (!h.BusinessDays || civil.Mexico().IsBusinessDay(day))
	}
	return true
}
