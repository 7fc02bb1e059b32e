package web

import (
	"net/url"
	"strings"

	"sofipo/core/id"
)

// NextPage returns the Link header with the URL of the next page, which starts after an
// id.
func NextPage(of *url.URL, after id.ID) string { return Links(of, after.String(), "") }

// NextOf returns the URL of the next page in a Link header of Links; empty on the last page.
func NextOf(links string) string {
	for _, link := range strings.Split(links, ", <") {
		if of, next := strings.CutSuffix(link, `>; rel="next"`); next {
			return strings.TrimPrefix(of, "<")
		}
	}
	return ""
}

// Links returns the Link header with the URLs of the pages after and before a place. An empty
// place has no page.
func Links(of *url.URL, after, before string) string {
	var links []string
	for _, l := range []struct{ parameter, place, rel string }{{"after", after, "next"}, {"before", before, "prev"}} {
		if l.place == "" {
			continue
		}
		query := of.Query()
		for _, other := range []string{"skip", "after", "before"} {
			query.Del(other)
		}
		query.Set(l.parameter, l.place)
		links = append(links, "<"+of.EscapedPath()+"?"+query.Encode()+`>; rel="`+l.rel+`"`)
	}
	return strings.Join(links, ", ")
}
