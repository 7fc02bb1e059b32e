package layout

import "slices"

// column is one of a grid. A flexible one takes the width that is left and wraps
// its text; the others are as wide as their widest text.
type column struct {
	head string
	side byte // 'L' or 'R'
	flex bool
}

func text(head string) column    { return column{head, 'L', false} }
func figures(head string) column { return column{head, 'R', false} }
func prose(head string) column   { return column{head, 'L', true} }

// grid is a table with a head that each page repeats.
type grid struct {
	columns []column
	rows    [][]string
	total   []string // in bold under the rows; none if nil

	points float64
	widths []float64
}

const (
	cellGap    = 2.0  // between two columns
	flexLeast  = 24.0 // width of a flexible column
	upright    = 6.5  // points, the least before the page is turned on its side
	pointLeast = 4.5
)

// measure finds the widths of the columns in the type, and whether they fit.
func (g *grid) measure(s *sheet, points float64) (fits bool) {
	g.points, g.widths = points, make([]float64, len(g.columns))
	used, flexible := cellGap*float64(len(g.columns)-1), 0
	for i, c := range g.columns {
		s.font(true, points, ink)
		for _, word := range s.wrap(c.head, 0.1+longestWord(s, c.head)) {
			g.widths[i] = max(g.widths[i], s.wide(word))
		}
		if c.flex {
			flexible++
			used += flexLeast
			continue
		}
		if g.total != nil {
			g.widths[i] = max(g.widths[i], s.wide(g.total[i]))
		}
		s.font(false, points, ink)
		for _, row := range g.rows {
			g.widths[i] = max(g.widths[i], s.wide(row[i]))
		}
		used += g.widths[i]
	}
	left := s.width() - used
	g.spread(left, flexible)
	return left >= 0
}

// spread shares what is left of the width: a flexible column gets as much as
// three others.
func (g *grid) spread(left float64, flexible int) {
	share := max(left, 0) / float64(len(g.widths)+2*flexible)
	for i := range g.widths {
		if g.columns[i].flex {
			g.widths[i] = flexLeast + 2*share
		}
		g.widths[i] += share
	}
}

func longestWord(s *sheet, text string) (width float64) {
	start := 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == ' ' {
			width = max(width, s.wide(text[start:i]))
			start = i + 1
		}
	}
	return width
}

// fit turns the sheet on its side if a grid is too wide for it upright; to be asked
// before the first page.
func (s *sheet) fit(grids ...grid) {
	s.landscape = slices.ContainsFunc(grids, func(g grid) bool { return !g.measure(s, upright) })
}

// grid writes the table under its heading, if any. Where it is too wide the type
// gets smaller.
func (s *sheet) grid(heading string, g grid) {
	for points := figure; !g.measure(s, points) && points > pointLeast; points -= 0.25 {
		continue
	}
	line := g.points * spacing
	least := g.headHeight(s) + 5*line
	if heading != "" {
		s.room(least + headingHeight)
		s.heading(heading)
	}
	s.room(least)
	g.head(s)
	for _, row := range g.rows {
		s.row(&g, row, false)
	}
	if g.total != nil {
		s.stroke(margin, margin+s.width(), s.y, ink)
		s.row(&g, g.total, true)
	}
	s.y += 2
}

func (g *grid) headHeight(s *sheet) float64 {
	s.font(true, g.points, ink)
	most := 1
	for i, c := range g.columns {
		most = max(most, len(s.wrap(c.head, g.widths[i]+0.1)))
	}
	return float64(most)*g.points*spacing + 2
}

// head writes the names of the columns, standing on a line.
func (g *grid) head(s *sheet) {
	height := g.headHeight(s)
	s.font(true, g.points, ink)
	base := s.y + height - 1.5
	x := margin
	for i, c := range g.columns {
		lines := s.wrap(c.head, g.widths[i]+0.1)
		slices.Reverse(lines)
		for k, line := range lines {
			s.cell(c, line, x, g.widths[i], base-float64(k)*g.points*spacing)
		}
		x += g.widths[i] + cellGap
	}
	s.y += height
	s.stroke(margin, margin+s.width(), s.y, ink)
}

func (s *sheet) cell(c column, text string, x, width, base float64) {
	if c.side == 'R' {
		x += width
	}
	s.put(text, x, base, c.side)
}

// row writes one line of the table, as tall as its tallest text.
func (s *sheet) row(g *grid, cells []string, bold bool) {
	s.font(bold, g.points, ink)
	lines := make([][]string, len(cells))
	tallest := 1
	for i, c := range cells {
		lines[i] = []string{c}
		if g.columns[i].flex {
			lines[i] = s.wrap(c, g.widths[i])
		}
		tallest = max(tallest, len(lines[i]))
	}
	line := g.points * spacing
	height := float64(tallest)*line + 1.1
	if s.y+height > s.bottom() {
		s.page()
		g.head(s)
		s.font(bold, g.points, ink)
	}
	x := margin
	for i := range cells {
		for k, part := range lines[i] {
			s.cell(g.columns[i], part, x, g.widths[i], s.y+line*float64(k+1)-0.2)
		}
		x += g.widths[i] + cellGap
	}
	s.y += height
	if !bold {
		s.stroke(margin, margin+s.width(), s.y, hair)
	}
}
