package layout

import (
	"slices"
	"strings"
)

// column is a column of a grid. A flexible column takes the remaining width and wraps
// its text, also at line feeds. Other columns are as wide as their widest text.
type column struct {
	head string
	side byte // 'L' or 'R'
	flex bool
}

func text(head string) column    { return column{head, 'L', false} }
func figures(head string) column { return column{head, 'R', false} }
func prose(head string) column   { return column{head, 'L', true} }

// grid is a table with a header that is repeated on each page.
type grid struct {
	columns []column
	rows    [][]string
	total   []string // in bold below the rows; nil: none
	below   float64  // height of what follows on the page of the last rows

	points float64
	widths []float64
}

const (
	cellGap    = 2.0  // between two columns
	sideGap    = 2.0  // more between figures and the text beside them
	flexLeast  = 34.0 // width of a flexible column
	upright    = 6.5  // minimum points in portrait
	pointLeast = 4.5
)

// measure sets the column widths at a font size and reports whether they fit the page.
func (g *grid) measure(s *sheet, points float64) (fits bool) {
	g.points, g.widths = points, make([]float64, len(g.columns))
	used, flexible := 0.0, 0
	for i, c := range g.columns {
		used += g.gap(i)
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

// gap returns the space before a column.
func (g *grid) gap(i int) float64 {
	switch {
	case i == 0:
		return 0
	case g.columns[i].side == 'L' && g.columns[i-1].side == 'R':
		return cellGap + sideGap
	}
	return cellGap
}

// spread distributes the remaining width. A flexible column gets three shares.
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

// fit sets landscape if a grid is too wide for portrait. Call it before the first page.
func (s *sheet) fit(grids ...grid) {
	s.landscape = slices.ContainsFunc(grids, func(g grid) bool { return !g.measure(s, upright) })
}

// grid writes the table below its heading, if any. If it is too wide, the font is
// reduced.
func (s *sheet) grid(heading string, g grid) {
	for points := figure; !g.measure(s, points) && points > pointLeast; points -= 0.25 {
		continue
	}
	left := g.heights(s)
	height := g.headHeight(s)
	if heading != "" {
		height += headingHeight
	}
	if len(g.rows) <= unsplit {
		s.room(height + left[0])
	} else {
		s.room(height + left[0] - left[together])
	}
	if heading != "" {
		s.heading(heading)
	}
	g.head(s)
	for i, row := range g.rows {
		if len(g.rows)-i == together && len(g.rows) > unsplit && s.y+left[i] > s.bottom() {
			g.next(s)
		}
		s.row(&g, row, false)
	}
	if g.total != nil {
		s.stroke(margin, margin+s.width(), s.y, ink)
		s.row(&g, g.total, true)
	}
	s.y += 2
}

// A page has at least a few rows together at the beginning and at the end of a table. The
// total and what follows are on the page of the last rows. Short tables are not split.
const (
	together = 3
	unsplit  = 10
)

// heights returns the height from each row to the end of what follows the table.
func (g *grid) heights(s *sheet) []float64 {
	left := make([]float64, len(g.rows)+1)
	if left[len(g.rows)] = 2 + g.below; g.total != nil {
		_, height := s.lines(g, g.total, true)
		left[len(g.rows)] += height
	}
	for i := len(g.rows) - 1; i >= 0; i-- {
		_, height := s.lines(g, g.rows[i], false)
		left[i] = left[i+1] + height
	}
	return left
}

// next continues the table on the next page.
func (g *grid) next(s *sheet) {
	s.page()
	g.head(s)
}

func (g *grid) headHeight(s *sheet) float64 {
	s.font(true, g.points, ink)
	most := 1
	for i, c := range g.columns {
		most = max(most, len(s.wrap(c.head, g.widths[i]+0.1)))
	}
	return float64(most)*g.points*spacing + 2
}

// head writes the column heads with a line below.
func (g *grid) head(s *sheet) {
	height := g.headHeight(s)
	s.font(true, g.points, ink)
	base := s.y + height - 1.5
	x := margin
	for i, c := range g.columns {
		x += g.gap(i)
		lines := s.wrap(c.head, g.widths[i]+0.1)
		slices.Reverse(lines)
		for k, line := range lines {
			s.cell(c, line, x, g.widths[i], base-float64(k)*g.points*spacing)
		}
		x += g.widths[i]
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

// lines returns the lines of the cells of a row and the height of the row.
func (s *sheet) lines(g *grid, cells []string, bold bool) (lines [][]string, height float64) {
	s.font(bold, g.points, ink)
	lines = make([][]string, len(cells))
	tallest := 1
	for i, c := range cells {
		lines[i] = []string{c}
		if g.columns[i].flex {
			lines[i] = nil
			for part := range strings.SplitSeq(c, "\n") {
				lines[i] = append(lines[i], s.wrap(part, g.widths[i])...)
			}
		}
		tallest = max(tallest, len(lines[i]))
	}
	return lines, float64(tallest)*g.points*spacing + 1.1
}

// row writes one row of the table, as high as its highest cell.
func (s *sheet) row(g *grid, cells []string, bold bool) {
	lines, height := s.lines(g, cells, bold)
	if s.y+height > s.bottom() {
		g.next(s)
		s.font(bold, g.points, ink)
	}
	line := g.points * spacing
	x := margin
	for i := range cells {
		x += g.gap(i)
		for k, part := range lines[i] {
			s.cell(g.columns[i], part, x, g.widths[i], s.y+line*float64(k+1)-0.2)
		}
		x += g.widths[i]
	}
	s.y += height
	if !bold {
		s.stroke(margin, margin+s.width(), s.y, hair)
	}
}
