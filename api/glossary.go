package api

// note describes a field.
type note struct {
	about   string
	example any
}

// noteOf returns the note on a property of a schema or, if schema is empty, on a parameter.
func noteOf(schema, property string) (about string, example any, found bool) {
	if schema == "" {
		n, found := glossary[property]
		return n.about, n.example, found
	}
	for _, name := range []string{schema + "." + property, property} {
		for _, notes := range []map[string]note{loanGlossary, glossary} {
			if n, found := notes[name]; found {
				return n.about, n.example, true
			}
		}
	}
	return "", nil, false
}

// glossary describes the fields that several schemas share.
var glossary = map[string]note{
	"full_name":       {"Full name, at most 255 characters that documents can show: Latin, Greek and Cyrillic letters, digits, punctuation and symbols. Only the demo accepts an empty name.", "Carlos Pérez"},
	"email":           {"Email address. The domain is stored in lower case.", "carlos.perez@example.com"},
	"rfc":             {"RFC (tax identifier): 13 characters for a person, 12 for a company.", "PEPJ800101HNE"},
	"client_rfc":      {"RFC of the client, in upper or lower case.", "PEPJ800101HNE"},
	"id":              {"Id.", "01980c5e-7d2c-7b65-9d0a-3f0c5a3b9e11"},
	"client_id":       {"Client id.", "01980c5e-7d2c-7b65-9d0a-3f0c5a3b9e11"},
	"loan_id":         {"Loan id.", "01980c5e-8f0a-7c11-a2b4-0a4cf3f3d1aa"},
	"transaction_id":  {"Transaction id.", "01980c5e-9a1b-7f32-8c44-6d1e2b7a5f03"},
	"created_at":      {"Time of registration, UTC.", "2026-11-23T09:22:33.989649+00:00"},
	"amount":          {"Amount in pesos, with two decimals.", 2500.50},
	"interest_rate":   {"Annual rate as a fraction, 0 to 1, with at most six decimals.", 0.15},
	"term_months":     {"Term in months.", 24},
	"status":          {"Status of the loan.", "ACTIVE"},
	"granted_at":      {"Time of disbursement, UTC.", "2026-11-23T09:22:42.392658+00:00"},
	"current_balance": {"Outstanding principal, in pesos.", 47499.00},
	"payment_date":    {"Time of registration, UTC.", "2026-11-23T09:22:45.756296+00:00"},
	"active_loans":    {"ACTIVE and RESTRUCTURED loans, in the order of their applications.", nil},
	"payment_history": {"Payments of all loans, newest first, including reversed payments.", nil},
	"event_type":      {"Event type, as listed in /asyncapi.json.", "payment_registered"},
	"entity_id":       {"Id of the entity that the event created or changed.", nil},
	"payload":         {"Data of the event, as described in /asyncapi.json.", nil},
	"timestamp":       {"Time of the event, UTC.", "2026-11-23T09:22:45.775985Z"},
	"event_id":        {"Event id, also the AMQP message_id.", nil},
	"sequence":        {"Position in the event chain, from 1 without gaps.", 28},
	"epoch":           {"Epoch of the event chain: the Unix time at which it began. Absent in the first epoch.", nil},
	"version":         {"Version of the payload.", 1},
	"subject":         {"Id of the client, loan, product, user, manual entry, day or period. Events with the same subject are delivered in order.", nil},
	"actor":           {"User who sent the request.", "admin"},
	"correlation_id":  {"X-Request-ID of the request.", nil},
	"business_date":   {"Business date.", "2026-11-23"},
	"previous_hash":   {"Hash of the previous event in the chain.", nil},

	// Fields of a quote. An explanation has the formula of each figure under the same name.
	"level_payment":         {"Level payment, in pesos.", nil},
	"number":                {"Number of the instalment, from 1.", nil},
	"due_date":              {"Due date.", nil},
	"nominal_date":          {"Due date before it was moved to a business day.", nil},
	"days":                  {"Days of interest.", nil},
	"opening_balance":       {"Principal before the instalment, in pesos.", nil},
	"principal":             {"Principal, in pesos.", nil},
	"interest":              {"Interest, in pesos.", nil},
	"iva":                   {"IVA on interest, in pesos.", nil},
	"fee":                   {"Fee without IVA, in pesos.", nil},
	"iva_fee":               {"IVA on the fee, in pesos.", nil},
	"insurance":             {"Insurance premium, in pesos.", nil},
	"total":                 {"Total of the instalments, in pesos.", nil},
	"QuoteInstalment.total": {"Total of the instalment, in pesos.", nil},
	"balance":               {"Principal after the instalment, in pesos.", nil},
	"accrued_interest":      {"Interest accrued in the period, in pesos. It differs from the interest to pay during grace periods.", nil},
	"taxable_interest":      {"Interest subject to IVA, in pesos.", nil},
	"capitalised_interest":  {"Interest added to the principal, in pesos.", nil},
	"disbursed":             {"Amount paid to the client, in pesos.", nil},
	"total_to_pay":          {"Total cost for the client including the origination fee and its IVA, in pesos.", nil},
	"origination_fee":       {"Origination fee.", nil},
	"iva_origination_fee":   {"IVA on the origination fee.", nil},
	"rows":                  {"Instalments.", nil},
	"cat":                   {"CAT without IVA, in per cent.", nil},
	"cat_time":              {"Time measure of the CAT: periods or days.", nil},
	"rules":                 {"Version of the calculation rules. Absent for loans from before version 2.", nil},
	"product":               {"Product code.", "seed"},
	"product_version":       {"Product version.", 1},
	"Product.version":       {"Version number, from 1.", 1},
	"effective_to":          {"Last date on which new loans use this version. Absent if open-ended. A date before effective_from means that the version never took effect.", "2026-12-31"},
	"code":                  {"Product code.", "seed"},
	"hash":                  {"SHA-256 of the event without this field, in hexadecimal.", nil},
	// Fields of a manual entry.
	"ManualEntry.id":          {"Manual entry id.", nil},
	"ManualEntry.entry_date":  {"Business date of the entry.", "2026-11-20"},
	"ManualEntry.description": {"Description.", "Aportación de capital"},
	"ManualEntry.lines":       {"Lines, in order.", nil},
	"ManualEntry.status":      {"Status: PROPOSED, POSTED or REJECTED.", "POSTED"},
	"ManualEntry.proposed_by": {"User who proposed the entry.", "ana"},
	"ManualEntry.proposed_at": {"Time of the proposal, UTC.", nil},
	"ManualEntry.decided_by":  {"User who posted or rejected the entry. Absent until then.", "beto"},
	"ManualEntry.decided_at":  {"Time of the decision, UTC. Absent until then.", nil},
	"ManualEntry.entry_id":    {"Id of the journal entry. Present only if the manual entry was posted.", nil},
	"ManualEntryLine.account": {"Account code.", "1102"},
	"ManualEntryLine.debit":   {"Debit in pesos. 0 in a credit line.", nil},
	"ManualEntryLine.credit":  {"Credit in pesos. 0 in a debit line.", nil},
	"Period.closed_through":   {"Last date of the last closed month.", "2026-10-31"},
}
