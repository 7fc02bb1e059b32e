// Package openapi writes the documents of a REST API: the OpenAPI document and a page
// to read from a description of the operations, and the AsyncAPI document from the
// declarations of the events.
package openapi

import "reflect"

// API describes an API.
type API struct {
	Title, About, Version string
	Login                 string // the path that gives tokens
	Operations            []Operation

	Problem reflect.Type                                                       // the body of every refusal
	Names   map[reflect.Type]string                                            // of components that are not those of their Go types
	Forms   map[reflect.Type]reflect.Type                                      // of types, the type whose form in JSON they have
	Choices map[reflect.Type]reflect.Type                                      // of types of answers, the input whose fields of the same names describe theirs
	Note    func(schema, property string) (about string, example any, ok bool) // on properties that do not describe themselves
	Items   int                                                                // the most elements of a list that does not say so
}

// Operation describes an operation.
type Operation struct {
	Method, Path     string // the path with its parts in braces
	ID, Tag, Summary string
	About            string
	Permission       string   // empty: nobody is asked who they are
	Roles            []string // that have the permission
	PublicIf         string   // when it needs no token, if ever
	Takes            reflect.Type
	Answers          reflect.Type // nil: no body
	Media            string       // of the answer, if it is not JSON
	Status           int          // of success
	Headers          []Header     // of the request
	Sends            []Header     // of the answer
	Refusals         map[int][]string
}

// Header describes a header.
type Header struct{ Name, About string }

// body is the field of the input that the body fills.
func (o *Operation) body() (reflect.StructField, bool) { return o.Takes.FieldByName("Body") }
