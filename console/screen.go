package console

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"sofipo/text"
)

//go:embed templates
var sources embed.FS

// screen is a page of type P, whose template is templates/<name>.html. The template defines
// "title" and "main", each of them with a P.
type screen[P any] struct{ name string }

// screens has the type of each page, by name.
var screens = map[string]reflect.Type{}

// declare declares a page. It must run during initialization.
func declare[P any](name string) screen[P] {
	screens[name] = reflect.TypeFor[P]()
	return screen[P]{name}
}

// templates has the templates of all pages, by language and name.
var templates = sync.OnceValue(func() (all [2]map[string]*template.Template) {
	for _, l := range []text.Lang{text.EN, text.ES} {
		frame := template.Must(template.New("").Funcs(functions(l)).ParseFS(sources, "templates/frame.html", "templates/parts.html"))
		all[l] = map[string]*template.Template{}
		for name := range screens {
			page := template.Must(frame.Clone())
			all[l][name] = template.Must(page.ParseFS(sources, "templates/"+name+".html"))
		}
	}
	return all
})

// whole is what the template of the frame gets.
type whole struct {
	Frame frame
	Page  any
}

// show answers with the page.
func (s screen[P]) show(v *visit, page P) error { return s.answer(v, http.StatusOK, page) }

// answer answers with the page and a status.
func (s screen[P]) answer(v *visit, status int, page P) error {
	var b bytes.Buffer
	f, err := v.frame()
	if err != nil {
		return err
	}
	if err := templates()[v.lang][s.name].ExecuteTemplate(&b, "frame", whole{f, page}); err != nil {
		return fmt.Errorf("template %s: %w", s.name, err)
	}
	send(v.w, v.r, status, b.Bytes())
	return nil
}

// part answers with a part of the page: a template that the page defines besides "title" and
// "main".
func (s screen[P]) part(v *visit, name string, page P) error {
	var b bytes.Buffer
	if err := templates()[v.lang][s.name].ExecuteTemplate(&b, name, page); err != nil {
		return fmt.Errorf("template %s: %w", s.name, err)
	}
	send(v.w, v.r, http.StatusOK, b.Bytes())
	return nil
}

var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// send writes a page, compressed if the browser accepts it.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Encoding, HX-Request")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && len(body) > 1400 {
		var b bytes.Buffer
		z := zippers.Get().(*gzip.Writer)
		z.Reset(&b)
		_, _ = z.Write(body) // a Buffer does not fail
		_ = z.Close()
		zippers.Put(z)
		w.Header().Set("Content-Encoding", "gzip")
		body = b.Bytes()
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the browser may have left
}
