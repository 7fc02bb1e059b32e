package ground

import (
	"fmt"
	"time"
)

// Noon is a time zone in which it was from 12:00 to 12:59 when the tests began. An
// institution there has no day that ends while they run, at whatever hour that is.
// Its name is one of the tz database, for SOFIPO_TIME_ZONE.
var Noon = noon(time.Now())

func noon(now time.Time) *time.Location {
	west := now.UTC().Hour() - 12
	return time.FixedZone(fmt.Sprintf("Etc/GMT%+d", west), -west*60*60)
}
