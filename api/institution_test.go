package api_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"sofipo/core/access"
)

// picture returns a PNG file of one color.
func picture(t *testing.T, width, height int) string {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		m.Set(i%width, i/width, color.NRGBA{R: 20, G: 90, B: 70, A: 255})
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestInstitution(t *testing.T) {
	d := open(t, nil)
	const path = "/api/v1/institution"
	admin := []string{"Authorization", "Bearer " + d.tokens[access.Admin]}
	json := append([]string{"Content-Type", "application/json"}, admin...)
	if got := d.want(200, d.send("GET", path, "", admin...)); got["name"] != "" {
		t.Errorf("before the first record: got %v, want an empty name", got)
	}
	got := d.want(200, d.send("PUT", path, `{"name":" Caja Uno ","rfc":"cej-100215-ab1","phones":["55 1234 5678"],"une":{"hours":"9 a 18"}}`, json...))
	if got["name"] != "Caja Uno" || got["rfc"] != "CEJ100215AB1" || got["changed_by"] != "admin" {
		t.Errorf("got %v, want the trimmed name, the normalised RFC and who changed it", got)
	}
	if got := d.want(200, d.send("GET", path, "", "Authorization", "Bearer "+d.tokens[access.Teller])); got["une"].(map[string]any)["hours"] != "9 a 18" {
		t.Errorf("got %v, want the hours of the UNE", got)
	}
	for _, c := range []struct{ body, says string }{
		{`{"name":" "}`, `["body","name"]`},
		{`{"name":"A","rfc":"X"}`, `["body","rfc"]`},
		{`{"name":"A","phones":["55 1234 5678","12"]}`, `["body","phones",1]`},
		{`{"name":"A","une":{"email":"x"}}`, `["body","une","email"]`},
		{`{"name":"A","registrations":[{"register":"SIPRES","number":" "}]}`, `["body","registrations",0,"number"]`},
		{`{"name":"A","web":"no es un sitio"}`, `["body","web"]`},
		{`{"name":"A","telefono":"55"}`, `["body","telefono"]`},
	} {
		if answer := d.send("PUT", path, c.body, json...); answer.status != 422 || !strings.Contains(answer.body, `"loc":`+c.says) {
			t.Errorf("%s: got %d %s, want 422 at %s", c.body, answer.status, answer.body, c.says)
		}
	}
	if answer := d.send("PUT", path, `{"name":"A"}`, "Content-Type", "application/json", "Authorization", "Bearer "+d.tokens[access.Officer]); answer.status != 403 {
		t.Errorf("an officer: got %d, want 403", answer.status)
	}
}

func TestLogo(t *testing.T) {
	d := open(t, nil)
	const path = "/api/v1/institution/logo"
	put := func(media, content string) reply {
		return d.send("PUT", path, content, "Content-Type", media, "Authorization", "Bearer "+d.tokens[access.Admin])
	}
	read := func() reply { return d.send("GET", path, "", "Authorization", "Bearer "+d.tokens[access.Auditor]) }
	d.want(404, read())
	whole := picture(t, 90, 30)
	got := d.want(200, put("image/png", whole))
	if fmt.Sprintf("%v %v", got["width"], got["height"]) != "90 30" || len(got["sha256"].(string)) != 64 {
		t.Errorf("got %v, want an image of 90 by 30 with its hash", got)
	}
	if back := read(); back.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(back.body, "\x89PNG") {
		t.Errorf("got %s %q, want the PNG", back.header.Get("Content-Type"), back.body[:min(8, len(back.body))])
	}
	for name, answer := range map[string]reply{
		"half an image": put("image/png", whole[:len(whole)/2]),
		"a text":        put("image/png", "not an image"),
		"a JSON body":   put("application/json", "{}"),
		"no body":       put("image/png", ""),
		"too narrow":    put("image/png", picture(t, 300, 20)),
		"too small":     put("image/png", picture(t, 15, 15)),
	} {
		if answer.status != 422 || !strings.Contains(answer.body, `"loc":["body"`) {
			t.Errorf("%s: got %d %s, want 422 for the body", name, answer.status, answer.body)
		}
	}
	if answer := put("image/png", strings.Repeat("x", 257<<10)); answer.status != 413 || !strings.Contains(answer.body, "256 KiB") {
		t.Errorf("a large file: got %d %s, want 413 with the limit", answer.status, answer.body)
	}
	d.want(204, d.send("DELETE", path, "", "Authorization", "Bearer "+d.tokens[access.Admin]))
	d.want(404, read())
	d.want(404, d.send("DELETE", path, "", "Authorization", "Bearer "+d.tokens[access.Admin]))
}
