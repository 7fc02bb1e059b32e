package api

// note says what a field holds.
type note struct {
	about   string
	example any
}

// noteOf finds what is said of a property of a schema, or of a parameter, whose schema
// has no name.
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
	"level_payment":        {"The level payment, pesos.", nil},
	"number":               {"The number of the instalment, from 1.", nil},
	"due_date":             {"The day on which the instalment is due.", nil},
	"nominal_date":         {"The due date before it moved to a business day.", nil},
	"days":                 {"The days of interest.", nil},
	"opening_balance":      {"The principal before the instalment, pesos.", nil},
	"principal":            {"The principal paid, pesos.", nil},
	"interest":             {"The interest to pay, pesos.", nil},
	"iva":                  {"The IVA on interest, pesos.", nil},
	"fee":                  {"The fee without IVA, pesos.", nil},
	"iva_fee":              {"The IVA on the fee, pesos.", nil},
	"insurance":            {"The insurance premium, pesos.", nil},
	"total":                {"What the client pays with the instalments, pesos.", nil},
	"balance":              {"The principal after the instalment, pesos.", nil},
	"accrued_interest":     {"The interest that the period earned, pesos; it differs from the interest to pay during grace.", nil},
	"taxable_interest":     {"The interest that IVA was computed on, pesos.", nil},
	"capitalised_interest": {"The interest added to the principal, pesos.", nil},
	"disbursed":            {"What the client receives, pesos.", nil},
	"total_to_pay":         {"All that the client pays, with the origination fee and its IVA, pesos.", nil},
	"origination_fee":      {"The origination fee.", nil},
	"iva_origination_fee":  {"The IVA on the origination fee.", nil},
	"rows":                 {"The instalments.", nil},
	"cat":                  {"The CAT without IVA.", nil},
	"cat_time":             {"How the CAT measures time.", nil},
	"product":              {"The code of the product.", "seed"},
	"product_version":      {"The version of the product.", 1},
	"Product.version":      {"The number of the version, from 1.", 1},
	"effective_to":         {"The last day on which the version is granted; absent while it has none. Before effective_from: it never began.", "2026-12-31"},
	"code":                 {"The code of the product.", "seed"},
	"hash":                 {"SHA-256 of the event without this field, hexadecimal.", nil},
	// Of an entry by hand.
	"ManualEntry.id":          {"The id of the manual entry.", nil},
	"ManualEntry.entry_date":  {"The business date of the entry.", "2026-11-20"},
	"ManualEntry.description": {"What it is for.", "Aportación de capital"},
	"ManualEntry.lines":       {"The lines, in order.", nil},
	"ManualEntry.status":      {"PROPOSED, POSTED or REJECTED.", "POSTED"},
	"ManualEntry.proposed_by": {"The user who proposed it.", "ana"},
	"ManualEntry.proposed_at": {"When, UTC.", nil},
	"ManualEntry.decided_by":  {"The user who posted or rejected it; absent before.", "beto"},
	"ManualEntry.decided_at":  {"When, UTC; absent before.", nil},
	"ManualEntry.entry_id":    {"The id of the entry in the books; absent unless it was posted.", nil},
	"ManualEntryLine.account": {"The code of the account.", "1102"},
	"ManualEntryLine.debit":   {"Pesos; 0 of a credit.", nil},
	"ManualEntryLine.credit":  {"Pesos; 0 of a debit.", nil},
	"Period.closed_through":   {"The last day that takes no entry any more.", "2026-10-31"},
}
