package openapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed reference.html
var referenceTemplate string

// Page returns the API reference as one HTML page. It needs no network and no script.
func (a API) Page() ([]byte, error) {
	p := &pageBuilder{API: a, document: a.Document()}
	page := template.Must(template.New("reference").Funcs(template.FuncMap{"prose": prose, "breakable": breakable, "lower": strings.ToLower}).Parse(referenceTemplate))
	var out bytes.Buffer
	err := page.Execute(&out, struct {
		API
		Sections []pageSection
	}{a, p.sections()})
	return out.Bytes(), err
}

// pageBuilder collects the contents of the page.
type pageBuilder struct {
	API
	document *huma.OpenAPI
}

// pageSection is the part of the page about one tag.
type pageSection struct {
	Tag
	Anchor     string
	Operations []pageOperation
}

// pageOperation is the part of the page about one operation.
type pageOperation struct {
	*huma.Operation
	Method, Path string
	Parameters   []pageField // in the path and query
	Headers      []pageField
	Body         []pageField
	Answer       []pageField
	Errors       []pageError
	Status       int
	Media        string // content types of the response; empty: no body
	Curl         string
	Example      string // body of the response
}

// pageField is a parameter or a field of a body.
type pageField struct {
	Name, Kind, About string
	Required          bool
	Optional          bool // in responses: may be absent
	Limits            string
	Fields            []pageField // of an object, or of the elements of a list
}

// pageError has the error codes of one HTTP status.
type pageError struct {
	Status      int
	Name, Codes string
}

func (p *pageBuilder) sections() (all []pageSection) {
	for _, tag := range p.Tags {
		section := pageSection{Tag: tag, Anchor: "tag-" + anchor.ReplaceAllString(strings.ToLower(tag.Name), "-")}
		for i := range p.Operations {
			if o := &p.Operations[i]; o.Tag == tag.Name {
				section.Operations = append(section.Operations, p.operation(o))
			}
		}
		all = append(all, section)
	}
	return all
}

var anchor = regexp.MustCompile(`[^a-z]+`)

func (p *pageBuilder) operation(o *Operation) pageOperation {
	described := *slot(p.document.Paths[o.Path], o.Method)
	example := p.Examples[o.ID]
	out := pageOperation{Operation: described, Method: o.Method, Path: o.Path, Status: o.Status, Curl: example.curl(o), Example: indented(example.Response)}
	if example.File != "" {
		out.Example = strings.TrimSpace("Content-Disposition: " + example.File + "\n\n" + out.Example)
	}
	for _, parameter := range described.Parameters {
		f := p.field(parameter.Name, parameter.Schema, parameter.Required, 0)
		f.About = parameter.Description
		if parameter.In == "header" {
			out.Headers = append(out.Headers, f)
		} else {
			out.Parameters = append(out.Parameters, f)
		}
	}
	if body := described.RequestBody; body != nil {
		for _, content := range body.Content {
			out.Body = p.fields(content.Schema, 0)
		}
	}
	content := described.Responses[strconv.Itoa(o.Status)].Content
	out.Media = strings.Join(slices.Sorted(maps.Keys(content)), ", ")
	for _, one := range content {
		if fields := ofResponse(p.fields(one.Schema, 0)); len(fields) > 0 { // of JSON
			out.Answer = fields
		}
	}
	for status, response := range described.Responses {
		if n, _ := strconv.Atoi(status); n >= http.StatusBadRequest {
			_, codes, _ := strings.Cut(response.Description, ": ")
			out.Errors = append(out.Errors, pageError{n, http.StatusText(n), codes})
		}
	}
	slices.SortFunc(out.Errors, func(a, b pageError) int { return a.Status - b.Status })
	return out
}

// maxNesting is the number of levels of objects that the page shows below a body.
const maxNesting = 3

// fields returns the fields of an object, or of the elements of a list of objects.
func (p *pageBuilder) fields(s *huma.Schema, nesting int) (all []pageField) {
	for s.Ref != "" || s.Type == huma.TypeArray {
		if s.Ref != "" {
			s = p.document.Components.Schemas.SchemaFromRef(s.Ref)
		} else {
			s = s.Items
		}
	}
	if nesting > maxNesting {
		return nil
	}
	for _, name := range s.Required {
		all = append(all, p.field(name, s.Properties[name], true, nesting))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(s.Required, name) {
			all = append(all, p.field(name, s.Properties[name], false, nesting))
		}
	}
	return all
}

// ofResponse marks the fields of a response that may be absent, instead of the required
// ones.
func ofResponse(fields []pageField) []pageField {
	for i := range fields {
		f := &fields[i]
		f.Required, f.Optional = false, !f.Required
		ofResponse(f.Fields)
	}
	return fields
}

func (p *pageBuilder) field(name string, s *huma.Schema, required bool, nesting int) pageField {
	return pageField{Name: name, Kind: kindOf(s), About: s.Description, Required: required, Limits: strings.Join(limitsOf(s), " · "), Fields: p.fields(s, nesting+1)}
}

// kindOf returns a short name of the type of a value.
func kindOf(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return "object"
	case len(s.OneOf) > 0:
		kinds := make([]string, len(s.OneOf))
		for i, one := range s.OneOf {
			kinds[i] = kindOf(one)
		}
		return strings.Join(slices.Compact(kinds), " or ")
	case s.Type == huma.TypeArray:
		return "list of " + kindOf(s.Items) + "s"
	case s.Format == "decimal":
		return "decimal"
	case s.Type == huma.TypeInteger:
		return "integer"
	case s.Format != "":
		return s.Format
	}
	return s.Type
}

// limitsOf returns the accepted values, the default and the limits of a value.
func limitsOf(s *huma.Schema) (all []string) {
	add := func(format string, value any) { all = append(all, fmt.Sprintf(format, value)) }
	if len(s.OneOf) > 0 && s.OneOf[0].Type == huma.TypeNumber {
		return limitsOf(s.OneOf[0])
	}
	values := s.Enum
	if s.Items != nil && len(values) == 0 {
		values = s.Items.Enum
	}
	if len(values) > 0 {
		names := make([]string, len(values))
		for i, value := range values {
			names[i] = fmt.Sprintf("`%v`", value)
		}
		add("One of %s", strings.Join(names, ", "))
	}
	if s.Default != nil && s.Default != "" {
		add("Default: `%v`", s.Default)
	}
	for _, limit := range []struct {
		format string
		value  *float64
	}{{"Minimum: `%s`", s.Minimum}, {"Greater than `%s`", s.ExclusiveMinimum}, {"Maximum: `%s`", s.Maximum}} {
		if limit.value != nil {
			add(limit.format, strconv.FormatFloat(*limit.value, 'f', -1, 64))
		}
	}
	if s.MaxLength != nil {
		add("At most %d characters", *s.MaxLength)
	}
	return all
}

var (
	codeSpan   = regexp.MustCompile("`([^`]+)`")
	strongSpan = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// prose renders the Markdown of descriptions: paragraphs, code and strong text.
func prose(text string) template.HTML {
	var out strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		safe := template.HTMLEscapeString(paragraph)
		safe = codeSpan.ReplaceAllString(safe, "<code>$1</code>")
		safe = strongSpan.ReplaceAllString(safe, "<strong>$1</strong>")
		out.WriteString("<p>" + safe + "</p>")
	}
	return template.HTML(out.String()) // the text was escaped above
}

// breakable lets a path break over lines after its slashes.
func breakable(path string) template.HTML {
	safe := strings.ReplaceAll(template.HTMLEscapeString(path), "/", "/<wbr>")
	return template.HTML(safe) // the path was escaped above
}
