package ground

import (
	"fmt"
	"time"
)

// Noon is a time zone where the tests began between 12:00 and 12:59, so that the business
// date does not change while they run. Its name is in the tz database and can be used as
// SOFIPO_TIME_ZONE.
var Noon = noon(time.Now())

func noon(now time.Time) *time.Location {
	west := now.UTC().Hour() - 12
	return time.FixedZone(fmt.Sprintf("Etc/GMT%+d", west), -west*60*60)
}
