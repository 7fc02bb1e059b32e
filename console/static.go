package console

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed static
var assets embed.FS

// versions has the hash of each file, which is a part of its address, so that browsers keep it
// until it changes.
var versions = map[string]string{}

func init() {
	entries, err := assets.ReadDir("static")
	if err != nil {
		panic(err) // the files are part of the program
	}
	for _, e := range entries {
		body, _ := assets.ReadFile("static/" + e.Name())
		sum := sha256.Sum256(body)
		versions[e.Name()] = hex.EncodeToString(sum[:6])
	}
}

// zipped has the files compressed.
var zipped = sync.OnceValue(func() map[string][]byte {
	all := map[string][]byte{}
	for name := range versions {
		body, _ := assets.ReadFile("static/" + name)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body) // a Buffer does not fail
		_ = z.Close()
		all[name] = b.Bytes()
	}
	return all
})

// asset returns the address of a file.
func asset(name string) string { return Root + "static/" + name + "?v=" + versions[name] }

// static serves a file, compressed if the browser accepts it.
func static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	body, err := assets.ReadFile("static/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if r.URL.Query().Get("v") == versions[name] {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Vary", "Accept-Encoding")
	w.Header().Set("Content-Type", cmp.Or(mime.TypeByExtension(path.Ext(name)), "text/plain; charset=utf-8"))
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = zipped()[name]
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}
