package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
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

// asset returns the address of a file.
func asset(name string) string { return Root + "static/" + name + "?v=" + versions[name] }

// static serves a file.
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
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}
