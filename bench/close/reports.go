package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"sofipo/api"
	"sofipo/bank"
	"sofipo/bank/dayend"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/infra/auth"
	"sofipo/infra/db"
	"sofipo/view"
)

// requests is the number of requests for each report; the median counts.
const requests = 5

// reportTarget is the target time for a report, to the last byte.
const reportTarget = time.Second

// report is a report about many loans.
type report struct {
	name, path string
	mark       string // text that its response has once in each row; in a file, once in each line
}

// reportsOf returns the reports of the last closed day and of the next day, which is the
// business date.
func reportsOf(closed civil.Date) []report {
	const loan, line = `"loan_id":`, "\r\n"
	reports, day := "/api/v1/reports/", "?date="+closed.String()
	return []report{
		{"portfolio by product and bucket, with PAR, IMOR, ICOR", reports + "portfolio" + day, `"bucket":`},
		{"delinquency, the first page", reports + "delinquency" + day, loan},
		{"delinquency of a bucket, the first page", reports + "delinquency" + day + "&bucket=31-60", loan},
		{"delinquency, the whole file (CSV)", reports + "delinquency" + day + "&format=csv", line},
		{"collections of today, the first page", reports + "collections", loan},
		{"collections of today, the whole file (CSV)", reports + "collections?format=csv", line},
		{"money moved on the day", reports + "transactions?from=" + closed.String() + "&to=" + closed.String(), `"kind":`},
		{"trial balance of the day", "/api/v1/books/trial-balance?from=" + closed.String() + "&to=" + closed.String(), `"account":`},
	}
}

// reports requests the reports over HTTP with a token, one after another, from the primary
// and without a cache.
func (g *ground) reports(ctx context.Context) (err error) {
	database, err := db.Open(g.config)
	if err != nil {
		return err
	}
	defer database.Close()
	now := noon(g.day.AddDays(1))
	clock := func() time.Time { return now }
	b := bank.Open(bank.Options{DB: database, Clock: clock})
	defer b.Close()
	if _, err := bank.Do(ctx, b, by, staffing.AddUser{Username: by.Actor, Password: "none", Role: string(access.Auditor)}); err != nil {
		return err
	}
	keys, err := auth.NewKeys("a key of the benchmark and of nothing else")
	if err != nil {
		return err
	}
	token, err := keys.Issue(by.Actor, time.Hour, now)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := api.NewServer("", api.New(api.Options{Bank: b, Days: dayend.New(b, dayend.Options{}), View: view.Open(database, nil), Keys: keys, Clock: clock}))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer func() {
		err = errors.Join(err, server.Close())
		if why := <-ended; !errors.Is(why, http.ErrServerClosed) {
			err = errors.Join(err, why)
		}
	}()
	var slow []string
	for _, r := range reportsOf(g.day) {
		fmt.Fprintf(g.progress, "%s: %s\n", g.name, r.name)
		line := reportRow{report: r, ground: g.name, loans: g.loans}
		if err := line.measure(ctx, "http://"+listener.Addr().String(), token); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		g.asked = append(g.asked, line)
		if line.last > reportTarget {
			slow = append(slow, r.name)
		}
	}
	note := fmt.Sprintf("%s: each report of %d loans, asked of the primary without a cache, takes at most %s", g.name, g.loans, reportTarget)
	if len(slow) > 0 {
		note += " but " + strings.Join(slow, "; ")
	}
	g.notes = append(g.notes, note)
	return nil
}

// reportRow is the result for a report.
type reportRow struct {
	report
	ground      string
	loans, rows int
	first, last time.Duration // to the response header, and to the last byte
}

const reportHeading = "| report | database | loans | ms to the first byte | ms (median of 5) | rows | target ms |\n|---|---|---:|---:|---:|---:|---:|\n"

func (r reportRow) print(to io.Writer) {
	fmt.Fprintf(to, "| %s | %s | %d | %.0f | %.0f | %d | %d |\n", r.name, r.ground, r.loans, r.first.Seconds()*1e3, r.last.Seconds()*1e3, r.rows, reportTarget.Milliseconds())
}

// measure requests the report several times.
func (r *reportRow) measure(ctx context.Context, server, token string) error {
	var firsts, lasts []time.Duration
	for range requests {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server+r.path, nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		began := time.Now()
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		firsts = append(firsts, time.Since(began))
		body, err := io.ReadAll(answer.Body)
		lasts = append(lasts, time.Since(began))
		_ = answer.Body.Close() // it has been read
		if err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", answer.Status, body)
		}
		r.rows = bytes.Count(body, []byte(r.mark))
	}
	slices.Sort(firsts)
	slices.Sort(lasts)
	r.first, r.last = firsts[requests/2], lasts[requests/2]
	return nil
}
