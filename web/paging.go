package web

import (
	"net/url"

	"sofipo/core/id"
)

// NextPage returns the Link header with the URL of the next page, which starts after an
// id.
func NextPage(of *url.URL, after id.ID) string {
	query := of.Query()
	query.Del("skip")
	query.Set("after", after.String())
	return "<" + of.EscapedPath() + "?" + query.Encode() + `>; rel="next"`
}
