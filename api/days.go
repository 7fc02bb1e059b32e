package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
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
		tag: daysTag, summary: "List business days", permission: accounting.Read, status: http.StatusOK, effect: reads,
		about: "Returns the current business date, the next day to close, and the days that are closed or closing, newest first. " +
			"The Link header has the URL of the next page.",
	}, readDays),
	plain[DayClosed](operation{
		method: http.MethodPost, path: closePath, id: "close_day_api_v1_days_close_post",
		tag: daysTag, summary: "Close a business day", permission: accounting.CloseDays, status: http.StatusOK, effect: writes, unbounded: true,
		about: "Closes a business day: computes the daily position, stage and provision of each loan and posts the interest of the day. " +
			"Without a date, it closes all open days before today, in order, and refuses with 409 if there is none or if there are more than `max_days`. " +
			"A day that has not ended is closed only if its date is given. The business date advances as soon as the close starts, and other requests are served meanwhile. " +
			"The response is sent when the close is complete, which takes seconds for a million loans. The close continues if the client disconnects. " +
			"If it was interrupted, send the request again and it resumes. " +
			"With an Idempotency-Key, a request that is sent again returns the result of the first.",
		refusals: []fault.Code{accounting.DayClosed, accounting.DayOpen, accounting.NoOpenDay, accounting.TooManyOpenDays, accounting.CloseRunning},
	}, closeDay),
}

const closePath = "/api/v1/days/close"

type closeDayInput struct {
	Body DayToClose `body:"optional"`
}

// DayToClose is the body of a request that closes a day.
type DayToClose struct {
	Date    *civil.Date `json:"date,omitempty" doc:"Day to close. It must be the next open day. Without it, all open days before today are closed."`
	MaxDays *int        `json:"max_days,omitempty" minimum:"1" maximum:"100000" doc:"Maximum number of open days to close; 7 if omitted. If more are open, none is closed. Not with date."`
}

// DayClosed is the result of a close: the last day that was closed.
type DayClosed struct {
	Day        civil.Date   `json:"day" doc:"Closed day."`
	Loans      int64        `json:"loans" doc:"Number of loans with a daily position."`
	Interest   money.Amount `json:"interest" doc:"Interest accrued by the close, in pesos. Interest posted by the transactions of the day is not included."`
	Provisions money.Amount `json:"provisions" doc:"Change in loan loss provisions, in pesos. Negative for a release."`
	Earlier    []DayClosed  `json:"earlier_days,omitempty" doc:"Days that the same request closed before this one, oldest first. Absent if there are none."`
}

// closeDay closes a day. It continues if the client disconnects and stops only with the server.
func closeDay(s *server, c *call, in *closeDayInput) error {
	by, flaws := c.by("POST "+closePath, in, nil)
	if in.Body.Date != nil && in.Body.MaxDays != nil {
		flaws = append(flaws, fault.At("max_days", accounting.WithoutDate))
	}
	if len(flaws) > 0 {
		return fault.Wrong(flaws...)
	}
	// A close may take longer than the write time-out of the server. An error means that there
	// is no time-out.
	_ = http.NewResponseController(c.ResponseWriter).SetWriteDeadline(time.Time{})
	done, err := s.close(context.WithoutCancel(c.request.Context()), by, in.Body)
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

// close closes the day of the request, or all open days before the clock's day.
func (s *server) close(ctx context.Context, by bank.By, of DayToClose) (dayend.ClosedDay, error) {
	if of.Date != nil {
		return s.Days.CloseDay(ctx, by, *of.Date, nil)
	}
	return s.Days.CloseOpen(ctx, by, or(of.MaxDays, dayend.UsualDays), nil, func(dayend.ClosedDay, time.Duration) {})
}

type daysInput struct {
	Limit  int64       `query:"limit" default:"31" minimum:"1" maximum:"1000" doc:"Maximum number of days."`
	Before *civil.Date `query:"before" doc:"Return only days before this date."`
	tableFormat
}

// lastDate is after every day that can be closed.
var lastDate = civil.Date{Year: 9999, Month: 12, Day: 31}

// linkBefore sets the Link header of a page of days.
func (c *call) linkBefore(path string, limit int64, before civil.Date) {
	c.Header().Set("Link", "<"+path+"?limit="+strconv.FormatInt(limit, 10)+"&before="+before.String()+`>; rel="next"`)
}

// today returns the business date: the default of date parameters, and the limit of
// those that must not be in the future. It includes what the view has learned.
func (s *server) today() civil.Date { return s.View.Today(civil.DateOf(s.Clock().In(s.Location))) }

// onToday runs a read that depends on the business date, and repeats it if a later
// business date is discovered meanwhile. No request is refused because of an outdated date.
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
	by, err := c.viewer()
	if err != nil {
		return err
	}
	days, err := s.View.Days(c.request.Context(), by, s.today(), or(in.Before, lastDate), in.Limit)
	if err != nil {
		return err
	}
	if n := len(days.Days); n > 0 && int64(n) == in.Limit {
		c.linkBefore("/api/v1/days", in.Limit, days.Days[n-1].Day)
	}
	c.answer(http.StatusOK, wire.JSON(nil, daysOf(days)))
	return nil
}

// Days has the business date and the closed days.
type Days struct {
	BusinessDate civil.Date    `json:"business_date" doc:"Current business date. New transactions are registered on it."`
	Next         civil.Date    `json:"next_to_close" doc:"Next day to close: the day that is closing, or the day after the last closed day. Before the first close, the date of the first entry or the first day of the first open period."`
	Days         []BusinessDay `json:"days" doc:"Closed and closing days, newest first."`
}

// BusinessDay is a day that is closed or closing.
type BusinessDay struct {
	Day      civil.Date `json:"day" doc:"Business day."`
	Status   string     `json:"status" enum:"CLOSING,CLOSED" doc:"CLOSING until the close is complete, then CLOSED."`
	Actor    string     `json:"actor" doc:"User who started the close."`
	BeganAt  time.Time  `json:"began_at" doc:"Start of the close, UTC."`
	ClosedAt *time.Time `json:"closed_at,omitempty" doc:"End of the close, UTC. Absent while closing."`
	Loans    int64      `json:"loans" doc:"Number of loans with a daily position."`
	Of       int64      `json:"loans_expected,omitempty" doc:"Expected number of loans, taken from the previous day. Present only while closing."`
}

func daysOf(d view.Days) Days {
	return Days{d.BusinessDate, d.Next, each(d.Days, func(one view.BusinessDay) BusinessDay { return BusinessDay(one) })}
}

// each converts the elements of a list. The result of an empty list is empty, not nil.
func each[From, To any](all []From, one func(From) To) []To {
	out := make([]To, len(all))
	for i, x := range all {
		out[i] = one(x)
	}
	return out
}
