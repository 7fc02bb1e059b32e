package api

import (
	_ "embed"
	"encoding/json"
	"reflect"
	"slices"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"sofipo/api/openapi"
	"sofipo/api/seedform"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/institution"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/rate"
	"sofipo/core/screening"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
	"sofipo/core/webhook"
	"sofipo/view"
	"sofipo/web"
)

// OpenAPI returns the OpenAPI 3.1 document as JSON.
func OpenAPI() []byte { return openAPI() }

var openAPI = sync.OnceValue(func() []byte {
	document, err := json.Marshal(description().Document())
	return must("OpenAPI document", document, err)
})

// AsyncAPI returns the AsyncAPI 3.0 document of the published events as JSON.
func AsyncAPI() []byte { return asyncAPI() }

var asyncAPI = sync.OnceValue(func() []byte {
	document, err := openapi.Events(web.Version, nouns.Events(), func(member string) string { return glossary[member].about })
	return must("AsyncAPI document", document, err)
})

// referencePage is the API reference as one HTML page.
var referencePage = sync.OnceValue(func() []byte {
	page, err := description().Page()
	return must("reference page", page, err)
})

//go:embed examples.json
var recordedExamples []byte

// examples returns the recorded examples by operation id. TestExamples records them.
func examples() (all map[string]openapi.Example) {
	if err := json.Unmarshal(recordedExamples, &all); err != nil {
		panic("api: examples.json: " + err.Error())
	}
	return all
}

// must returns a document generated from declarations in the code. An error is a bug.
func must(what string, document []byte, err error) []byte {
	if err != nil {
		panic("api: the " + what + ": " + err.Error())
	}
	return document
}

const about = "Core banking for a SOFIPO, a Mexican savings and loan institution: clients, loans, payments, documents, accounting and reports.\n\n" +
	"**Authentication.** Get a token from `POST " + tokenPath + "` and send it in the `Authorization: Bearer` header. " +
	"A program that works for hours opens a session with `POST " + sessionsPath + "` and refreshes its tokens. " +
	"Each operation requires a permission, which the user's role must include.\n\n" +
	"**Amounts.** Amounts are Mexican pesos. Responses have JSON numbers with two decimals. Requests accept numbers or strings with at most two decimals.\n\n" +
	"**Dates.** Dates are `YYYY-MM-DD`. Times are UTC. The business date is a date in the institution's time zone.\n\n" +
	"**Errors.** An error has the members of RFC 9457 `type`, `title` and `status`, and `detail`: a text or, with status 422, a list of invalid fields. " +
	"Programs should use `code`, which is stable. `title` and the messages in `errors` are in Spanish if `Accept-Language` prefers it.\n\n" +
	"**Retries.** Send an `" + keyHeader + "` with a write. If the request is repeated with the same key, the first response is returned and nothing is done twice.\n\n" +
	"**Reading your own writes.** A write returns a commit token in the `" + tokenHeader + "` header. Send it with a later read to be sure that the read includes the write.\n\n" +
	"**Pages.** Lists return one page. The `Link` header has the URL of the next page and, in lists that accept `before`, of the previous one."

// tags describe the groups of operations, in the order of the documents.
var tags = []openapi.Tag{
	{Name: "Authentication", About: "Get access tokens, and list and end sessions."},
	{Name: tillsTag, About: "Open, count and close tills, and move money between tills, vaults and bank accounts."},
	{Name: staffTag, About: "Manage users, roles and branches, and assign clients to officers."},
	{Name: "Clients", About: "Register, find, change and delete clients (socios)."},
	{Name: filesTag, About: "Keep the files of clients: identification, addresses, accounts, consents, documents and notes."},
	{Name: loansTag, About: "Quote, grant and service loans: applications, approvals, disbursements, payments, restructures, write-offs and recoveries."},
	{Name: authorityTag, About: "Decide what waits for a second person: requests for operations beyond a limit, applications and manual entries."},
	{Name: collectionsTag, About: "Collect overdue loans: work list, contacts, visits, promises to pay, notes and collectors."},
	{Name: screeningTag, About: "Import lists of blocked persons and of persons who need attention, and decide on the matches of clients with them."},
	{Name: institutionTag, About: "Read and change the data of the institution, which documents show, and its logo."},
	{Name: productsTag, About: "Define loan products. A change creates a new version; existing loans keep theirs."},
	{Name: documentsTag, About: "Download documents for clients as PDF or CSV, in Spanish: amortization tables, receipts, letters and statements."},
	{Name: booksTag, About: "Read the accounting books, post manual entries and close accounting periods."},
	{Name: incomingTag, About: "Import the payment files of banks and resolve unidentified deposits."},
	{Name: importsTag, About: "Take over clients, loans, payments and opening balances from files of another system: upload, preview, confirm."},
	{Name: daysTag, About: "Close business days and see which days are closed."},
	{Name: reportsTag, About: "Analyse the portfolio: delinquency, collections, cash and daily positions."},
	{Name: webhooksTag, About: "Deliver events to other systems by signed HTTP requests."},
	{Name: "Events", About: "Read the log of business events. See /asyncapi.json for the event types."},
	{Name: "System", About: "Monitor the service."},
	{Name: "Root", About: "Get a greeting."},
}

// description returns the description of the API.
func description() openapi.API {
	d := openapi.API{
		Title: "SOFIPO Backend API", About: about, Version: web.Version, Login: tokenPath,
		Problem: reflect.TypeFor[Problem](), Names: schemaNames, Tags: tags, Examples: examples(), Forms: forms, Choices: choices, Note: noteOf, Items: seedform.DefaultItems,
	}
	for _, o := range table() {
		d.Operations = append(d.Operations, o.describe())
	}
	return d
}

// describe returns the description of the operation.
func (o *operation) describe() openapi.Operation {
	out := openapi.Operation{
		Method: o.method, Path: o.path, ID: o.id, Tag: o.tag, Summary: o.summary, About: o.about,
		Permission: string(o.permission), Input: o.input, Closed: !o.seed, Output: o.answer, Media: o.media, Formats: o.formats, Status: o.status,
		RequestHeaders: o.requestHeaders(), ResponseHeaders: o.responseHeaders(), Refusals: o.codes(),
	}
	if _, can := o.input.FieldByName("RequestReason"); can {
		out.Filed = reflect.TypeFor[authority.Request]()
	}
	if o.public {
		out.PublicIf = "`SOFIPO_PUBLIC_READS` is `full`"
	}
	for _, role := range nouns.Holders(o.permission) {
		out.Roles = append(out.Roles, string(role))
	}
	return out
}

// requestHeaders returns the request headers, which depend on the effect of the operation.
func (o *operation) requestHeaders() []openapi.Header {
	correlation := openapi.Header{Name: "X-Request-ID", About: "Correlation id for logs and events: 1 to 64 letters, digits, dots, underscores and hyphens. Generated if omitted."}
	switch o.effect {
	case writes:
		return []openapi.Header{{Name: keyHeader, About: "Key that makes the request safe to retry: 1 to 255 visible ASCII characters, unique per request. Reusing a key with a different request is refused with 422."}, correlation}
	case reads, lists:
		return []openapi.Header{{Name: tokenHeader, About: "Commit token of an earlier write. The response includes that write."}, correlation}
	}
	return []openapi.Header{correlation}
}

// responseHeaders returns the headers of a successful response.
func (o *operation) responseHeaders() []openapi.Header {
	all := []openapi.Header{
		{Name: "X-Request-ID", About: "Correlation id of the request."},
		{Name: dateHeader, About: "Business date of a server for training, which has another date than today. Absent on others."},
	}
	switch o.effect {
	case writes:
		return append(all,
			openapi.Header{Name: tokenHeader, About: "Commit token of the write. Send it with a read that must include the write."},
			openapi.Header{Name: replayedHeader, About: "true if the response is the stored response to an earlier request with the same Idempotency-Key."})
	case lists:
		return append(all, openapi.Header{Name: "Link", About: `URL of the next page, with rel="next", absent on the last page. Lists that accept before also have the URL of the previous page, with rel="prev".`})
	}
	if o.dated {
		all = append(all, openapi.Header{Name: periodHeader, About: "First and last date of the statement: YYYY-MM-DD/YYYY-MM-DD. A requested period that begins earlier or ends later than the data is shortened."})
	}
	return all
}

// codes returns the error codes of an operation by HTTP status: its own and those of
// every operation with the same kind of input and effect.
func (o *operation) codes() map[int][]string {
	all := append(slices.Clone(o.refusals), web.Internal, fault.Invalid)
	if o.permission != "" {
		all = append(all, access.NotAuthenticated, access.InvalidCredentials, access.Forbidden)
	}
	if o.effect == writes {
		all = append(all, fault.IdempotencyReused)
		if slices.Contains(o.refusals, client.NotFound) && !slices.Contains(o.refusals, client.Withheld) {
			all = append(all, client.Withheld)
		}
	}
	if _, takes := o.input.FieldByName("Body"); takes {
		all = append(all, fault.TooLarge, web.TooSlow)
	}
	if o.tag != "Root" {
		all = append(all, fault.Unavailable, access.TooManyRequests)
	}
	byStatus := map[int][]string{}
	for _, code := range all {
		byStatus[web.Status(code)] = append(byStatus[web.Status(code)], string(code))
	}
	return byStatus
}

// schemaNames are the schema names that differ from the names of the Go types.
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

	reflect.TypeFor[collections.Contact]():    "CollectionContact",
	reflect.TypeFor[collections.Promise]():    "PaymentPromise",
	reflect.TypeFor[collections.Note]():       "CollectionNote",
	reflect.TypeFor[collections.Assignment](): "CollectorAssignment",

	reflect.TypeFor[accounting.Line](): "ManualEntryLine",

	reflect.TypeFor[settlement.Session]():       "TillSession",
	reflect.TypeFor[staff.Session]():            "UserSession",
	reflect.TypeFor[view.WebhookRead]():         "WebhookState",
	reflect.TypeFor[webhook.Progress]():         "WebhookProgress",
	reflect.TypeFor[webhook.Delivery]():         "WebhookDelivery",
	reflect.TypeFor[settlement.CashMove]():      "CashMove",
	reflect.TypeFor[settlement.Count]():         "CashCount",
	reflect.TypeFor[settlement.Pieces]():        "CashPieces",
	reflect.TypeFor[settlement.Account]():       "BankAccount",
	reflect.TypeFor[institution.Contact]():      "InstitutionContact",
	reflect.TypeFor[institution.Registration](): "InstitutionRegistration",
	reflect.TypeFor[institution.Logo]():         "InstitutionLogo",

	reflect.TypeFor[screening.List]():    "ScreeningList",
	reflect.TypeFor[screening.Version](): "ScreeningVersion",
	reflect.TypeFor[screening.BadRow]():  "ScreeningBadRow",
	reflect.TypeFor[screening.Alert]():   "ScreeningAlert",
	reflect.TypeFor[screening.Entry]():   "ScreeningEntry",
	reflect.TypeFor[incoming.Payment]():  "IncomingPayment",
	reflect.TypeFor[incoming.File]():     "ImportedFile",
	reflect.TypeFor[incoming.Layout]():   "FileLayout",
	reflect.TypeFor[bankfile.Column]():   "FileColumn",

	reflect.TypeFor[product.PenaltyTerms](): "ProductPenaltyInterest",
	reflect.TypeFor[product.Limits]():       "ProductLimits",

	reflect.TypeFor[schedule.Row]():            "QuoteInstalment",
	reflect.TypeFor[schedule.Opening]():        "QuoteOpening",
	reflect.TypeFor[schedule.Totals]():         "QuoteTotals",
	reflect.TypeFor[schedule.Explanation]():    "QuoteExplanation",
	reflect.TypeFor[schedule.RowExplanation](): "QuoteInstalmentExplanation",
}

// choices maps response types of core to the request type whose fields of the same
// name have their descriptions and accepted values.
var choices = map[reflect.Type]reflect.Type{
	reflect.TypeFor[product.Product]():      reflect.TypeFor[ProductCreate](),
	reflect.TypeFor[product.PenaltyTerms](): reflect.TypeFor[PenaltyInterestChoices](),
	reflect.TypeFor[product.Limits]():       reflect.TypeFor[LimitsChoices](),
	reflect.TypeFor[rate.IVA]():             reflect.TypeFor[IVAChoices](),

	reflect.TypeFor[institution.Institution]():  reflect.TypeFor[InstitutionData](),
	reflect.TypeFor[institution.Contact]():      reflect.TypeFor[ContactData](),
	reflect.TypeFor[institution.Registration](): reflect.TypeFor[RegistrationData](),

	reflect.TypeFor[schedule.Grace](): reflect.TypeFor[GraceChoices](),
	reflect.TypeFor[schedule.Fee]():   reflect.TypeFor[FeeChoices](),
	reflect.TypeFor[schedule.Fees]():  reflect.TypeFor[FeesChoices](),
}

// Problem is the body of every error response.
type Problem struct {
	Detail faults       `json:"detail" doc:"Error in English: a text or, with status 422, a list of invalid fields."`
	Type   string       `json:"type" doc:"URI of the error type: urn:sofipo:error: followed by the code." example:"urn:sofipo:error:rfc_taken"`
	Title  string       `json:"title" doc:"Error message, in Spanish if Accept-Language prefers it, otherwise in English."`
	Status int          `json:"status" doc:"HTTP status." example:"400"`
	Code   string       `json:"code" doc:"Stable error code."`
	Errors []FieldError `json:"errors,omitempty" doc:"Invalid fields, with messages in the language of the title."`
}

// Fault is one invalid part of a request.
type Fault struct {
	Loc []any          `json:"loc" doc:"Location: body, path, query or header, followed by the field name or the position in the body."`
	Msg string         `json:"msg" doc:"Error message."`
	Typ string         `json:"type" doc:"Kind of error." example:"value_error.missing"`
	Ctx map[string]any `json:"ctx,omitempty" doc:"Further data, such as the limit that was exceeded."`
}

// FieldError is the error of one field.
type FieldError struct {
	Field   string `json:"field" doc:"Path of the field with dots, such as lines.3.account, or body if the whole body is invalid." example:"amount"`
	Message string `json:"message" doc:"Error message for people." example:"must be above 0"`
	Rule    string `json:"rule" doc:"Violated rule, for programs." example:"positive"`
}

type faults struct{}

// Schema describes a text or a list of faults.
func (faults) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString},
		{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[Fault](), true, "")},
	}}
}

// forms maps types of core to the types that describe their JSON form.
var forms = map[reflect.Type]reflect.Type{
	reflect.TypeFor[money.Amount]():        reflect.TypeFor[openapi.Decimal](),
	reflect.TypeFor[money.Total]():         reflect.TypeFor[openapi.Decimal](),
	reflect.TypeFor[rate.Annual]():         reflect.TypeFor[openapi.Decimal](),
	reflect.TypeFor[id.ID]():               reflect.TypeFor[openapi.UUID](),
	reflect.TypeFor[civil.Date]():          reflect.TypeFor[openapi.Date](),
	reflect.TypeFor[risk.Ratio]():          reflect.TypeFor[openapi.DecimalOrNull](),
	reflect.TypeFor[loan.Status]():         reflect.TypeFor[statusForm](),
	reflect.TypeFor[servicing.Split]():     reflect.TypeFor[TransactionSplit](),
	reflect.TypeFor[civil.Month]():         reflect.TypeFor[string](),
	reflect.TypeFor[authority.Command]():   reflect.TypeFor[map[string]any](),
	reflect.TypeFor[json.RawMessage]():     reflect.TypeFor[map[string]any](),
	reflect.TypeFor[folio.Number]():        reflect.TypeFor[string](),
	reflect.TypeFor[collections.Degrees](): reflect.TypeFor[openapi.Decimal](),
}

type statusForm struct{}

// Schema describes the states of a loan.
func (statusForm) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: loanStatuses}
}
