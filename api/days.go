package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/wire"
	"sofipo/view"
)

const daysTag = "Days"

var _ = mount(100, dayOperations)

var dayOperations = []operation{
	plain[Days](operation{
		method: http.MethodGet, path: "/api/v1/days", id: "read_days_api_v1_days_get",
		tag: daysTag, summary: "Read Days", permission: accounting.Read, status: http.StatusOK, effect: reads,
		about: "The business date, the day to be closed next, and the days that are closed or being closed, the newest first. " +
			"The Link header of each full page has the next.",
	}, readDays),
	plain[DayClosed](operation{
		method: http.MethodPost, path: closePath, id: "close_day_api_v1_days_close_post",
		tag: daysTag, summary: "Close Day", permission: accounting.CloseDays, status: http.StatusOK, effect: changes,
		about: "Closes a business day, the next one if none is named: positions, stages, provisions and the interest of the day. " +
			"The business date is the next day from the first moment on, and work goes on meanwhile. The answer comes when it is done, which takes seconds for a million loans; " +
			"who hangs up does not cut it off. One that was cut off goes on where it was when it is asked for again. " +
			"To ask twice without an Idempotency-Key, name the day: without a date the second request would close the day after.",
		refusals: []fault.Code{accounting.DayClosed, accounting.DayOpen, accounting.CloseRunning},
	}, closeDay),
}

const closePath = "/api/v1/days/close"

type closeDayInput struct {
	Body DayToClose `body:"optional" unknown:"refused"`
}

// DayToClose says which day is closed.
type DayToClose struct {
	Date *civil.Date `json:"date,omitempty" doc:"The day, which must be the next to be closed; that one if left out."`
}

// DayClosed is what came of a close.
type DayClosed struct {
	Day        civil.Date   `json:"day" doc:"The day."`
	Loans      int64        `json:"loans" doc:"How many loans have a position."`
	Interest   money.Amount `json:"interest" doc:"What the day earned, but for what its transactions posted themselves, pesos."`
	Provisions money.Amount `json:"provisions" doc:"By how much what is provided for grew, pesos; below zero if it fell."`
}

// closeDay closes a day whoever still listens: the server's end is what stops it.
func closeDay(s *server, c *call, in *closeDayInput) error {
	by, flaws := c.by("POST "+closePath, in, nil)
	if len(flaws) > 0 {
		return fault.Wrong(flaws...)
	}
	// The answer may come later than the server lets others take; a writer that knows no deadline has none.
	_ = http.NewResponseController(c.ResponseWriter).SetWriteDeadline(time.Time{})
	done, err := s.Days.CloseDay(context.WithoutCancel(c.request.Context()), by, or(in.Body.Date, civil.Date{}), nil)
	if !done.Day.IsZero() {
		s.View.CloseBegan(done.Day)
	}
	if err != nil {
		return err
	}
	c.mark(done.Token, done.Replayed)
	c.answer(http.StatusOK, done.AppendJSON(nil))
	return nil
}

type daysInput struct {
	Limit  int64       `query:"limit" default:"31" minimum:"1" maximum:"1000" doc:"The most days to give."`
	Before *civil.Date `query:"before" doc:"Only days before this one."`
}

// today is the business date: the default of every day, and the bound of those that
// must not be in the future. What a question of the view learned on the way counts.
func (s *server) today() civil.Date { return s.View.Today(civil.DateOf(s.Clock().In(s.Location))) }

// onToday asks a question that depends on the business date, and once more if it is
// learned meanwhile that a later one has begun. Nothing is refused for a business date
// that is over.
func (s *server) onToday(ctx context.Context, by view.By, ask func(today civil.Date) error) error {
	for {
		today := s.today()
		err := ask(today)
		if err != nil && !fault.Is(err, fault.Unavailable) {
			if _, away := s.View.BusinessDate(ctx, today, by.Need); away != nil {
				return away
			}
		}
		if s.today() == today {
			return err
		}
	}
}

func readDays(s *server, c *call, in *daysInput) error {
	by, err := c.asks()
	if err != nil {
		return err
	}
	days, err := s.View.Days(c.request.Context(), by, s.today(), or(in.Before, civil.Date{Year: 9999, Month: 12, Day: 31}), in.Limit)
	if err != nil {
		return err
	}
	if n := len(days.Days); n > 0 && int64(n) == in.Limit {
		c.Header().Set("Link", "</api/v1/days?limit="+strconv.FormatInt(in.Limit, 10)+"&before="+days.Days[n-1].Day.String()+`>; rel="next"`)
	}
	c.answer(http.StatusOK, wire.JSON(nil, daysOf(days)))
	return nil
}

// Days is where the institution stands in time.
type Days struct {
	BusinessDate civil.Date    `json:"business_date" doc:"The day on which what is done now counts."`
	Next         civil.Date    `json:"next_to_close" doc:"The day to be closed next: the one whose close has begun, or the one after the last that is closed. The first is that of the first entry, or the first of an open period."`
	Days         []BusinessDay `json:"days" doc:"The newest first."`
}

// BusinessDay is a day whose close has begun.
type BusinessDay struct {
	Day      civil.Date `json:"day" doc:"The day."`
	Status   string     `json:"status" enum:"CLOSING,CLOSED" doc:"CLOSING until all of it is done."`
	Actor    string     `json:"actor" doc:"Who began to close it."`
	BeganAt  time.Time  `json:"began_at" doc:"When that was, UTC."`
	ClosedAt *time.Time `json:"closed_at,omitempty" doc:"When it was closed, UTC; absent before."`
	Loans    int64      `json:"loans" doc:"Loans whose position is written."`
	Of       int64      `json:"loans_expected,omitempty" doc:"About how many there will be, as many as on the day before; only while it is being closed."`
}

func daysOf(d view.Days) Days {
	return Days{d.BusinessDate, d.Next, each(d.Days, func(one view.BusinessDay) BusinessDay { return BusinessDay(one) })}
}

// each makes one value of each other; none make an empty list.
func each[From, To any](all []From, one func(From) To) []To {
	out := make([]To, len(all))
	for i, x := range all {
		out[i] = one(x)
	}
	return out
}
