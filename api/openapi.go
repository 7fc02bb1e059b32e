package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/rate"
	"sofipo/view"
)

// OpenAPI is the OpenAPI 3.1 document of all operations, as JSON.
func OpenAPI() []byte { return openAPI() }

var openAPI = sync.OnceValue(func() []byte {
	document, err := json.Marshal(describe(table()))
	if err != nil {
		panic("api: the OpenAPI document: " + err.Error())
	}
	return document
})

const about = "Backend para un mini sistema de Sociedad Financiera Popular.\n\n" +
	"Money is a JSON number with two decimals in every answer; it is accepted as a number or a string of at most two decimals. " +
	"Every error has `detail` (a text, or a list of faults for 422) and the members of RFC 9457 beside it; `code` is stable. " +
	"A write may carry an `" + keyHeader + "`: repeated, it is answered again without being done again. " +
	"Its answer's `" + positionHeader + "`, sent with a later read, makes sure that the read sees the write."

// security is the name of the one security scheme, the seed's.
const security = "OAuth2PasswordBearer"

// schemaNames are the names of components that are not those of their Go types.
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[view.Statement](): "AccountStatement",
	reflect.TypeFor[LoginForm]():      "Body_login_for_access_token_api_v1_auth_token_post",
	reflect.TypeFor[Problem]():        "HTTPValidationError",
	reflect.TypeFor[Fault]():          "ValidationError",

	reflect.TypeFor[servicing.Movement](): "Payment",
	reflect.TypeFor[servicing.Amounts]():  "Components",
	reflect.TypeFor[servicing.DueLine]():  "DueInstalment",
	reflect.TypeFor[servicing.Line]():     "SplitLine",
	reflect.TypeFor[servicing.Version]():  "ScheduleVersion",
	reflect.TypeFor[schedule.Terms]():     "LoanTerms",
	reflect.TypeFor[view.Standing]():      "LoanSchedule",
	reflect.TypeFor[view.Instalment]():    "LoanInstalment",

	reflect.TypeFor[accounting.Line](): "VoucherLine",

	reflect.TypeFor[product.Late]():   "ProductMoratorium",
	reflect.TypeFor[product.Limits](): "ProductLimits",

	reflect.TypeFor[schedule.Row]():            "QuoteInstalment",
	reflect.TypeFor[schedule.Opening]():        "QuoteOpening",
	reflect.TypeFor[schedule.Totals]():         "QuoteTotals",
	reflect.TypeFor[schedule.Explanation]():    "QuoteExplanation",
	reflect.TypeFor[schedule.RowExplanation](): "QuoteInstalmentExplanation",
}

// choices has, of the types of answers that come from core, the input whose
// fields of the same names say what theirs hold and which values they have.
var choices = map[reflect.Type]reflect.Type{
	reflect.TypeFor[product.Product]():      reflect.TypeFor[ProductCreate](),
	reflect.TypeFor[product.Late]():         reflect.TypeFor[MoratoriumChoices](),
	reflect.TypeFor[product.Limits]():       reflect.TypeFor[LimitsChoices](),
	reflect.TypeFor[rate.IVA]():             reflect.TypeFor[IVAChoices](),
	reflect.TypeFor[schedule.Grace]():       reflect.TypeFor[GraceChoices](),
	reflect.TypeFor[schedule.Commission]():  reflect.TypeFor[CommissionChoices](),
	reflect.TypeFor[schedule.Commissions](): reflect.TypeFor[CommissionsChoices](),
}

// Problem is the form of every error.
type Problem struct {
	Detail faults `json:"detail" doc:"What is wrong, in English: a text, or for 422 the list of all faults."`
	Type   string `json:"type" doc:"urn:sofipo:error: and the code." example:"urn:sofipo:error:rfc_taken"`
	Title  string `json:"title" doc:"What is wrong, in Spanish if Accept-Language prefers it and in English otherwise."`
	Status int    `json:"status" doc:"The HTTP status." example:"400"`
	Code   string `json:"code" doc:"What is wrong, for programs."`
}

// Fault is one part of a request that is at fault.
type Fault struct {
	Loc []any          `json:"loc" doc:"body, path, query or header, then the name of the field or the position in the body."`
	Msg string         `json:"msg" doc:"What is accepted."`
	Typ string         `json:"type" doc:"The kind of fault." example:"value_error.missing"`
	Ctx map[string]any `json:"ctx,omitempty" doc:"The limit that was passed, and the like."`
}

type faults struct{}

// Schema is a text or a list of faults.
func (faults) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString},
		{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[Fault](), true, "")},
	}}
}

// The forms of core's types in JSON.
type (
	moneyForm  struct{}
	rateForm   struct{}
	idForm     struct{}
	dateForm   struct{}
	statusForm struct{}
	ratioForm  struct{}
)

func (moneyForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Format: "decimal"}
}

func (rateForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Format: "decimal"}
}

func (idForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

func (dateForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date"}
}

func (statusForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: loanStatuses}
}

// Schema is of per cent, or null.
func (ratioForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Format: "decimal", Nullable: true}
}

func newRegistry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		return cmp.Or(schemaNames[t], huma.DefaultSchemaNamer(t, hint))
	})
	r.RegisterTypeAlias(reflect.TypeFor[money.Amount](), reflect.TypeFor[moneyForm]())
	r.RegisterTypeAlias(reflect.TypeFor[rate.Annual](), reflect.TypeFor[rateForm]())
	r.RegisterTypeAlias(reflect.TypeFor[id.ID](), reflect.TypeFor[idForm]())
	r.RegisterTypeAlias(reflect.TypeFor[civil.Date](), reflect.TypeFor[dateForm]())
	r.RegisterTypeAlias(reflect.TypeFor[risk.Ratio](), reflect.TypeFor[ratioForm]())
	r.RegisterTypeAlias(reflect.TypeFor[loan.Status](), reflect.TypeFor[statusForm]())
	r.RegisterTypeAlias(reflect.TypeFor[servicing.Split](), reflect.TypeFor[MovementSplit]())
	return r
}

// describe makes the document of the operations.
func describe(operations []operation) *huma.OpenAPI {
	r := newRegistry()
	document := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "SOFIPO Backend API", Description: about, Version: "1.0.0", License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
		Paths:   map[string]*huma.PathItem{},
		Components: &huma.Components{Schemas: r, SecuritySchemes: map[string]*huma.SecurityScheme{security: {
			Type: "oauth2", Flows: &huma.OAuthFlows{Password: &huma.OAuthFlow{TokenURL: "/api/v1/auth/token", Scopes: map[string]string{}}},
		}}},
	}
	for i := range operations {
		o := &operations[i]
		if document.Paths[o.path] == nil {
			document.Paths[o.path] = &huma.PathItem{}
		}
		*slot(document.Paths[o.path], o.method) = o.document(r)
	}
	polish(r, operations)
	return document
}

// slot is where a path keeps the operation of a method.
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

// document describes one operation.
func (o *operation) document(r huma.Registry) *huma.Operation {
	out := &huma.Operation{
		Tags: []string{o.tag}, Summary: o.summary, OperationID: o.id, Description: o.about,
		Parameters: o.parameters(r), RequestBody: o.requestBody(r), Responses: o.responses(r),
	}
	if o.permission == "" {
		return out
	}
	holders := nouns.Holders(o.permission)
	roles := make([]string, len(holders))
	for i, role := range holders {
		roles[i] = string(role)
	}
	out.Description += fmt.Sprintf("\n\nPermission: `%s` (roles: %s).", o.permission, strings.Join(roles, ", "))
	out.Security = []map[string][]string{{security: {}}}
	if o.public {
		out.Description += " Needs no token while the setting SOFIPO_PUBLIC_READS is `full`."
		out.Security = append(out.Security, map[string][]string{})
	}
	out.Description = strings.TrimSpace(out.Description)
	out.Extensions = map[string]any{"x-sofipo-permission": string(o.permission), "x-sofipo-roles": roles}
	return out
}

// parameters are those of the address, then the headers that follow from the effect.
func (o *operation) parameters(r huma.Registry) (all []*huma.Param) {
	for _, f := range reflect.VisibleFields(o.input) {
		for _, in := range []string{"path", "query"} {
			name := f.Tag.Get(in)
			if name == "" || f.Anonymous {
				continue
			}
			schema := huma.SchemaFromField(r, f, "")
			schema.Nullable = false
			all = append(all, &huma.Param{
				Name: name, In: in, Required: in == "path",
				Schema: schema, Description: cmp.Or(f.Tag.Get("doc"), glossary[name].about), Example: glossary[name].example,
			})
		}
	}
	switch o.effect {
	case changes:
		all = append(all, headerParam(keyHeader, "1 to 255 visible ASCII characters of your choice. The same request with the same key is done once; the same key with another request is refused with 422."))
	case reads, pages:
		all = append(all, headerParam(positionHeader, "The "+positionHeader+" of an earlier answer: the answer then knows of that write."))
	}
	return append(all, headerParam("X-Request-ID", "Your correlation id, 1 to 64 letters, digits and . _ - ; it is in the logs and the events. One is made when it is left out."))
}

func headerParam(name, about string) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: about, Schema: &huma.Schema{Type: huma.TypeString}}
}

const (
	jsonMedia = "application/json"
	formMedia = "application/x-www-form-urlencoded"
	textMedia = "text/plain"
)

func (o *operation) requestBody(r huma.Registry) *huma.RequestBody {
	body, takes := o.body()
	if !takes {
		return nil
	}
	media := jsonMedia
	if body.Tag.Get("form") == "true" {
		media = formMedia
	}
	return &huma.RequestBody{Required: body.Tag.Get("body") != "optional", Content: map[string]*huma.MediaType{media: {Schema: r.Schema(body.Type, true, "")}}}
}

// responses are that of success and one for each status that a refusal may have.
func (o *operation) responses(r huma.Registry) map[string]*huma.Response {
	success := &huma.Response{Description: "Successful Response", Headers: o.headers()}
	switch {
	case o.media != "":
		success.Content = map[string]*huma.MediaType{o.media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
		success.Headers["Content-Disposition"] = &huma.Header{Description: "The name of the file.", Schema: &huma.Schema{Type: huma.TypeString}}
	case o.answer == reflect.TypeFor[string]():
		success.Content = map[string]*huma.MediaType{textMedia: {Schema: &huma.Schema{Type: huma.TypeString}}}
	case o.answer != nil:
		schema := r.Schema(o.answer, true, "")
		schema.Nullable = false
		success.Content = map[string]*huma.MediaType{jsonMedia: {Schema: schema}}
	}
	all := map[string]*huma.Response{strconv.Itoa(o.status): success}
	codes := map[int][]string{}
	for _, code := range o.codes() {
		codes[statusOf(code)] = append(codes[statusOf(code)], "`"+string(code)+"`")
	}
	for status, names := range codes {
		slices.Sort(names)
		refusal := &huma.Response{
			Description: http.StatusText(status) + ": " + strings.Join(slices.Compact(names), ", "),
			Content:     map[string]*huma.MediaType{jsonMedia: {Schema: r.Schema(reflect.TypeFor[Problem](), true, "")}},
		}
		if status == http.StatusUnauthorized {
			refusal.Headers = map[string]*huma.Header{"WWW-Authenticate": {Description: "Bearer", Schema: &huma.Schema{Type: huma.TypeString}}}
		}
		all[strconv.Itoa(status)] = refusal
	}
	return all
}

// codes are all the refusals of an operation: its own and those that follow
// from what it takes and does.
func (o *operation) codes() []fault.Code {
	all := append(slices.Clone(o.refusals), internal)
	if o.permission != "" {
		all = append(all, fault.NotAuthenticated, fault.InvalidCredentials, fault.Forbidden)
	}
	if o.effect != tells || o.input.NumField() > 0 {
		all = append(all, fault.Invalid)
	}
	if o.effect == changes {
		all = append(all, fault.IdempotencyReused)
	}
	if _, takes := o.body(); takes {
		all = append(all, fault.TooLarge, tooSlow)
	}
	if o.tag != "Root" {
		all = append(all, fault.Unavailable)
	}
	return all
}

func (o *operation) headers() map[string]*huma.Header {
	header := func(about string) *huma.Header {
		return &huma.Header{Description: about, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	all := map[string]*huma.Header{"X-Request-ID": header("The correlation id of the request.")}
	switch o.effect {
	case changes:
		all[positionHeader] = header("Where the write stands; send it with a read that must see it.")
		all[replayedHeader] = header("true when the key had been used for this very request: this is its first answer.")
	case pages:
		all["Link"] = header(`The address of the next page, rel="next"; absent at the end.`)
	}
	return all
}

// polish completes the schemas: titles, the texts of the inputs and of the
// glossary, and what the binder takes.
func polish(r huma.Registry, operations []operation) {
	for answer, input := range choices {
		describeAs(r.Schema(answer, false, ""), r.Schema(input, false, ""))
	}
	for name, schema := range r.Map() {
		schema.Title, schema.AdditionalProperties = name, nil
		for property, p := range schema.Properties {
			if note, found := noteOf(name, property); found && p.Description == "" {
				p.Description = note.about
				if note.example != nil && p.Ref == "" {
					p.Examples = []any{note.example}
				}
			}
			p.Nullable = p.Nullable && (property == "next" || p.Format == "decimal")
		}
	}
	for i := range operations {
		if body, takes := operations[i].body(); takes {
			asRead(r, r.Schema(body.Type, false, ""), body.Tag.Get("unknown") == "refused")
		}
	}
}

// describeAs gives the fields of an answer the texts and the accepted values of
// an input's fields of the same names.
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

// asRead says of the schema of an input, and of those within it, what the binder
// takes: no other fields if they are refused, none for what has a default, texts
// for decimals, and so many elements of a list.
func asRead(r huma.Registry, input *huma.Schema, strict bool) {
	if strict {
		input.AdditionalProperties = false
	}
	input.Required = slices.DeleteFunc(input.Required, func(name string) bool { return input.Properties[name].Default != nil })
	for name, p := range input.Properties {
		inner := p
		if p.Items != nil {
			inner, p.Items = p.Items, alsoText(p.Items)
			if p.MaxItems == nil {
				most := maxItems
				p.MaxItems = &most
			}
		}
		if inner.Ref != "" {
			asRead(r, r.SchemaFromRef(inner.Ref), strict)
		}
		input.Properties[name] = alsoText(p)
	}
}

// alsoText lets a decimal of an input be a text.
func alsoText(p *huma.Schema) *huma.Schema {
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

// note says what a field holds.
type note struct {
	about   string
	example any
}

// noteOf finds what is said of a property of a schema.
func noteOf(schema, property string) (n note, found bool) {
	for _, name := range []string{schema + "." + property, property} {
		if n, found = loanGlossary[name]; found {
			return n, true
		}
		if n, found = glossary[name]; found {
			return n, true
		}
	}
	return n, false
}

// glossary has the fields that several schemas share.
var glossary = map[string]note{
	"full_name":       {"The name, at most 255 characters.", "Carlos Pérez"},
	"email":           {"The e-mail address; its domain is kept in lower case.", "carlos.perez@example.com"},
	"rfc":             {"The tax identifier: 13 characters for a person, 12 for a company.", "PEPJ800101HNE"},
	"client_rfc":      {"The client's RFC, in any case of letters.", "PEPJ800101HNE"},
	"id":              {"The id.", "01980c5e-7d2c-7b65-9d0a-3f0c5a3b9e11"},
	"client_id":       {"The id of the client.", "01980c5e-7d2c-7b65-9d0a-3f0c5a3b9e11"},
	"loan_id":         {"The id of the loan.", "01980c5e-8f0a-7c11-a2b4-0a4cf3f3d1aa"},
	"created_at":      {"When the client was registered, UTC.", "2026-11-23T09:22:33.989649+00:00"},
	"amount":          {"Pesos, with two decimals.", 2500.50},
	"interest_rate":   {"The annual rate as a fraction, 0 to 1, at most six decimals.", 0.15},
	"term_months":     {"The term in months.", 24},
	"status":          {"ACTIVE, or PAID_OFF once nothing is owed.", "ACTIVE"},
	"granted_at":      {"When the loan was granted, UTC.", "2026-11-23T09:22:42.392658+00:00"},
	"current_balance": {"The outstanding principal, pesos.", 47499.00},
	"payment_date":    {"When the payment was received, UTC.", "2026-11-23T09:22:45.756296+00:00"},
	"active_loans":    {"The loans that owe by a schedule (ACTIVE or RESTRUCTURED), in the order they were applied for.", nil},
	"payment_history": {"The payments of all loans, reversed ones too, newest first.", nil},
	"event_type":      {"The type, as in /asyncapi.json.", "payment_registered"},
	"entity_id":       {"The id of what the event made or changed.", nil},
	"payload":         {"The fields of the type, as in /asyncapi.json.", nil},
	"timestamp":       {"When it happened, UTC.", "2026-11-23T09:22:45.775985Z"},
	"event_id":        {"The id of the event; AMQP's message_id.", nil},
	"sequence":        {"The place in the chain, from 1 without gaps.", 28},
	"version":         {"The version of the payload.", 1},
	"subject":         {"The client, loan, product or user whose events stay in order.", nil},
	"actor":           {"The user who asked.", "admin"},
	"correlation_id":  {"The X-Request-ID of the request.", nil},
	"business_date":   {"The business date.", "2026-11-23"},
	"previous_hash":   {"The hash of the event before it in the chain.", nil},

	// Of a quote; an explanation has the formula of each figure under its name.
	"level_payment":          {"The level payment, pesos.", nil},
	"number":                 {"The number of the instalment, from 1.", nil},
	"due_date":               {"The day on which the instalment is due.", nil},
	"nominal_date":           {"The due date before it moved to a business day.", nil},
	"days":                   {"The days of interest.", nil},
	"opening_balance":        {"The principal before the instalment, pesos.", nil},
	"principal":              {"The principal paid, pesos.", nil},
	"interest":               {"The interest to pay, pesos.", nil},
	"iva":                    {"The IVA on interest, pesos.", nil},
	"commission":             {"The commission without IVA, pesos.", nil},
	"iva_commission":         {"The IVA on the commission, pesos.", nil},
	"insurance":              {"The insurance premium, pesos.", nil},
	"total":                  {"What the client pays with the instalments, pesos.", nil},
	"balance":                {"The principal after the instalment, pesos.", nil},
	"accrued_interest":       {"The interest that the period earned, pesos; it differs from the interest to pay during grace.", nil},
	"taxable_interest":       {"The interest that IVA was computed on, pesos.", nil},
	"capitalised_interest":   {"The interest added to the principal, pesos.", nil},
	"disbursed":              {"What the client receives, pesos.", nil},
	"total_to_pay":           {"All that the client pays, with the opening commission and its IVA, pesos.", nil},
	"opening_commission":     {"The opening commission.", nil},
	"opening_iva_commission": {"The IVA on the opening commission.", nil},
	"rows":                   {"The instalments.", nil},
	"cat":                    {"The CAT without IVA.", nil},
	"cat_time":               {"How the CAT measures time.", nil},
	"product":                {"The code of the product.", "seed"},
	"product_version":        {"The version of the product.", 1},
	"Product.version":        {"The number of the version, from 1.", 1},
	"effective_to":           {"The last day on which the version is granted; absent while it has none. Before effective_from: it never began.", "2026-12-31"},
	"code":                   {"The code of the product.", "seed"},
	"hash":                   {"SHA-256 of the event without this field, hexadecimal.", nil},
	// Of an entry by hand.
	"Voucher.id":            {"The id of the voucher.", nil},
	"Voucher.entry_date":    {"The business date of the entry.", "2026-11-20"},
	"Voucher.description":   {"What it is for.", "Aportación de capital"},
	"Voucher.lines":         {"The lines, in order.", nil},
	"Voucher.status":        {"PROPOSED, POSTED or REJECTED.", "POSTED"},
	"Voucher.proposed_by":   {"The user who proposed it.", "ana"},
	"Voucher.proposed_at":   {"When, UTC.", nil},
	"Voucher.decided_by":    {"The user who posted or rejected it; absent before.", "beto"},
	"Voucher.decided_at":    {"When, UTC; absent before.", nil},
	"Voucher.entry_id":      {"The id of the entry in the books; absent unless it was posted.", nil},
	"VoucherLine.account":   {"The code of the account.", "1102"},
	"VoucherLine.debit":     {"Pesos; 0 of a credit.", nil},
	"VoucherLine.credit":    {"Pesos; 0 of a debit.", nil},
	"Period.closed_through": {"The last day that takes no entry any more.", "2026-10-31"},
}
