package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"sofipo/api/openapi"
	"sofipo/api/seedform"
	"sofipo/core/access"
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
	"sofipo/web"
)

// OpenAPI is the OpenAPI 3.1 document of all operations, as JSON.
func OpenAPI() []byte { return openAPI() }

var openAPI = sync.OnceValue(func() []byte {
	document, err := json.Marshal(description().Document())
	return must("OpenAPI document", document, err)
})

// AsyncAPI is the AsyncAPI 3.0 document of the events that are published, as JSON.
func AsyncAPI() []byte { return asyncAPI() }

var asyncAPI = sync.OnceValue(func() []byte {
	document, err := openapi.Events(nouns.Events(), func(member string) string { return glossary[member].about })
	return must("AsyncAPI document", document, err)
})

// readingPage shows all operations and schemas on one page.
var readingPage = sync.OnceValue(func() []byte {
	page, err := description().Page()
	return must("reading page", page, err)
})

// must gives a document that is made of what the program declares.
func must(what string, document []byte, err error) []byte {
	if err != nil {
		panic("api: the " + what + ": " + err.Error())
	}
	return document
}

const about = "Backend para un mini sistema de Sociedad Financiera Popular.\n\n" +
	"Money is a JSON number with two decimals in every answer; it is accepted as a number or a string of at most two decimals. " +
	"Every error has `detail` (a text, or a list of faults for 422) and the members of RFC 9457 beside it; `code` is stable. " +
	"`title` and the messages of `errors` are in Spanish if `Accept-Language` prefers it. " +
	"A write may carry an `" + keyHeader + "`: repeated, it is answered again without being done again. " +
	"Its answer's `" + tokenHeader + "`, sent with a later read, makes sure that the read sees the write."

// description describes the API for its documents.
func description() openapi.API {
	d := openapi.API{
		Title: "SOFIPO Backend API", About: about, Version: "1.0.0", Login: tokenPath,
		Problem: reflect.TypeFor[Problem](), Names: schemaNames, Forms: forms, Choices: choices, Note: noteOf, Items: seedform.DefaultItems,
	}
	for _, o := range table() {
		d.Operations = append(d.Operations, o.describe())
	}
	return d
}

// describe describes the operation for the documents.
func (o *operation) describe() openapi.Operation {
	out := openapi.Operation{
		Method: o.method, Path: o.path, ID: o.id, Tag: o.tag, Summary: o.summary, About: o.about,
		Permission: string(o.permission), Takes: o.input, Answers: o.answer, Media: o.media, Status: o.status,
		Headers: o.asks(), Sends: o.sends(), Refusals: o.codes(),
	}
	if o.public {
		out.PublicIf = "the setting SOFIPO_PUBLIC_READS is `full`"
	}
	for _, role := range nouns.Holders(o.permission) {
		out.Roles = append(out.Roles, string(role))
	}
	return out
}

// asks are the headers of a request, which follow from what the operation does.
func (o *operation) asks() []openapi.Header {
	correlation := openapi.Header{Name: "X-Request-ID", About: "Your correlation id, 1 to 64 letters, digits and . _ - ; it is in the logs and the events. One is made when it is left out."}
	switch o.effect {
	case changes:
		return []openapi.Header{{Name: keyHeader, About: "1 to 255 visible ASCII characters of your choice. The same request with the same key is done once; the same key with another request is refused with 422."}, correlation}
	case reads, pages:
		return []openapi.Header{{Name: tokenHeader, About: "The " + tokenHeader + " of an earlier answer: the answer then knows of that write."}, correlation}
	}
	return []openapi.Header{correlation}
}

// sends are the headers of the answer.
func (o *operation) sends() []openapi.Header {
	all := []openapi.Header{{Name: "X-Request-ID", About: "The correlation id of the request."}}
	switch o.effect {
	case changes:
		return append(all,
			openapi.Header{Name: tokenHeader, About: "Where the write stands; send it with a read that must see it."},
			openapi.Header{Name: replayedHeader, About: "true when the key had been used for this very request: this is its first answer."})
	case pages:
		return append(all, openapi.Header{Name: "Link", About: `The address of the next page, rel="next"; absent at the end.`})
	}
	return all
}

// codes are all the refusals of an operation by their status: its own and those that
// follow from what it takes and does.
func (o *operation) codes() map[int][]string {
	all := append(slices.Clone(o.refusals), web.Internal)
	if o.permission != "" {
		all = append(all, access.NotAuthenticated, access.InvalidCredentials, access.Forbidden)
	}
	if o.effect != tells || o.input.NumField() > 0 {
		all = append(all, fault.Invalid)
	}
	if o.effect == changes {
		all = append(all, fault.IdempotencyReused)
	}
	if _, takes := o.input.FieldByName("Body"); takes {
		all = append(all, fault.TooLarge, web.TooSlow)
	}
	if o.tag != "Root" {
		all = append(all, fault.Unavailable)
	}
	byStatus := map[int][]string{}
	for _, code := range all {
		byStatus[web.Status(code)] = append(byStatus[web.Status(code)], string(code))
	}
	return byStatus
}

// schemaNames are the names of components that are not those of their Go types.
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[LoginForm]():  "Body_login_for_access_token_api_v1_auth_token_post",
	reflect.TypeFor[Problem]():    "HTTPValidationError",
	reflect.TypeFor[Fault]():      "ValidationError",
	reflect.TypeFor[FieldError](): "FieldError",

	reflect.TypeFor[servicing.Transaction](): "Payment",
	reflect.TypeFor[servicing.Amounts]():     "Components",
	reflect.TypeFor[servicing.DueLine]():     "DueInstalment",
	reflect.TypeFor[servicing.Line]():        "SplitLine",
	reflect.TypeFor[servicing.Version]():     "ScheduleVersion",
	reflect.TypeFor[schedule.Terms]():        "LoanTerms",

	reflect.TypeFor[accounting.Line](): "ManualEntryLine",

	reflect.TypeFor[product.PenaltyTerms](): "ProductMoratorium",
	reflect.TypeFor[product.Limits]():       "ProductLimits",

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
	reflect.TypeFor[product.PenaltyTerms](): reflect.TypeFor[PenaltyInterestChoices](),
	reflect.TypeFor[product.Limits]():       reflect.TypeFor[LimitsChoices](),
	reflect.TypeFor[rate.IVA]():             reflect.TypeFor[IVAChoices](),
	reflect.TypeFor[schedule.Grace]():       reflect.TypeFor[GraceChoices](),
	reflect.TypeFor[schedule.Fee]():         reflect.TypeFor[FeeChoices](),
	reflect.TypeFor[schedule.Fees]():        reflect.TypeFor[FeesChoices](),
}

// Problem is the form of every error.
type Problem struct {
	Detail faults       `json:"detail" doc:"What is wrong, in English: a text, or for 422 the list of all faults."`
	Type   string       `json:"type" doc:"urn:sofipo:error: and the code." example:"urn:sofipo:error:rfc_taken"`
	Title  string       `json:"title" doc:"What is wrong, in Spanish if Accept-Language prefers it and in English otherwise."`
	Status int          `json:"status" doc:"The HTTP status." example:"400"`
	Code   string       `json:"code" doc:"What is wrong, for programs."`
	Errors []FieldError `json:"errors,omitempty" doc:"The fields at fault, in the language of the title."`
}

// Fault is one part of a request that is at fault.
type Fault struct {
	Loc []any          `json:"loc" doc:"body, path, query or header, then the name of the field or the position in the body."`
	Msg string         `json:"msg" doc:"What is accepted."`
	Typ string         `json:"type" doc:"The kind of fault." example:"value_error.missing"`
	Ctx map[string]any `json:"ctx,omitempty" doc:"The limit that was passed, and the like."`
}

// FieldError is what is wrong with a field.
type FieldError struct {
	Field   string `json:"field" doc:"The path of the field with dots, such as lines.3.account; body if the body as a whole is at fault." example:"amount"`
	Message string `json:"message" doc:"What is wrong, for people." example:"must be above 0"`
	Rule    string `json:"rule" doc:"The rule that is broken, for programs." example:"positive"`
}

type faults struct{}

// Schema is a text or a list of faults.
func (faults) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString},
		{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[Fault](), true, "")},
	}}
}

// forms are the types whose forms in JSON stand for those of core's types.
var forms = map[reflect.Type]reflect.Type{
	reflect.TypeFor[money.Amount]():    reflect.TypeFor[openapi.Decimal](),
	reflect.TypeFor[rate.Annual]():     reflect.TypeFor[openapi.Decimal](),
	reflect.TypeFor[id.ID]():           reflect.TypeFor[openapi.UUID](),
	reflect.TypeFor[civil.Date]():      reflect.TypeFor[openapi.Date](),
	reflect.TypeFor[risk.Ratio]():      reflect.TypeFor[openapi.DecimalOrNull](),
	reflect.TypeFor[loan.Status]():     reflect.TypeFor[statusForm](),
	reflect.TypeFor[servicing.Split](): reflect.TypeFor[TransactionSplit](),
	reflect.TypeFor[civil.Month]():     reflect.TypeFor[string](),
}

type statusForm struct{}

// Schema is one of the states of a loan.
func (statusForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: loanStatuses}
}
