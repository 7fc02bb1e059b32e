package openapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed reading.html
var readingTemplate string

// Page shows all operations and schemas on one page of HTML.
func (a API) Page() ([]byte, error) {
	document := a.Document()
	page := template.Must(template.New("reading").Funcs(template.FuncMap{"kind": kindOf}).Parse(readingTemplate))
	var out bytes.Buffer
	err := page.Execute(&out, struct {
		*huma.OpenAPI
		Operations []Operation
		Schemas    map[string]*huma.Schema
		Described  func(Operation) *huma.Operation
	}{document, byPath(a.Operations), document.Components.Schemas.Map(), func(o Operation) *huma.Operation {
		return *slot(document.Paths[o.Path], o.Method)
	}})
	return out.Bytes(), err
}

func byPath(operations []Operation) []Operation {
	sorted := slices.Clone(operations)
	slices.SortStableFunc(sorted, func(a, b Operation) int { return strings.Compare(a.Path, b.Path) })
	return sorted
}

// kindOf names the form of a value in a few words.
func kindOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case len(s.OneOf) > 0:
		kinds := make([]string, len(s.OneOf))
		for i, one := range s.OneOf {
			kinds[i] = kindOf(one)
		}
		return strings.Join(kinds, " or ")
	case s.Type == huma.TypeArray:
		return "list of " + kindOf(s.Items)
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	}
	return s.Type
}
