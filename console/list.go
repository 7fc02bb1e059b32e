package console

import (
	"net/url"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/view"
	"sofipo/web"
)

// rowsPerPage is the number of rows of a page of a list.
const rowsPerPage = 50

// pager has the links below a list. First is empty on the first page.
type pager struct {
	Shown        int // rows on this page
	First        string
	Newer, Older string // addresses of the neighbouring pages; empty at the ends
}

// tab is a part of a thing that has an address of its own.
type tab struct {
	Label, Path string
	Count       string // such as "7 of 9"; empty: none
	Current     bool
}

var listPhrases = phrases{
	"{n} {n|row|rows} on this page": "{n} {n|renglón|renglones} en esta página",
	"{n} {n|row|rows}":              "{n} {n|renglón|renglones}",
	"First page":                    "Primera página",
	"Previous page":                 "Página anterior",
	"Next page":                     "Página siguiente",
	"Parts":                         "Partes",
	"Filter":                        "Filtrar",
	"Remove the filters":            "Quitar los filtros",
}

// window returns the part of a list that the address asks for by "after" or "before".
func (v *visit) window() (view.Window, error) {
	q, w := v.r.URL.Query(), view.Window{Limit: rowsPerPage}
	var err error
	if w.After, err = view.ParsePlace(q.Get("after")); err != nil {
		return w, fault.Wrong(fault.At("after", web.NotPlace))
	}
	if w.Before, err = view.ParsePlace(q.Get("before")); err != nil {
		return w, fault.Wrong(fault.At("before", web.NotPlace))
	}
	return w, nil
}

// paging returns the part of a list that goes only forward.
func (v *visit) paging() (view.Paging, error) {
	w, err := v.window()
	return view.Paging{After: w.After.ID, Limit: rowsPerPage}, err
}

// pager returns the links of a page of a list.
func (v *visit) pager(shown int, next, previous view.Place) pager {
	p := pager{Shown: shown}
	if v.r.URL.Query().Has("after") || v.r.URL.Query().Has("before") {
		p.First = v.with("after", "", "before", "")
	}
	if previous != (view.Place{}) {
		p.Newer = v.with("after", "", "before", previous.String())
	}
	if next != (view.Place{}) {
		p.Older = v.with("before", "", "after", next.String())
	}
	return p
}

// pagerTo returns the links of a page of a list that goes only forward.
func (v *visit) pagerTo(shown int, next id.ID) pager {
	return v.pager(shown, view.Place{ID: next}, view.Place{})
}

// with returns the address of the page with some inputs of its query changed: pairs of a name
// and a value. An empty value removes the input.
func (v *visit) with(pairs ...string) string {
	q := url.Values{}
	for name, values := range v.r.URL.Query() {
		if len(values) > 0 && values[0] != "" {
			q[name] = values
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Del(pairs[i])
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return v.r.URL.Path
	}
	return v.r.URL.Path + "?" + q.Encode()
}
