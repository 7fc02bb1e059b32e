package console

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// notice says once, on the next page, what was done, with a link to it.
type notice struct {
	Text  string `json:"t"`
	Link  string `json:"l,omitempty"`
	Label string `json:"w,omitempty"` // of the link
}

const noticeCookie = "sofipo_notice"

// done sends the browser to a page that says what was done.
func (v *visit) done(path string, n notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	http.SetCookie(v.w, cookie(v.r, noticeCookie, base64.RawURLEncoding.EncodeToString(body)))
	return v.goTo(path)
}

// takeNotice returns the notice for this page, if there is one, and removes it.
func (v *visit) takeNotice() *notice {
	c, err := v.r.Cookie(noticeCookie)
	if err != nil || v.r.Header.Get("HX-Request") != "" {
		return nil
	}
	gone := cookie(v.r, noticeCookie, "")
	gone.MaxAge = -1
	http.SetCookie(v.w, gone)
	var n notice
	body, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(body, &n) != nil || n.Text == "" || n.Link != "" && localPath(n.Link) != n.Link {
		return nil
	}
	return &n
}
