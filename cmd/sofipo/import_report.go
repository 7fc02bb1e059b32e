package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"sofipo/bank/takeover"
	core "sofipo/core/imports"
	"sofipo/text"
)

// bar shows the progress of an import: on a terminal in one line, otherwise in a line every few
// seconds.
type bar struct {
	out   *os.File
	live  bool
	shown time.Time
}

// quietly is the pause between two lines of a bar that is not on a terminal.
const quietly = 10 * time.Second

func newBar(out *os.File) *bar {
	return &bar{out: out, live: term.IsTerminal(int(out.Fd())), shown: time.Now()}
}

func (b *bar) show(p takeover.Progress) {
	now := time.Now()
	done := p.Rows >= p.Total
	pause := quietly
	if b.live {
		pause = 100 * time.Millisecond
	}
	if !done && now.Sub(b.shown) < pause {
		return
	}
	b.shown = now
	line := progressLine(p, now)
	switch {
	case !b.live:
		fmt.Fprintln(b.out, line)
	case done:
		fmt.Fprintf(b.out, "\r%-78s\n", line)
	default:
		fmt.Fprintf(b.out, "\r%-78s", line)
	}
}

// progressLine returns the kind, the rows, the rate and the time left.
func progressLine(p takeover.Progress, now time.Time) string {
	seconds := max(now.Sub(p.Began).Seconds(), 0.001)
	perSecond := float64(p.Rows) / seconds
	part := float64(p.Rows) / float64(max(p.Total, 1))
	full := min(int(20*part), 20)
	left := time.Duration(float64(p.Total-p.Rows) / max(perSecond, 0.001) * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%-9s [%s%s] %3.0f%% %d/%d, %.0f/s, %s left", p.Kind, strings.Repeat("#", full), strings.Repeat(".", 20-full), 100*part, p.Rows, p.Total, perSecond, left)
}

// mostShown is the number of differences of each reason that the table lists.
const mostShown = 10

// printReport prints a report as a table.
func printReport(out io.Writer, r takeover.Report) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "kind\tread\tstored\tknown\tto complete\trejected\tin the source\tamount\tdifference\t")
	for _, s := range r.Sections {
		stated, difference := "", ""
		if s.Stated != 0 {
			stated, difference = s.Stated.String(), (s.Amount - s.Stated).String()
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t\n", s.Kind, s.Read, s.Stored, s.Known, s.Incomplete, s.Rejected, stated, s.Amount, difference)
	}
	_ = w.Flush()
	shown := map[takeover.ReasonSum]int{}
	for _, sum := range r.Reasons() {
		fmt.Fprintf(out, "\n%s: %s", sum.Kind, text.Of(text.EN, sum.Reason))
		if sum.Field != "" {
			fmt.Fprintf(out, ": %s %s", sum.Field, reason(core.Finding{Field: sum.Field, Rule: sum.Rule}))
		}
		fmt.Fprintf(out, ": %d", sum.Count)
		if sum.Sum != 0 {
			fmt.Fprintf(out, ", %s", sum.Sum)
		}
		fmt.Fprintln(out)
		for _, d := range r.Differences {
			if d.Kind != sum.Kind || d.Reason != sum.Reason || d.Field != sum.Field || d.Rule != sum.Rule {
				continue
			}
			if shown[sum]++; shown[sum] > mostShown {
				fmt.Fprintf(out, "  … %d more; --report lists them\n", sum.Count-mostShown)
				break
			}
			fmt.Fprintln(out, "  "+differenceLine(d))
		}
	}
}

// differenceLine returns a difference as a line.
func differenceLine(d core.Difference) string {
	line := fmt.Sprintf("row %d, %s", d.Line, d.Row)
	switch d.Reason {
	case core.FieldRemaining:
		if d.Value != "" {
			line += fmt.Sprintf(": %q", d.Value)
		}
	case core.PaidTwice:
		line += fmt.Sprintf(": %s on loan %s", d.Stated, d.Loan)
	default:
		line += fmt.Sprintf(": balance %s, computed %s, difference %s", d.Stated, d.Computed, d.Difference)
	}
	return line
}

// reason returns why a row was rejected or must be completed.
func reason(f core.Finding) string { return text.DetailOf(f.Flaw()) }
