package institution

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/mx"
)

// Maximum lengths, in characters and elements.
const (
	MaxName    = 150
	MaxText    = 255
	MaxLegend  = 500
	MaxPhones  = 5
	MaxNumbers = 10 // registrations
	MaxLegends = 10
)

var (
	webForm   = regexp.MustCompile(`^[^\s/]+\.[^\s]+$`)
	phoneForm = regexp.MustCompile(`^\+?[0-9 ().-]+(ext\.? ?[0-9]{1,6})?$`)
)

// Checked returns the institution in the form in which it is stored: without blanks around
// texts and with a normalised RFC. The error has all fields at fault.
func (i Institution) Checked(tier mx.Tier) (Institution, error) {
	c := checker{}
	i.Name = c.text("name", i.Name, MaxName)
	c.flaws.Unless(i.Name != "" || c.flaws.Has("name"), "name", fault.Blank)
	i.LegalName = c.text("legal_name", i.LegalName, MaxText)
	i.RFC = c.rfc(i.RFC, tier)
	i.Address = c.text("address", i.Address, MaxText)
	i.Phones = each(&c, "phones", i.Phones, MaxPhones, c.phone)
	i.Email = c.email("email", i.Email)
	i.Web = c.web("web", i.Web)
	i.Registrations = each(&c, "registrations", i.Registrations, MaxNumbers, c.registration)
	i.UNE, i.Condusef = c.contact("une", i.UNE), c.contact("condusef", i.Condusef)
	i.Legends = each(&c, "legends", i.Legends, MaxLegends, c.legend)
	i.Footer = c.text("footer", i.Footer, MaxLegend)
	return i, c.flaws.Err()
}

// checker checks the fields and collects their flaws.
type checker struct{ flaws fault.Flaws }

// text accepts an empty text, or one line that documents can show.
func (c *checker) text(path, text string, most int) string {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > most {
		c.flaws.Add(fault.At(path, fault.MaxLength, "most", most))
		return text
	}
	glyph.Check(text, path, &c.flaws)
	return text
}

// form is text with a further condition on a text that is not empty.
func (c *checker) form(path, text string, valid func(string) bool, rule fault.Rule) string {
	text = c.text(path, text, MaxText)
	c.flaws.Unless(text == "" || c.flaws.Has(path) || valid(text), path, rule)
	return text
}

func (c *checker) rfc(rfc string, tier mx.Tier) string {
	if strings.TrimSpace(rfc) == "" {
		return ""
	}
	return client.CheckRFC(rfc, tier, &c.flaws)
}

func (c *checker) email(path, email string) string {
	return c.form(path, email, client.ValidEmail, client.EmailForm)
}

func (c *checker) web(path, web string) string {
	return c.form(path, web, webForm.MatchString, WebForm)
}

func (c *checker) phone(path, phone string) string {
	return c.form(path, phone, func(s string) bool {
		before, _, _ := strings.Cut(s, "ext")
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, before)
		return phoneForm.MatchString(s) && len(digits) >= 10 && len(digits) <= 15
	}, OfficePhone)
}

// needed is text that must not be empty.
func (c *checker) needed(path, text string, most int) string {
	text = c.text(path, text, most)
	c.flaws.Unless(text != "" || c.flaws.Has(path), path, fault.Blank)
	return text
}

func (c *checker) legend(path, legend string) string { return c.needed(path, legend, MaxLegend) }

func (c *checker) registration(path string, r Registration) Registration {
	return Registration{c.needed(path+"register", r.Register, MaxName), c.needed(path+"number", r.Number, MaxName)}
}

func (c *checker) contact(path string, o Contact) Contact {
	at := func(name string) string { return path + "." + name }
	return Contact{
		Name: c.text(at("name"), o.Name, MaxName), Address: c.text(at("address"), o.Address, MaxText), Phone: c.phone(at("phone"), o.Phone),
		Email: c.email(at("email"), o.Email), Web: c.web(at("web"), o.Web), Hours: c.text(at("hours"), o.Hours, MaxText),
	}
}

// each checks the elements of a list. The paths of their flaws have their positions.
func each[T any](c *checker, path string, list []T, most int, check func(path string, element T) T) []T {
	if len(list) > most {
		c.flaws.Add(fault.At(path, MaxItems, "most", most))
		return list
	}
	out := make([]T, len(list))
	for n, element := range list {
		before := c.flaws
		c.flaws = nil
		out[n] = check("", element)
		for _, f := range c.flaws {
			before.Add(f.In(path, n))
		}
		c.flaws = before
	}
	return out
}
