package layout

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"

	"sofipo/core/civil"
	"sofipo/core/glyph"
	"sofipo/core/institution"
)

const family = "liberation"

// Measures in millimetres, and sizes of type in points.
const (
	margin   = 15.0
	footRoom = 13.0 // kept free below the text
	spacing  = 0.46 // millimetres between lines for each point of the type's size

	body   = 9.0
	small  = 7.5
	figure = 7.5 // in tables
)

// grey is a shade, from 0, black, to 255.
type grey int

const (
	ink   grey = 30
	faded grey = 105
	hair  grey = 205
)

// sheet is a PDF being written: pages with the same header and footer, and the position
// y of the next element.
type sheet struct {
	pdf         *fpdf.Fpdf
	title       string // of the document
	institution Institution
	reference   string // for the foot of each page
	foot        string // more for the foot; empty: nothing
	landscape   bool
	y           float64
}

// sheet starts a document about the loan, issued on a date.
func (c Credit) sheet(title string, on civil.Date) *sheet {
	return newSheet(title, "Préstamo "+c.name(), c.Institution, on)
}

// newSheet starts a document without pages. The footer shows the reference.
func newSheet(title, reference string, by Institution, on civil.Date) *sheet {
	pdf := fpdf.New("P", "mm", "Letter", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(on.Midnight())
	pdf.SetModificationDate(on.Midnight())
	pdf.SetTitle(printable(title+", "+lower(reference)), true)
	pdf.SetAuthor(printable(by.Name), true)
	pdf.SetLang("es-MX")
	pdf.AddUTF8FontFromBytes(family, "", liberationsansregular.TTF)
	pdf.AddUTF8FontFromBytes(family, "B", liberationsansbold.TTF)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCellMargin(0)
	return &sheet{pdf: pdf, title: title, institution: by, reference: reference}
}

// missing stands for a character that the fonts cannot show.
const missing = '□'

// printable replaces control characters and line separators by spaces, leaves out characters
// without a shape, and replaces every other character that the fonts cannot show by a box.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case glyph.Has(r):
			return r
		case unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point):
			return -1
		}
		return missing
	}, s)
}

// size returns the width and height of the page.
func (s *sheet) size() (width, height float64) {
	if s.landscape {
		return 279.4, 215.9
	}
	return 215.9, 279.4
}

// width returns the width between the margins.
func (s *sheet) width() float64 {
	w, _ := s.size()
	return w - 2*margin
}

// bottom returns the lowest position of text.
func (s *sheet) bottom() float64 {
	_, h := s.size()
	return h - footRoom - 2
}

// font sets the font of the following text.
func (s *sheet) font(bold bool, points float64, shade grey) {
	style := ""
	if bold {
		style = "B"
	}
	s.pdf.SetFont(family, style, points)
	s.pdf.SetTextColor(int(shade), int(shade), int(shade))
}

// wide returns the width of a text in the current font.
func (s *sheet) wide(text string) float64 { return s.pdf.GetStringWidth(printable(text)) }

// put writes one line with its baseline at y, starting at x or, for 'R', ending at x.
func (s *sheet) put(text string, x, y float64, side byte) {
	text = printable(text)
	if side == 'R' {
		x -= s.pdf.GetStringWidth(text)
	}
	s.pdf.Text(x, y, text)
}

// wrap breaks a text into lines of at most width in the current font: between words or,
// for words that are too long, within them.
func (s *sheet) wrap(text string, width float64) (lines []string) {
	line := ""
	for _, word := range strings.FieldsFunc(printable(text), func(r rune) bool { return r == ' ' }) {
		candidate := joined(" ", line, word)
		if s.wide(candidate) <= width {
			line = candidate
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = word
		for s.wide(line) > width {
			head := s.fitting(line, width)
			lines, line = append(lines, line[:head]), line[head:]
		}
	}
	return append(lines, line)
}

// balanced is wrap without a last line of a word or two, where that needs no more lines.
func (s *sheet) balanced(text string, width float64) []string {
	lines := s.wrap(text, width)
	for narrower := width; len(lines) > 1 && s.wide(lines[len(lines)-1]) < width/6; lines = s.wrap(text, narrower) {
		if narrower -= width / 20; narrower < width*0.7 || len(s.wrap(text, narrower)) > len(lines) {
			break
		}
	}
	return lines
}

// fitting returns the number of bytes of the word that fit, at least one character.
func (s *sheet) fitting(word string, width float64) int {
	end := 0
	for at, r := range word {
		next := at + len(string(r))
		if end > 0 && s.wide(word[:next]) > width {
			break
		}
		end = next
	}
	return end
}

// page starts a page with its header, which is larger on the first page.
func (s *sheet) page() {
	orientation := "P"
	if s.landscape {
		orientation = "L"
	}
	s.pdf.AddPageFormat(orientation, fpdf.SizeType{Wd: 215.9, Ht: 279.4})
	right := margin + s.width()
	if s.pdf.PageNo() > 1 {
		s.font(true, small, faded)
		s.put(s.title, right, margin, 'R')
		s.font(false, small, faded)
		s.put(s.wrap(s.institution.Name, s.width()*0.6)[0], margin, margin, 'L')
		s.rule(margin+2, hair)
		s.y = margin + 6
		return
	}
	s.font(true, 13, ink)
	title := s.wrap(s.title, s.width()*0.42)
	for i, line := range title {
		s.put(line, right, margin+11*spacing+6*float64(i), 'R')
	}
	below := margin + 11*spacing + 6*float64(len(title))
	s.y = margin
	left, beside := margin, s.width()*0.54
	if wide := s.logo(); wide > 0 {
		left, beside = left+wide+logoGap, beside-wide-logoGap
	}
	s.column(left, beside, face{true, 11, ink}, s.institution.Name)
	if legal := s.institution.LegalName; legal != s.institution.Name && legal != "" {
		s.column(left, beside, face{false, small, ink}, legal)
	}
	contact := institution.Contact{Address: s.institution.Address, Phone: strings.Join(s.institution.Phones, " / "), Web: s.institution.Web}
	rfc := s.institution.RFC
	if rfc != "" {
		rfc = "RFC " + rfc
	}
	s.column(left, beside, face{false, small, faded}, joined(" · ", rfc, contactLine(contact)))
	s.y = max(s.y, below-3, s.logoEnd())
	s.rule(s.y, ink)
	s.y += 6
}

// Measures of the logo.
const (
	logoHeight = 16.0
	logoWidth  = 42.0 // at most
	logoGap    = 4.0
)

// logo draws the institution's logo at the head of the page, in its proportions, and returns its
// width, 0 without a logo.
func (s *sheet) logo() (wide float64) {
	l := s.institution.Logo
	if l == nil {
		return 0
	}
	kind := fpdf.ImageOptions{ImageType: strings.TrimPrefix(l.Media, "image/")}
	s.pdf.RegisterImageOptionsReader(l.Hash, kind, bytes.NewReader(l.Content))
	scale := min(logoHeight/float64(l.Height), logoWidth/float64(l.Width))
	wide = scale * float64(l.Width)
	s.pdf.ImageOptions(l.Hash, margin, margin, wide, scale*float64(l.Height), false, kind, 0, "")
	return wide
}

// logoEnd returns the lowest position of the logo, or the top of the page without one.
func (s *sheet) logoEnd() float64 {
	l := s.institution.Logo
	if l == nil {
		return margin
	}
	return margin + min(logoHeight, logoWidth*float64(l.Height)/float64(l.Width)) + 3
}

// rule draws a line across the page.
func (s *sheet) rule(y float64, shade grey) { s.stroke(margin, margin+s.width(), y, shade) }

func (s *sheet) stroke(from, to, y float64, shade grey) {
	s.pdf.SetDrawColor(int(shade), int(shade), int(shade))
	s.pdf.SetLineWidth(0.2)
	s.pdf.Line(from, y, to, y)
}

// face is a font style.
type face struct {
	bold   bool
	points float64
	shade  grey
}

// column writes a text in lines of at most width, starting at y.
func (s *sheet) column(x, width float64, f face, text string) {
	s.font(f.bold, f.points, f.shade)
	for _, line := range s.balanced(text, width) {
		s.y += f.points * spacing
		s.put(line, x, s.y, 'L')
	}
	s.y += f.points * spacing * 0.4
}

// room starts a new page if less than height is left on this one.
func (s *sheet) room(height float64) {
	if s.pdf.PageNo() == 0 || s.y+height > s.bottom() {
		s.page()
	}
}

// paragraph writes a text across the page.
func (s *sheet) paragraph(points float64, shade grey, text string) {
	s.font(false, points, shade)
	for _, line := range s.balanced(text, s.width()) {
		s.room(points * spacing * 1.3)
		s.font(false, points, shade)
		s.y += points * spacing
		s.put(line, margin, s.y, 'L')
	}
	s.y += points * spacing * 0.7
}

// height returns the height of a paragraph.
func (s *sheet) height(points float64, text string) float64 {
	s.font(false, points, ink)
	return points * spacing * (float64(len(s.balanced(text, s.width()))) + 0.7)
}

const headingHeight = 6 + 10*spacing

// heading writes a heading.
func (s *sheet) heading(text string) {
	s.room(headingHeight + 10)
	s.y += 3
	s.column(margin, s.width(), face{true, 10, ink}, text)
	s.y += 1.2
}

// fact is a name with its value.
type fact struct{ name, value string }

// facts writes names above values in columns. Facts without a value are omitted.
func (s *sheet) facts(columns int, facts ...fact) {
	const gap, line = 5.0, body * spacing
	width := (s.width() - gap*float64(columns-1)) / float64(columns)
	var kept []fact
	for _, f := range facts {
		if f.value != "" {
			kept = append(kept, f)
		}
	}
	for len(kept) > 0 {
		row := kept[:min(columns, len(kept))]
		kept = kept[len(row):]
		tallest := 1
		for _, f := range row {
			s.font(false, s.shrunk(f.value, width), ink)
			tallest = max(tallest, len(s.wrap(f.value, width)))
		}
		s.room(4 + line*float64(tallest))
		top, low := s.y, s.y
		for i, f := range row {
			x := margin + float64(i)*(width+gap)
			s.y = top
			s.column(x, width, face{false, 6.5, faded}, f.name)
			s.y -= 0.7
			s.column(x, width, face{false, s.shrunk(f.value, width), ink}, f.value)
			low = max(low, s.y)
		}
		s.y = low + 0.6
	}
}

// shrunk returns the font size at which a value of one word, such as an id, fits on a
// line, down to a minimum.
func (s *sheet) shrunk(value string, width float64) float64 {
	points := body
	for !strings.Contains(value, " ") && points > 6.5 {
		s.font(false, points, ink)
		if s.wide(value) <= width {
			break
		}
		points -= 0.25
	}
	return points
}

// amount writes the main amount of the document, also in words.
func (s *sheet) amount(name, figure, words string) {
	s.room(24)
	s.y += 2
	s.pdf.SetFillColor(244, 245, 247)
	s.font(false, body, faded)
	lines := s.wrap(words, s.width()-8)
	height := 16 + body*spacing*float64(len(lines))
	s.pdf.Rect(margin, s.y, s.width(), height, "F")
	s.put(name, margin+4, s.y+8.5, 'L')
	s.font(true, 15, ink)
	s.put(figure, margin+s.width()-4, s.y+9.5, 'R')
	end := s.y + height
	s.y += 11.5
	s.column(margin+4, s.width()-8, face{false, body, faded}, words)
	s.y = end + 4
}

// stamp marks the document in red, with the reason beside it.
func (s *sheet) stamp(word, reason string) {
	s.room(18)
	s.pdf.SetDrawColor(178, 34, 34)
	s.pdf.SetLineWidth(0.7)
	s.font(true, 16, ink)
	s.pdf.SetTextColor(178, 34, 34)
	width := s.wide(word) + 10
	s.pdf.Rect(margin, s.y, width, 11, "D")
	s.put(word, margin+5, s.y+7.7, 'L')
	s.y += 2.2
	s.column(margin+width+5, s.width()-width-5, face{false, body, ink}, reason)
	s.y += 6
}

// signature writes a line for a signature.
func (s *sheet) signature(name string) {
	s.room(34)
	s.y += 22
	s.stroke(margin, margin+75, s.y, ink)
	s.column(margin, 75, face{false, small, ink}, "Nombre y firma autorizada")
	s.column(margin, s.width()*0.6, face{false, small, faded}, name)
	s.y += 6
}

// write numbers the pages and writes the document.
func (s *sheet) write(w io.Writer) error {
	pages := s.pdf.PageCount()
	width, height := s.size()
	for n := 1; n <= pages; n++ {
		s.pdf.SetPage(n)
		s.font(false, 6.5, faded)
		s.put(s.wrap(joined(" · ", s.reference, s.foot), width-2*margin-25)[0], margin, height-footRoom+3, 'L')
		s.put(fmt.Sprintf("Página %d de %d", n, pages), width-margin, height-footRoom+3, 'R')
	}
	return s.pdf.Output(w)
}
