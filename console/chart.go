package console

import (
	"fmt"
	"strings"

	"sofipo/core/money"
	"sofipo/view"
)

// chart is a bar chart that the template "chart" draws: stacked bars, or none without bars.
type chart struct {
	Label  string // says in words what it shows
	Bars   []bar
	Lines  []gridLine
	Legend []string // of the series, the one that matters first
}

// bar is a stack of rectangles. Label stands below it if it is not empty.
type bar struct {
	X, Middle, Width string
	Label            string
	Rects            []rect
}

type rect struct{ Class, Y, Height string }

type gridLine struct{ Y, Text, Label string }

// The size of a chart, in the units of its view box.
const (
	chartWidth, chartHeight = 284.0, 150.0
	chartLeft, chartBottom  = 36.0, 125.0
	chartTop                = 12.0
)

// stacked returns a chart of stacked values; all rows have as many values as there are series.
// The labels are those of the bars.
func stacked(label string, legend, labels []string, rows [][]money.Amount) chart {
	c := chart{Label: label, Legend: legend}
	most := money.Amount(1)
	for _, row := range rows {
		sum := money.Amount(0)
		for _, a := range row {
			sum += max(a, 0)
		}
		most = max(most, sum)
	}
	scale := (chartBottom - chartTop) / float64(most)
	step := (chartWidth - chartLeft) / float64(max(len(rows), 1))
	for i, row := range rows {
		b := bar{X: units(chartLeft + step*float64(i) + step*0.1), Width: units(step * 0.8), Middle: units(chartLeft + step*(float64(i)+0.5)), Label: labels[i]}
		y := chartBottom
		for s, a := range row {
			height := float64(max(a, 0)) * scale
			y -= height
			b.Rects = append(b.Rects, rect{fmt.Sprint("s", s+1), units(y), units(height)})
		}
		c.Bars = append(c.Bars, b)
	}
	grid := gridStep(most)
	for at := grid; at <= most; at += grid {
		y := chartBottom - float64(at)*scale
		c.Lines = append(c.Lines, gridLine{units(y), units(y + 4), strings.TrimSuffix(amount(at), ".00")})
	}
	return c
}

// gridStep returns a round distance of grid lines: 1, 2 or 5 times a power of ten pesos, for two
// to five lines.
func gridStep(most money.Amount) money.Amount {
	for unit := money.Amount(100); ; unit *= 10 {
		for _, times := range []money.Amount{1, 2, 5} {
			if most/(unit*times) <= 4 {
				return unit * times
			}
		}
	}
}

func units(v float64) string { return fmt.Sprintf("%.1f", v) }

// scheduleChart shows the parts of each instalment.
func (v *visit) scheduleChart(s view.ScheduleStatus) chart {
	rows, labels := make([][]money.Amount, len(s.Instalments)), make([]string, len(s.Instalments))
	for i, in := range s.Instalments {
		a := in.Asked
		rows[i] = []money.Amount{a.Principal, a.Interest, a.Sum() - a.Principal - a.Interest}
		if i == 0 || i == len(rows)-1 || i == len(rows)/2 {
			labels[i] = fmt.Sprint(in.Number)
		}
	}
	return stacked(v.say("Principal, interest and IVA of each payment"), []string{v.say("Principal"), v.say("Interest"), v.say("IVA")}, labels, rows)
}
