package openapi

import (
	"cmp"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// security is the name of the security scheme, as in the seed.
const security = "OAuth2PasswordBearer"

// describer generates the document of an API.
type describer struct {
	API
	schemas huma.Registry
}

// Document returns the OpenAPI 3.1 document.
func (a API) Document() *huma.OpenAPI {
	d := &describer{API: a}
	d.schemas = huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		return cmp.Or(a.Names[t], huma.DefaultSchemaNamer(t, hint))
	})
	for t, form := range a.Forms {
		d.schemas.RegisterTypeAlias(t, form)
	}
	document := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: a.Title, Description: a.About, Version: a.Version, License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
		Paths:   map[string]*huma.PathItem{},
		Components: &huma.Components{Schemas: d.schemas, SecuritySchemes: map[string]*huma.SecurityScheme{security: {
			Type: "oauth2", Flows: &huma.OAuthFlows{Password: &huma.OAuthFlow{TokenURL: a.Login, Scopes: map[string]string{}}},
		}}},
	}
	for _, t := range a.Tags {
		document.Tags = append(document.Tags, &huma.Tag{Name: t.Name, Description: t.About})
	}
	for i := range a.Operations {
		o := &a.Operations[i]
		if document.Paths[o.Path] == nil {
			document.Paths[o.Path] = &huma.PathItem{}
		}
		*slot(document.Paths[o.Path], o.Method) = d.operation(o)
	}
	d.complete()
	return document
}

// slot returns the field of a path item for a method.
func slot(p *huma.PathItem, method string) **huma.Operation {
	switch method {
	case http.MethodPost:
		return &p.Post
	case http.MethodPut:
		return &p.Put
	case http.MethodDelete:
		return &p.Delete
	}
	return &p.Get
}

// operation describes one operation.
func (d *describer) operation(o *Operation) *huma.Operation {
	out := &huma.Operation{
		Tags: []string{o.Tag}, Summary: o.Summary, OperationID: o.ID, Description: o.About,
		Parameters: d.parameters(o), RequestBody: d.requestBody(o), Responses: d.responses(o),
	}
	out.Extensions = map[string]any{}
	if example, found := d.Examples[o.ID]; found {
		out.Extensions["x-codeSamples"] = []map[string]string{{"lang": "Shell", "label": "curl", "source": example.curl(o)}}
	}
	if o.Permission == "" {
		return out
	}
	out.Description += fmt.Sprintf("\n\nPermission: `%s` (roles: %s).", o.Permission, strings.Join(o.Roles, ", "))
	out.Security = []map[string][]string{{security: {}}}
	if o.PublicIf != "" {
		out.Description += " No token is needed if " + o.PublicIf + "."
		out.Security = append(out.Security, map[string][]string{})
	}
	out.Description = strings.TrimSpace(out.Description)
	out.Extensions["x-sofipo-permission"], out.Extensions["x-sofipo-roles"] = o.Permission, o.Roles
	return out
}

// parameters returns the path and query parameters, then the headers.
func (d *describer) parameters(o *Operation) (all []*huma.Param) {
	given := d.Examples[o.ID].parameters(o.Path)
	for _, f := range reflect.VisibleFields(o.Input) {
		for _, in := range []string{"path", "query"} {
			name := f.Tag.Get(in)
			if name == "" || f.Anonymous {
				continue
			}
			schema := huma.SchemaFromField(d.schemas, f, "")
			schema.Nullable = false
			about, example, _ := d.Note("", name)
			if text, found := given[name]; found {
				example = typed(schema, text)
			}
			all = append(all, &huma.Param{
				Name: name, In: in, Required: in == "path",
				Schema: schema, Description: cmp.Or(f.Tag.Get("doc"), about), Example: example,
			})
		}
	}
	for _, h := range o.RequestHeaders {
		all = append(all, &huma.Param{Name: h.Name, In: "header", Description: h.About, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	return all
}

const (
	jsonMedia = "application/json"
	formMedia = "application/x-www-form-urlencoded"
	textMedia = "text/plain"
)

func (d *describer) requestBody(o *Operation) *huma.RequestBody {
	body, found := o.body()
	if !found {
		return nil
	}
	if accepted := body.Tag.Get("media"); accepted != "" {
		out := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
		for media := range strings.SplitSeq(accepted, ",") {
			out.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
		return out
	}
	media := jsonMedia
	if body.Tag.Get("form") == "true" {
		media = formMedia
	}
	return &huma.RequestBody{Required: body.Tag.Get("body") != "optional", Content: map[string]*huma.MediaType{media: {
		Schema: d.schemas.Schema(body.Type, true, ""), Example: present(d.Examples[o.ID].Body),
	}}}
}

// responses returns the successful response and one for each error status.
func (d *describer) responses(o *Operation) map[string]*huma.Response {
	example := d.Examples[o.ID]
	success := &huma.Response{Description: "Successful Response", Headers: map[string]*huma.Header{}}
	for _, h := range o.ResponseHeaders {
		success.Headers[h.Name] = header(h.About)
	}
	switch {
	case o.Media != "":
		success.Content = map[string]*huma.MediaType{o.Media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
		success.Headers["Content-Disposition"] = header("Name of the file.")
		success.Headers["Content-Disposition"].Example = example.File
	case o.Output == reflect.TypeFor[string]():
		success.Content = map[string]*huma.MediaType{textMedia: {Schema: &huma.Schema{Type: huma.TypeString}}}
	case o.Output != nil:
		schema := d.schemas.Schema(o.Output, true, "")
		schema.Nullable = false
		success.Content = map[string]*huma.MediaType{jsonMedia: {Schema: schema}}
	}
	for _, content := range success.Content {
		content.Example = present(example.Response)
	}
	for _, media := range o.Formats {
		success.Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	all := map[string]*huma.Response{strconv.Itoa(o.Status): success}
	if o.Filed != nil {
		all[strconv.Itoa(http.StatusAccepted)] = &huma.Response{
			Description: "Filed as a request, because `request_reason` was sent",
			Headers:     map[string]*huma.Header{"Location": header("URL of the request.")},
			Content:     map[string]*huma.MediaType{jsonMedia: {Schema: d.schemas.Schema(o.Filed, true, "")}},
		}
	}
	for status, codes := range o.Refusals {
		names := make([]string, len(codes))
		for i, code := range codes {
			names[i] = "`" + code + "`"
		}
		slices.Sort(names)
		refusal := &huma.Response{
			Description: http.StatusText(status) + ": " + strings.Join(slices.Compact(names), ", "),
			Content:     map[string]*huma.MediaType{jsonMedia: {Schema: d.schemas.Schema(d.Problem, true, "")}},
		}
		if status == http.StatusUnauthorized {
			refusal.Headers = map[string]*huma.Header{"WWW-Authenticate": header("Bearer")}
		}
		all[strconv.Itoa(status)] = refusal
	}
	return all
}

func header(about string) *huma.Header {
	return &huma.Header{Description: about, Schema: &huma.Schema{Type: huma.TypeString}}
}

// complete adds titles, notes and the descriptions of the request types to the schemas,
// and marks what requests accept.
func (d *describer) complete() {
	for answer, input := range d.Choices {
		describeAs(d.schemas.Schema(answer, false, ""), d.schemas.Schema(input, false, ""))
	}
	for name, schema := range d.schemas.Map() {
		schema.Title, schema.AdditionalProperties = name, nil
		for property, p := range schema.Properties {
			if about, example, found := d.Note(name, property); found && p.Description == "" {
				p.Description = about
				if example != nil && p.Ref == "" {
					p.Examples = []any{example}
				}
			}
			p.Nullable = p.Nullable && (property == "next" || p.Format == "decimal")
		}
	}
	for i := range d.Operations {
		if body, found := d.Operations[i].body(); found && body.Tag.Get("media") == "" {
			d.describeInput(d.schemas.Schema(body.Type, false, ""), d.Operations[i].Closed)
		}
	}
}

// describeAs copies descriptions and accepted values from the fields of a request type
// to the fields of a response type with the same names.
func describeAs(answer, input *huma.Schema) {
	for name, p := range answer.Properties {
		if same := input.Properties[name]; same != nil && p.Description == "" {
			p.Description, p.Enum = same.Description, same.Enum
			if p.Items != nil && same.Items != nil {
				p.Items.Enum = same.Items.Enum
			}
		}
	}
}

// describeInput marks in a request schema, and in the schemas within it, what requests
// accept: no unknown fields if strict, optional fields with defaults, decimals as
// strings, and the maximum length of lists.
func (d *describer) describeInput(input *huma.Schema, strict bool) {
	if strict {
		input.AdditionalProperties = false
	}
	input.Required = slices.DeleteFunc(input.Required, func(name string) bool { return input.Properties[name].Default != nil })
	for name, p := range input.Properties {
		inner := p
		if p.Items != nil {
			inner, p.Items = p.Items, orString(p.Items)
			if p.MaxItems == nil {
				limit := d.Items
				p.MaxItems = &limit
			}
		}
		if inner.Ref != "" {
			d.describeInput(d.schemas.SchemaFromRef(inner.Ref), strict)
		}
		input.Properties[name] = orString(p)
	}
}

// orString lets a decimal in a request be a number or a string.
func orString(p *huma.Schema) *huma.Schema {
	if p.Type != huma.TypeNumber {
		return p
	}
	number := *p
	number.Description, number.Examples = "", nil
	return &huma.Schema{
		Description: p.Description, Examples: p.Examples,
		OneOf: []*huma.Schema{&number, {Type: huma.TypeString, Format: "decimal", Pattern: `^-?[0-9]+(\.[0-9]+)?$`}},
	}
}
