package openapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// parameters returns the path and query parameters of the request by name.
func (e Example) parameters(path string) map[string]string {
	all := map[string]string{}
	_, target, _ := strings.Cut(e.Request, " ")
	target, query, _ := strings.Cut(target, "?")
	values := strings.Split(target, "/")
	for i, part := range strings.Split(path, "/") {
		if i < len(values) && strings.HasPrefix(part, "{") {
			all[strings.Trim(part, "{}")] = values[i]
		}
	}
	given, _ := url.ParseQuery(query) // was recorded from a valid request
	for name := range given {
		all[name] = given.Get(name)
	}
	return all
}

// typed converts the text of a parameter to the type of its schema.
func typed(schema *huma.Schema, text string) any {
	switch schema.Type {
	case huma.TypeInteger, huma.TypeNumber, huma.TypeBoolean:
		return json.RawMessage(text)
	}
	return text
}

// present returns the example, or nil if there is none.
func present(example json.RawMessage) any {
	if len(example) == 0 {
		return nil
	}
	return example
}

// exampleServer is the address of the server in the examples.
const exampleServer = "http://127.0.0.1:8000"

// curl returns the request as a curl command.
func (e Example) curl(o *Operation) string {
	method, target, _ := strings.Cut(e.Request, " ")
	command := "curl "
	if method != http.MethodGet {
		command += "-X " + method + " "
	}
	lines := []string{command + quoted(exampleServer+target)}
	if o.Permission != "" {
		lines = append(lines, `-H "Authorization: Bearer $TOKEN"`)
	}
	return strings.Join(append(lines, e.data(o)...), " \\\n  ")
}

// data returns the curl options for the request body.
func (e Example) data(o *Operation) (options []string) {
	body, found := o.body()
	if media, _, _ := strings.Cut(body.Tag.Get("media"), ","); media != "" {
		return []string{"-H 'Content-Type: " + media + "'", "--data-binary @document." + path.Base(media)}
	}
	if !found || len(e.Body) == 0 {
		return nil
	}
	if media, _, _ := strings.Cut(body.Tag.Get("media"), ","); media != "" { // the example is the name of the file
		return []string{"-H 'Content-Type: " + media + "'", "--data-binary @" + indented(e.Body)}
	}
	if body.Tag.Get("form") != "true" {
		return []string{"-H 'Content-Type: application/json'", "-d " + quoted(indented(e.Body))}
	}
	var form map[string]string
	_ = json.Unmarshal(e.Body, &form) // was recorded from a valid form
	for _, name := range slices.Sorted(maps.Keys(form)) {
		options = append(options, "-d "+quoted(name+"="+form[name]))
	}
	return options
}

// quoted quotes a text for the shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// indented formats JSON for people. The text of a JSON string is returned unquoted.
func indented(example json.RawMessage) string {
	var text string
	if json.Unmarshal(example, &text) == nil {
		return text
	}
	var out bytes.Buffer
	if err := json.Indent(&out, example, "", "  "); err != nil {
		return string(example)
	}
	return out.String()
}
