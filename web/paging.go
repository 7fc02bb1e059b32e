package web

import (
	"net/url"

	"sofipo/core/id"
)

// NextPage is the Link header of a page of a list behind which there are more: the
// address of the page after an id.
func NextPage(of *url.URL, after id.ID) string {
	query := of.Query()
	query.Del("skip")
	query.Set("after", after.String())
	return "<" + of.EscapedPath() + "?" + query.Encode() + `>; rel="next"`
}
