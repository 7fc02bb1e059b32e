// Package openapi generates the documents of a REST API: the OpenAPI document and the
// reference page from a description of the operations, and the AsyncAPI document from
// the declarations of the events.
package openapi

import (
	"encoding/json"
	"reflect"
)

// API describes an API.
type API struct {
	Title, About, Version string
	Login                 string // path of the token endpoint
	Tags                  []Tag  // in the order of the documents
	Operations            []Operation
	Examples              map[string]Example // by operation id

	Problem reflect.Type                                                       // body of every error response
	Names   map[reflect.Type]string                                            // schema names that differ from the Go type names
	Forms   map[reflect.Type]reflect.Type                                      // maps a type to the type that describes its JSON form
	Choices map[reflect.Type]reflect.Type                                      // maps a response type to the request type that describes its fields
	Note    func(schema, property string) (about string, example any, ok bool) // describes fields without a doc tag
	Items   int                                                                // default maximum length of a list in a request
}

// Tag describes a group of operations.
type Tag struct{ Name, About string }

// Example is a recorded request with its response.
type Example struct {
	Request  string          `json:"request"`            // method, path and query
	Body     json.RawMessage `json:"body,omitempty"`     // of the request; a form is a JSON object
	Status   int             `json:"status"`             // of the response
	Response json.RawMessage `json:"response,omitempty"` // body of the response; text is a JSON string
	File     string          `json:"file,omitempty"`     // Content-Disposition of the response
}

// Operation describes an operation.
type Operation struct {
	Method, Path     string // path with parameters in braces
	ID, Tag, Summary string
	About            string
	Permission       string   // empty: no token is needed
	Roles            []string // roles with the permission
	PublicIf         string   // condition under which no token is needed; empty: never
	Input            reflect.Type
	Closed           bool         // refuses unknown fields
	Output           reflect.Type // nil: no body
	Filed            reflect.Type // body of the 202 response, if the operation can be filed as a request
	Media            string       // content type of the response; empty: JSON
	Formats          []string     // other content types of the response
	Status           int          // of success
	RequestHeaders   []Header
	ResponseHeaders  []Header
	Refusals         map[int][]string // error codes by HTTP status
}

// Header describes a header.
type Header struct{ Name, About string }

// body returns the field of the input that has the request body.
func (o *Operation) body() (reflect.StructField, bool) { return o.Input.FieldByName("Body") }
