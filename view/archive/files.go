package archive

import (
	"encoding/json"
	"fmt"
	"slices"

	requests "sofipo/bank/authority"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	institutions "sofipo/bank/institution"
	"sofipo/bank/lending"
	screens "sofipo/bank/screening"
	tills "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/screening"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Files returns the files of an archive in their order, without the event log.
func Files() []File {
	p := products{}
	return slices.Concat(institutionFiles(), clientFiles(), clientHistory(), p.loanFiles(), collectionFiles(), bookFiles(), tillFiles(), incomingFiles(), controlFiles())
}

func institutionFiles() []File {
	type row = institutions.Row
	type role struct {
		name, title, scope, permissions, limits string
	}
	return []File{
		file("institution", "The institution; no line before its data were set.", source[row]{from: "institution", columns: institutions.Institutions.Columns, read: institutions.Institutions.Read},
			of("name", "Trade name.", func(r *row) any { return r.Name }),
			of("legal_name", "Legal name.", func(r *row) any { return r.LegalName }),
			of("rfc", "RFC.", func(r *row) any { return r.RFC }),
			of("details", "All data, as `GET /api/v1/institution` answers.", func(r *row) any { return r.Institution }),
		),
		file("branches", "Branches, closed ones too.", source[staff.Branch]{from: "branches ORDER BY id", columns: staffing.Branches.Columns},
			of("id", "Branch.", func(o *staff.Branch) any { return o.ID }),
			of("code", "Code.", func(o *staff.Branch) any { return o.Code }),
			of("name", "Name.", func(o *staff.Branch) any { return o.Name }),
			of("address", "Address.", func(o *staff.Branch) any { return o.Address }),
			of("phone", "Telephone number.", func(o *staff.Branch) any { return o.Phone }),
			of("closed", "Whether it is closed.", func(o *staff.Branch) any { return o.Closed }),
			of("created_at", "Time of the opening.", func(o *staff.Branch) any { return o.CreatedAt }),
		),
		file("users", "Users and service accounts. Passwords, second factors, API keys and sessions are in no archive.",
			source[staff.User]{from: "users ORDER BY username", columns: staffing.Users.Columns.Pick("username", "id", "kind", "full_name", "role", "branch_id", "disabled", "created_at")},
			of("username", "User name, which other files refer to.", func(u *staff.User) any { return u.Username }),
			of("id", "User.", func(u *staff.User) any { return u.ID }),
			of("kind", "Empty for a person, or `service`.", func(u *staff.User) any { return u.Kind }),
			of("full_name", "Name.", func(u *staff.User) any { return u.FullName }),
			of("role", "Role; empty for none.", func(u *staff.User) any { return u.Role }),
			of("branch_id", "Branch; null for the head office.", func(u *staff.User) any { return u.BranchID }),
			of("disabled", "Whether the user is disabled.", func(u *staff.User) any { return u.Disabled }),
			of("created_at", "Time of the registration.", func(u *staff.User) any { return u.CreatedAt }),
		),
		file("roles", "Roles that the institution made or changed. The other ones are built in.", source[role]{from: "roles ORDER BY name", columns: db.Columns[role]{
			db.TextField("name", func(r *role) *string { return &r.name }), db.TextField("title", func(r *role) *string { return &r.title }),
			db.TextField("scope", func(r *role) *string { return &r.scope }), db.TextField("permissions", func(r *role) *string { return &r.permissions }),
			db.TextField("limits", func(r *role) *string { return &r.limits }),
		}},
			of("name", "Role.", func(r *role) any { return r.name }),
			of("title", "Title.", func(r *role) any { return r.title }),
			of("scope", "`all`, `branch` or `own`.", func(r *role) any { return r.scope }),
			of("permissions", "Permissions, a list of texts.", func(r *role) any { return json.RawMessage(r.permissions) }),
			of("limits", "Limits of authority in pesos or days, by operation.", func(r *role) any { return json.RawMessage(r.limits) }),
		),
	}
}

func clientFiles() []File {
	type record = clients.StoredFile
	return []File{
		file("clients", "Clients. Blocked and destroyed data are not in them: see data_state.", source[client.Client]{from: "clients ORDER BY id", columns: clients.Clients.Columns.Except("names")},
			of("id", "Client.", func(c *client.Client) any { return c.ID }),
			of("number", "Number with its check digit, such as C-100-014.", func(c *client.Client) any { return folio.Client.Print(c.Number) }),
			of("full_name", "Name, or \"Datos bloqueados\" or \"Datos suprimidos\".", func(c *client.Client) any { return c.FullName }),
			of("rfc", "RFC; a generic one for blocked data.", func(c *client.Client) any { return c.RFC }),
			of("email", "E-mail address.", func(c *client.Client) any { return c.Email }),
			of("data_state", "Empty for data in use, `blocked` or `destroyed`.", func(c *client.Client) any { return c.Data }),
			of("branch_id", "Branch.", func(c *client.Client) any { return c.BranchID }),
			of("officer", "User name of the loan officer; empty for none.", func(c *client.Client) any { return c.Officer }),
			of("loans", "Number of loans ever granted.", func(c *client.Client) any { return c.Loans }),
			of("created_at", "Time of the registration.", func(c *client.Client) any { return c.CreatedAt }),
		),
		file("client_files", "Files of clients, decrypted. Blocked and destroyed files are not in it.", source[record]{from: "client_files ORDER BY client_id", columns: clients.Files.Columns, read: clients.Files.Read, personal: true},
			of("client_id", "Client.", func(f *record) any { return f.ClientID }),
			of("revision", "Number of changes.", func(f *record) any { return f.Revision }),
			of("complete_until", "Last day on which nothing is missing.", func(f *record) any { return f.CompleteUntil }),
			of("file", "The data, as `GET /api/v1/clients/{client_id}/file` answers.", func(f *record) any { return f.File }),
			of("confirmations", "Warnings that somebody confirmed.", func(f *record) any { return f.Confirmations }),
			of("risk", "Risk grades; the last one is in force.", func(f *record) any { return f.Grades }),
			of("changed_by", "User of the last change.", func(f *record) any { return f.ChangedBy }),
			of("changed_at", "Time of the last change.", func(f *record) any { return f.ChangedAt }),
		),
		file("client_consents", "Consents.", source[client.Consent]{from: "client_consents ORDER BY id", columns: clients.Consents.Columns},
			of("id", "Consent.", func(c *client.Consent) any { return c.ID }),
			of("client_id", "Client.", func(c *client.Consent) any { return c.ClientID }),
			of("kind", "Kind.", func(c *client.Consent) any { return c.Kind }),
			of("notice_version", "Version of the notice.", func(c *client.Consent) any { return c.Version }),
			of("channel", "Channel.", func(c *client.Consent) any { return c.Channel }),
			of("given_on", "Day.", func(c *client.Consent) any { return c.GivenOn }),
			of("valid_until", "Last day.", func(c *client.Consent) any { return c.ValidUntil }),
			of("withdrawn_on", "Day of the withdrawal.", func(c *client.Consent) any { return c.WithdrawnOn }),
			of("recorded_by", "User.", func(c *client.Consent) any { return c.RecordedBy }),
			of("recorded_at", "Time.", func(c *client.Consent) any { return c.RecordedAt }),
		),
		file("client_documents", "Documents of clients, without their bytes, which are in the store of files under their SHA-256.", source[client.Document]{from: "client_documents ORDER BY id", columns: clients.Documents.Columns, personal: true},
			of("id", "Document.", func(d *client.Document) any { return d.ID }),
			of("client_id", "Client.", func(d *client.Document) any { return d.ClientID }),
			of("kind", "Kind.", func(d *client.Document) any { return d.Kind }),
			of("name", "Description.", func(d *client.Document) any { return d.Name }),
			of("media_type", "Media type.", func(d *client.Document) any { return d.MediaType }),
			of("size", "Bytes.", func(d *client.Document) any { return d.Size }),
			of("sha256", "SHA-256 of the bytes in hexadecimal.", func(d *client.Document) any { return d.SHA256 }),
			of("added_by", "User.", func(d *client.Document) any { return d.AddedBy }),
			of("added_at", "Time.", func(d *client.Document) any { return d.AddedAt }),
		),
		file("client_notes", "Notes on clients, decrypted.", source[client.Note]{from: "client_notes ORDER BY id", columns: clients.Notes.Columns, personal: true},
			of("id", "Note.", func(n *client.Note) any { return n.ID }),
			of("client_id", "Client.", func(n *client.Note) any { return n.ClientID }),
			of("text", "Text.", func(n *client.Note) any { return n.Text }),
			of("written_by", "User.", func(n *client.Note) any { return n.By }),
			of("written_at", "Time.", func(n *client.Note) any { return n.At }),
		),
	}
}

// clientHistory are the files about what was done with the data of clients.
func clientHistory() []File {
	type change = clients.StoredChange
	type block = clients.StoredBlock
	return []File{
		file("client_changes", "Which members of files were changed, by whom.", source[change]{from: "client_changes ORDER BY id", columns: clients.Changes.Columns, read: clients.Changes.Read},
			of("id", "Change.", func(c *change) any { return c.ID }),
			of("client_id", "Client.", func(c *change) any { return c.ClientID }),
			of("action", "Operation.", func(c *change) any { return c.Action }),
			of("fields", "Names of the members.", func(c *change) any { return c.Fields }),
			of("changed_by", "User.", func(c *change) any { return c.By }),
			of("changed_at", "Time.", func(c *change) any { return c.At }),
		),
		file("client_blocks", "Who blocked and destroyed the personal data of clients. The blocked data are in no archive.", source[block]{from: "client_blocks ORDER BY client_id", columns: clients.Blocks.Columns.Except("body", "files")},
			of("client_id", "Client.", func(b *block) any { return b.ClientID }),
			of("reason", "Reason.", func(b *block) any { return b.Reason }),
			of("blocked_on", "Day of the block.", func(b *block) any { return b.BlockedOn }),
			of("blocked_by", "User.", func(b *block) any { return b.BlockedBy }),
			of("blocked_at", "Time of the block.", func(b *block) any { return b.BlockedAt }),
			of("destroy_from", "First day on which they may be destroyed.", func(b *block) any { return b.DestroyFrom }),
			of("destroyed_on", "Day of the destruction.", func(b *block) any { return b.DestroyedOn }),
			of("destroyed_by", "User who destroyed them.", func(b *block) any { return b.DestroyedBy }),
		),
		file("client_viewings", "Who saw personal data of clients.", source[client.Viewing]{from: "client_viewings ORDER BY id", columns: clients.ViewingColumns},
			of("id", "Viewing.", func(v *client.Viewing) any { return v.ID }),
			of("client_id", "Client.", func(v *client.Viewing) any { return v.ClientID }),
			of("username", "User.", func(v *client.Viewing) any { return v.Username }),
			of("what", "What was seen.", func(v *client.Viewing) any { return v.What }),
			of("viewed_at", "Time.", func(v *client.Viewing) any { return v.At }),
		),
	}
}

// products are the products that were read, by code and version. The accounts of loans need them.
type products map[string]product.Product

func keyOf(code string, version int) string { return fmt.Sprint(code, " ", version) }

// account is a loan with the schedule in force.
type account struct {
	lending.Stored
	schedule lending.Schedule
	restored servicing.Account
}

// instalment is an instalment of the schedule in force.
type instalment struct {
	Number    int               `json:"number"`
	Due       civil.Date        `json:"due_date"`
	Balance   money.Amount      `json:"balance"`
	Scheduled servicing.Amounts `json:"scheduled"`
	Carried   servicing.Amounts `json:"carried,omitzero"`
	Paid      servicing.Amounts `json:"paid"`
}

// plan returns the instalments that are not over.
func (a *account) plan() []instalment {
	var all []instalment
	for _, in := range a.restored.Instalments {
		all = append(all, instalment{in.Number, in.Due, in.Balance, in.Contract, in.Carried, in.Paid})
	}
	return all
}

// scheduleColumns are the columns of the schedule in force.
var scheduleColumns = lending.Schedules.Columns.Pick("loan_id", "effective_from", "plan", "reason", "terms", "number", "level")

// accountColumns are the columns of an account: those of accountList.
var accountColumns = append(db.Through(func(a *account) *lending.Stored { return &a.Stored }, lending.StoredLoan),
	db.Through(func(a *account) *lending.Schedule { return &a.schedule }, scheduleColumns)...)

// accountList selects an account. A loan that was not disbursed has no schedule.
var accountList = lending.StoredLoan.List("l") + ", v.loan_id, v.effective_from, v.plan, coalesce(v.reason, ''), coalesce(v.terms, ''), coalesce(v.number, 0), coalesce(v.level, 0)"

// loanFiles are the files of products and loans.
func (p products) loanFiles() []File {
	type version = lending.Product
	type schedule = lending.Schedule
	return []File{
		file("products", "Versions of products.", source[version]{from: "products ORDER BY code, version", columns: lending.Products.Columns, read: func(v *version) error {
			err := lending.Products.Read(v)
			p[keyOf(v.Code, v.Version)] = v.Product
			return err
		}},
			of("code", "Product.", func(v *version) any { return v.Code }),
			of("version", "Version, from 1.", func(v *version) any { return v.Version }),
			of("name", "Name.", func(v *version) any { return v.Name }),
			of("effective_from", "First day.", func(v *version) any { return v.From }),
			of("effective_to", "Last day; null without end.", func(v *version) any { return v.To }),
			of("terms", "All terms, as `GET /api/v1/products/{code}` answers.", func(v *version) any { return v.Product }),
			of("created_by", "User.", func(v *version) any { return v.CreatedBy }),
			of("created_at", "Time.", func(v *version) any { return v.CreatedAt }),
		),
		p.accountsFile(),
		file("loan_schedules", "Every schedule of each loan; the first one is the contract.", source[schedule]{from: "loan_versions ORDER BY loan_id, serial", columns: lending.Schedules.Columns, read: lending.Schedules.Read},
			of("loan_id", "Loan.", func(s *schedule) any { return s.LoanID }),
			of("serial", "Position in the life of the loan, from 1.", func(s *schedule) any { return s.Serial }),
			of("number", "Number of the schedule; a reversal takes up an earlier one.", func(s *schedule) any { return s.Number }),
			of("from", "First value date.", func(s *schedule) any { return s.From }),
			of("reason", "`contract`, `reduce_instalment`, `reduce_term` or `restructure`.", func(s *schedule) any { return s.Reason }),
			of("level", "Level payment, or principal part of an equal-principal schedule.", func(s *schedule) any { return s.Level }),
			of("terms", "Terms.", func(s *schedule) any { return rawOf(s.Terms) }),
			of("made_at", "Time.", func(s *schedule) any { return s.MadeAt }),
		),
		file("application_steps", "Edits and returns of applications.", source[loan.Step]{from: "application_steps ORDER BY loan_id, number", columns: lending.Steps.Columns},
			of("loan_id", "Loan.", func(s *loan.Step) any { return s.LoanID }),
			of("number", "Number, from 1.", func(s *loan.Step) any { return s.Number }),
			of("kind", "Kind.", func(s *loan.Step) any { return s.Kind }),
			of("reason", "Reason.", func(s *loan.Step) any { return s.Reason }),
			of("made_by", "User.", func(s *loan.Step) any { return s.MadeBy }),
			of("made_at", "Time.", func(s *loan.Step) any { return s.MadeAt }),
		),
		transactionsFile(),
		positionsFile(),
	}
}

func (p products) accountsFile() File {
	return file("loans", "Loans and applications, with the schedule in force and the state of the account.", source[account]{
		from: "loans l LEFT JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version ORDER BY l.id", list: accountList, columns: accountColumns, read: func(a *account) (err error) {
			if a.schedule.LoanID.IsZero() {
				return nil // it was not disbursed
			}
			if err = lending.Schedules.Read(&a.schedule); err == nil {
				a.restored, err = codec.Restore(p[keyOf(a.Product, int(a.ProductVersion))], a.schedule.Version, a.schedule.Plan, a.State)
			}
			return err
		}},
		of("id", "Loan.", func(a *account) any { return a.ID }),
		of("number", "Number with its check digit, such as P-100-014.", func(a *account) any { return folio.Loan.Print(a.Number) }),
		of("client_id", "Client.", func(a *account) any { return a.ClientID }),
		of("product", "Product.", func(a *account) any { return a.Product }),
		of("product_version", "Version of the product.", func(a *account) any { return a.ProductVersion }),
		of("branch_id", "Branch.", func(a *account) any { return a.BranchID }),
		of("officer", "User name of the loan officer; empty for none.", func(a *account) any { return a.Officer }),
		of("status", "APPLIED, RETURNED, APPROVED, REJECTED, ACTIVE, RESTRUCTURED, PAID_OFF, WRITTEN_OFF or CANCELLED.", func(a *account) any { return a.Status }),
		of("amount", "Principal of the contract.", func(a *account) any { return a.Amount }),
		of("annual_rate", "Ordinary interest.", func(a *account) any { return a.Rate }),
		of("periods", "Number of instalments of the contract.", func(a *account) any { return a.Periods }),
		of("applied_by", "User who applied.", func(a *account) any { return a.AppliedBy }),
		of("approved_by", "User who approved.", func(a *account) any { return a.ApprovedBy }),
		of("granted_at", "Time of the disbursement; before it, of the application.", func(a *account) any { return a.GrantedAt }),
		of("disbursed_on", "Business date of the disbursement.", func(a *account) any { return a.Opened }),
		of("as_of", "Day up to which the account is computed: that of its last transaction.", func(a *account) any { return a.Day }),
		of("balance", "Outstanding principal.", func(a *account) any { return a.Balance }),
		of("interest_due", "Ordinary interest due and unpaid, as of as_of.", func(a *account) any { return a.Interest }),
		of("iva_due", "IVA due and unpaid, as of as_of.", func(a *account) any { return a.IVA }),
		of("unapplied", "Unapplied funds.", func(a *account) any { return a.Unapplied }),
		of("written_off", "Principal and interest written off.", func(a *account) any { return a.WrittenOff }),
		of("stage", "Stage of credit risk at the last close: 1, 2 or 3.", func(a *account) any { return a.Stage }),
		of("interest_suspended", "Whether interest is recorded in memorandum accounts.", func(a *account) any { return a.Recognition.Suspended }),
		of("schedule_number", "Number of the schedule in force; 0 before the disbursement.", func(a *account) any { return a.schedule.Number }),
		of("terms", "Terms of the schedule in force; null before the disbursement.", func(a *account) any {
			if a.schedule.LoanID.IsZero() {
				return json.RawMessage("null")
			}
			return rawOf(a.schedule.Terms)
		}),
		of("instalments", "Instalments of that schedule that are not over: number, due_date, balance (principal that earns the interest of the period), and the amounts scheduled, carried (from before a restructuring) and paid, by component.", func(a *account) any { return a.plan() }),
	)
}

func transactionsFile() File {
	type transaction = lending.Transaction
	return file("transactions", "Transactions of loans. Number 0 is the disbursement or the import.", source[transaction]{from: "loan_transactions ORDER BY loan_id, number", columns: lending.Transactions.Columns, read: lending.Transactions.Read},
		of("id", "Transaction.", func(m *transaction) any { return m.ID }),
		of("loan_id", "Loan.", func(m *transaction) any { return m.LoanID }),
		of("client_id", "Client.", func(m *transaction) any { return m.ClientID }),
		of("number", "Number in the loan, from 0.", func(m *transaction) any { return m.Number }),
		of("kind", "Kind.", func(m *transaction) any { return m.Kind }),
		of("status", "`APPLIED` or `REVERSED`.", func(m *transaction) any { return m.Status }),
		of("amount", "Amount received, disbursed or refunded; for a reversal, the reversed amount.", func(m *transaction) any { return m.Amount }),
		of("value_date", "Day from which it is effective.", func(m *transaction) any { return m.ValueDate }),
		of("business_date", "Business date of the registration.", func(m *transaction) any { return m.BusinessDate }),
		of("at", "Time of the registration.", func(m *transaction) any { return m.At }),
		of("actor", "User.", func(m *transaction) any { return m.Actor }),
		of("folio", "Folio of the receipt, such as R-100-014; empty for none.", func(m *transaction) any {
			if m.Folio == 0 {
				return ""
			}
			return folio.Receipt.Print(m.Folio)
		}),
		of("method", "Payment method.", func(m *transaction) any { return m.Method }),
		of("reference", "Reference of the payment.", func(m *transaction) any { return m.Reference }),
		of("till_id", "Till of cash.", func(m *transaction) any { return m.TillID }),
		of("bank_account_id", "Bank account.", func(m *transaction) any { return m.AccountID }),
		of("branch_id", "Branch where it happened; null for the head office.", func(m *transaction) any { return m.BranchID }),
		of("entry_id", "Journal entry; null if nothing was posted.", func(m *transaction) any { return m.Entry }),
		of("reverses", "Transaction that it reverses.", func(m *transaction) any { return m.Reverses }),
		of("reversed_by", "Transaction that reverses it.", func(m *transaction) any { return m.ReversedBy }),
		of("split", "How the amount was applied, by instalment and component, and the balance after it.", func(m *transaction) any { return rawOf(m.Split) }),
		of("new_terms", "Terms of a restructuring; null otherwise.", func(m *transaction) any { return rawOf(m.NewTerms) }),
	)
}

// position is a loan at the end of a closed day.
type position struct {
	day                                                                                civil.Date
	loan, client                                                                       id.ID
	product, status                                                                    string
	stage, instalment, late                                                            int
	balance, overdue, interest, suspended, iva, penalty, unapplied, provision, reserve money.Amount
}

func positionsFile() File {
	amount := func(name string, at func(*position) *money.Amount) db.Field[position] { return db.IntField(name, at) }
	return file("daily_positions", "Each loan at the end of each closed day, as long as positions are kept.", source[position]{from: "daily_positions ORDER BY day, loan_id", columns: db.Columns[position]{
		db.DayField("day", func(p *position) *civil.Date { return &p.day }), db.IDField("loan_id", func(p *position) *id.ID { return &p.loan }),
		db.IDField("client_id", func(p *position) *id.ID { return &p.client }), db.TextField("product", func(p *position) *string { return &p.product }),
		db.TextField("status", func(p *position) *string { return &p.status }), db.SmallField("stage", func(p *position) *int { return &p.stage }),
		db.SmallField("instalment", func(p *position) *int { return &p.instalment }), db.SmallField("days_past_due", func(p *position) *int { return &p.late }),
		amount("balance", func(p *position) *money.Amount { return &p.balance }), amount("overdue_principal", func(p *position) *money.Amount { return &p.overdue }),
		amount("interest", func(p *position) *money.Amount { return &p.interest }), amount("suspended", func(p *position) *money.Amount { return &p.suspended }),
		amount("iva", func(p *position) *money.Amount { return &p.iva }), amount("penalty_interest", func(p *position) *money.Amount { return &p.penalty }),
		amount("unapplied", func(p *position) *money.Amount { return &p.unapplied }), amount("provision", func(p *position) *money.Amount { return &p.provision }),
		amount("reserve", func(p *position) *money.Amount { return &p.reserve }),
	}},
		of("day", "Closed day.", func(p *position) any { return p.day }),
		of("loan_id", "Loan.", func(p *position) any { return p.loan }),
		of("client_id", "Client.", func(p *position) any { return p.client }),
		of("product", "Product.", func(p *position) any { return p.product }),
		of("status", "`ACTIVE` or `RESTRUCTURED`.", func(p *position) any { return p.status }),
		of("stage", "Stage of credit risk: 1, 2 or 3.", func(p *position) any { return p.stage }),
		of("instalment", "Number of the current instalment.", func(p *position) any { return p.instalment }),
		of("days_past_due", "Days since the due date of the oldest unpaid instalment.", func(p *position) any { return p.late }),
		of("balance", "Outstanding principal.", func(p *position) any { return p.balance }),
		of("overdue_principal", "Overdue principal.", func(p *position) any { return p.overdue }),
		of("interest", "Accrued interest receivable.", func(p *position) any { return p.interest }),
		of("suspended", "Suspended interest.", func(p *position) any { return p.suspended }),
		of("iva", "IVA receivable on interest due.", func(p *position) any { return p.iva }),
		of("penalty_interest", "Penalty interest owed, with its IVA.", func(p *position) any { return p.penalty }),
		of("unapplied", "Unapplied funds.", func(p *position) any { return p.unapplied }),
		of("provision", "Loan loss provision (EPRC).", func(p *position) any { return p.provision }),
		of("reserve", "Additional provision for interest.", func(p *position) any { return p.reserve }),
	)
}

func collectionFiles() []File {
	type assignment = collections.Assignment
	type contact = collections.Contact
	type promise = collections.Promise
	type note = collections.Note
	return []File{
		file("collectors", "Collectors of loans.", source[assignment]{from: "loan_collectors ORDER BY loan_id", columns: lending.Collectors.Columns},
			of("loan_id", "Loan.", func(a *assignment) any { return a.LoanID }),
			of("collector", "User name; empty for none.", func(a *assignment) any { return a.Collector }),
			of("assigned_by", "User.", func(a *assignment) any { return a.AssignedBy }),
			of("assigned_at", "Time.", func(a *assignment) any { return a.AssignedAt }),
		),
		file("collection_contacts", "Contacts and visits.", source[contact]{from: "collection_contacts ORDER BY id", columns: lending.Contacts.Columns},
			of("id", "Contact.", func(c *contact) any { return c.ID }),
			of("loan_id", "Loan.", func(c *contact) any { return c.LoanID }),
			of("channel", "Channel.", func(c *contact) any { return c.Channel }),
			of("result", "Result.", func(c *contact) any { return c.Result }),
			of("contacted_at", "Time of the contact.", func(c *contact) any { return c.At }),
			of("outside_hours", "Whether it was outside the permitted hours.", func(c *contact) any { return c.OutsideHours }),
			secret("note", "note", "Note, decrypted.", func(c *contact) any { return c.Note }),
			of("next_channel", "Planned channel; empty for none.", func(c *contact) any { return c.Next }),
			of("next_on", "Planned day.", func(c *contact) any { return c.NextOn }),
			of("made_by", "User.", func(c *contact) any { return c.MadeBy }),
			of("made_at", "Time of the registration.", func(c *contact) any { return c.MadeAt }),
		),
		file("promises", "Promises to pay.", source[promise]{from: "promises ORDER BY id", columns: lending.Promises.Columns},
			of("id", "Promise.", func(p *promise) any { return p.ID }),
			of("loan_id", "Loan.", func(p *promise) any { return p.LoanID }),
			of("amount", "Promised amount.", func(p *promise) any { return p.Amount }),
			of("promised_on", "Last day of the payments.", func(p *promise) any { return p.Due }),
			of("status", "OPEN, KEPT, BROKEN or CANCELLED.", func(p *promise) any { return p.Status }),
			of("received", "Amount received, once it is decided.", func(p *promise) any { return p.Received }),
			of("decided_on", "Day of the decision.", func(p *promise) any { return p.DecidedOn }),
			of("collector", "User name of the collector.", func(p *promise) any { return p.Collector }),
			of("made_by", "User.", func(p *promise) any { return p.MadeBy }),
			of("made_at", "Time.", func(p *promise) any { return p.MadeAt }),
		),
		file("collection_notes", "Notes on the collection of loans, decrypted.", source[note]{from: "collection_notes ORDER BY id", columns: lending.CollectionNotes.Columns, personal: true},
			of("id", "Note.", func(n *note) any { return n.ID }),
			of("loan_id", "Loan.", func(n *note) any { return n.LoanID }),
			of("text", "Text.", func(n *note) any { return n.Text }),
			of("made_by", "User.", func(n *note) any { return n.MadeBy }),
			of("made_at", "Time.", func(n *note) any { return n.MadeAt }),
		),
	}
}

func tillFiles() []File {
	type till = settlement.Till
	type session = settlement.Session
	type move = settlement.CashMove
	type count = tills.Count
	type account = settlement.Account
	type transfer = settlement.FundTransfer
	return []File{
		file("tills", "Tills and vaults. Their cash is the balance of their postings.", source[till]{from: "tills ORDER BY id", columns: tills.Tills.Columns},
			of("id", "Till.", func(t *till) any { return t.ID }),
			of("code", "Code.", func(t *till) any { return t.Code }),
			of("name", "Name.", func(t *till) any { return t.Name }),
			of("branch_id", "Branch.", func(t *till) any { return t.BranchID }),
			of("vault_of", "Branch of a vault; null for a till.", func(t *till) any { return t.VaultOf }),
			of("closed", "Whether it is retired.", func(t *till) any { return t.Closed }),
			of("created_at", "Time.", func(t *till) any { return t.CreatedAt }),
		),
		file("till_sessions", "Sessions of tills.", source[session]{from: "till_sessions ORDER BY id", columns: tills.Sessions.Columns},
			of("id", "Session.", func(s *session) any { return s.ID }),
			of("till_id", "Till.", func(s *session) any { return s.TillID }),
			of("branch_id", "Branch.", func(s *session) any { return s.BranchID }),
			of("teller", "User name.", func(s *session) any { return s.Teller }),
			of("business_date", "Business date.", func(s *session) any { return s.BusinessDate }),
			of("opened_at", "Time of the opening.", func(s *session) any { return s.OpenedAt }),
			of("opening", "Cash at the opening.", func(s *session) any { return s.Opening }),
			of("closed_at", "Time of the close.", func(s *session) any { return s.ClosedAt }),
			of("closed_by", "User who closed it.", func(s *session) any { return s.ClosedBy }),
			of("expected", "Cash by the books at the close.", func(s *session) any { return s.Expected }),
			of("counted", "Cash counted at the close.", func(s *session) any { return s.Counted }),
		),
		file("cash_moves", "Cash that moved other than by transactions of loans.", source[move]{from: "cash_moves ORDER BY id", columns: tills.CashMoves.Columns},
			of("id", "Move.", func(m *move) any { return m.ID }),
			of("till_id", "Till.", func(m *move) any { return m.TillID }),
			of("session_id", "Session.", func(m *move) any { return m.SessionID }),
			of("kind", "Kind.", func(m *move) any { return m.Kind }),
			of("amount", "Amount.", func(m *move) any { return m.Amount }),
			of("reason", "Reason.", func(m *move) any { return m.Reason }),
			of("actor", "User.", func(m *move) any { return m.Actor }),
			of("at", "Time.", func(m *move) any { return m.At }),
			of("entry_id", "Journal entry.", func(m *move) any { return m.Entry }),
		),
		file("till_counts", "Counts of cash.", source[count]{from: "till_counts ORDER BY id", columns: tills.Counts.Columns},
			of("id", "Count.", func(c *count) any { return c.ID }),
			of("session_id", "Session.", func(c *count) any { return c.SessionID }),
			of("expected", "Cash by the books.", func(c *count) any { return c.Expected }),
			of("counted", "Cash counted.", func(c *count) any { return c.Counted }),
			of("actor", "User.", func(c *count) any { return c.Actor }),
			of("at", "Time.", func(c *count) any { return c.At }),
		),
		file("bank_accounts", "Bank accounts of the institution.", source[account]{from: "bank_accounts ORDER BY id", columns: tills.Accounts.Columns},
			of("id", "Bank account.", func(a *account) any { return a.ID }),
			of("code", "Code.", func(a *account) any { return a.Code }),
			of("name", "Name.", func(a *account) any { return a.Name }),
			of("bank", "Bank.", func(a *account) any { return a.Bank }),
			of("clabe", "CLABE.", func(a *account) any { return a.CLABE }),
			of("closed", "Whether it is closed.", func(a *account) any { return a.Closed }),
			of("created_at", "Time.", func(a *account) any { return a.CreatedAt }),
		),
		file("fund_transfers", "Money moved between vaults and bank accounts.", source[transfer]{from: "fund_transfers ORDER BY id", columns: tills.FundTransfers.Columns},
			of("id", "Transfer.", func(t *transfer) any { return t.ID }),
			of("from_account", "Account in the books.", func(t *transfer) any { return t.From.Account }),
			of("from_place", "Vault or bank account.", func(t *transfer) any { return t.From.Subject }),
			of("to_account", "Account in the books.", func(t *transfer) any { return t.To.Account }),
			of("to_place", "Vault or bank account.", func(t *transfer) any { return t.To.Subject }),
			of("amount", "Amount.", func(t *transfer) any { return t.Amount }),
			of("reference", "Reference.", func(t *transfer) any { return t.Reference }),
			of("reason", "Reason.", func(t *transfer) any { return t.Reason }),
			of("actor", "User.", func(t *transfer) any { return t.Actor }),
			of("at", "Time.", func(t *transfer) any { return t.At }),
			of("entry_id", "Journal entry.", func(t *transfer) any { return t.Entry }),
		),
	}
}

func incomingFiles() []File {
	type bankFile = incoming.File
	type payment = incoming.Payment
	return []File{
		file("bank_files", "Imported payment files, without their content.", source[bankFile]{from: "bank_files ORDER BY id", columns: tills.FileSummary},
			of("id", "File.", func(f *bankFile) any { return f.ID }),
			of("bank_account_id", "Bank account.", func(f *bankFile) any { return f.AccountID }),
			of("name", "Name.", func(f *bankFile) any { return f.Name }),
			of("status", "Status.", func(f *bankFile) any { return f.Status }),
			of("rows", "Number of rows.", func(f *bankFile) any { return f.Rows }),
			of("imported_by", "User.", func(f *bankFile) any { return f.ImportedBy }),
			of("imported_at", "Time.", func(f *bankFile) any { return f.ImportedAt }),
		),
		file("incoming_payments", "Payments taken from files.", source[payment]{from: "incoming_payments ORDER BY id", columns: tills.Incoming.Columns},
			of("id", "Payment.", func(p *payment) any { return p.ID }),
			of("bank_account_id", "Bank account.", func(p *payment) any { return p.AccountID }),
			of("file_id", "File.", func(p *payment) any { return p.FileID }),
			of("line", "Line of the file.", func(p *payment) any { return p.Line }),
			of("method", "Payment method.", func(p *payment) any { return p.Method }),
			of("value_date", "Day of the arrival.", func(p *payment) any { return p.Date }),
			of("amount", "Amount.", func(p *payment) any { return p.Amount }),
			of("reference", "Reference.", func(p *payment) any { return p.Reference }),
			secret("concept", "concept", "Concept, decrypted.", func(p *payment) any { return p.Concept }),
			secret("sender", "sender", "Sender, decrypted.", func(p *payment) any { return p.Sender }),
			of("status", "APPLIED, SUSPENSE, ASSIGNED, RETURNED or INCOME.", func(p *payment) any { return p.Status }),
			of("client_id", "Client; null if unknown.", func(p *payment) any { return p.ClientID }),
			of("loan_id", "Loan; null if unknown.", func(p *payment) any { return p.LoanID }),
			of("transaction_id", "Transaction of the loan.", func(p *payment) any { return p.TransactionID }),
			of("entry_id", "Journal entry.", func(p *payment) any { return p.EntryID }),
			of("taken_by", "User.", func(p *payment) any { return p.TakenBy }),
			of("taken_at", "Time.", func(p *payment) any { return p.TakenAt }),
			of("resolved_by", "User who resolved it.", func(p *payment) any { return p.ResolvedBy }),
			of("resolved_at", "Time of the resolution.", func(p *payment) any { return p.ResolvedAt }),
		),
	}
}

func controlFiles() []File {
	type request = authority.Request
	type list = screening.List
	type alert = screening.Alert
	type export = staff.Export
	return []File{
		file("requests", "Requests for the approval of a second person.", source[request]{from: "requests ORDER BY id", columns: requests.Requests.Columns.Except("command")},
			of("id", "Request.", func(r *request) any { return r.ID }),
			of("operation", "Operation.", func(r *request) any { return r.Operation }),
			of("subject", "What it is about.", func(r *request) any { return r.Subject }),
			of("client_id", "Client.", func(r *request) any { return r.ClientID }),
			of("branch_id", "Branch.", func(r *request) any { return r.BranchID }),
			of("exposure", "Amount that the limit of authority is compared with.", func(r *request) any { return r.Exposure }),
			of("state", "WAITING, APPROVED, REJECTED, WITHDRAWN or EXPIRED.", func(r *request) any { return r.State }),
			of("filed_by", "User.", func(r *request) any { return r.FiledBy }),
			of("filed_at", "Time.", func(r *request) any { return r.FiledAt }),
			of("reason", "Reason.", func(r *request) any { return r.Reason }),
			of("expires_on", "Last day.", func(r *request) any { return r.ExpiresOn }),
			of("decided_by", "User who decided.", func(r *request) any { return r.DecidedBy }),
			of("decided_at", "Time of the decision.", func(r *request) any { return r.DecidedAt }),
			of("decision_reason", "Reason of the decision.", func(r *request) any { return r.Decision }),
		),
		file("screening_lists", "Lists of blocked persons, without their entries.", source[list]{from: "screening_lists ORDER BY code", columns: screens.Lists.Columns},
			of("code", "List.", func(l *list) any { return l.Code }),
			of("title", "Title.", func(l *list) any { return l.Title }),
			of("effect", "`block` or `warn`.", func(l *list) any { return l.Effect }),
			of("version", "Version in force.", func(l *list) any { return l.Version }),
			of("entries", "Number of entries.", func(l *list) any { return l.Entries }),
			of("sha256", "SHA-256 of the imported file.", func(l *list) any { return l.Hash }),
			of("imported_by", "User.", func(l *list) any { return l.ImportedBy }),
			of("imported_at", "Time.", func(l *list) any { return l.ImportedAt }),
		),
		file("screening_alerts", "Matches of people with lists.", source[alert]{from: "screening_alerts ORDER BY id", columns: screens.Alerts.Columns.Except("subject"), read: screens.Alerts.Read},
			of("id", "Alert.", func(a *alert) any { return a.ID }),
			of("client_id", "Client; null if the registration was refused.", func(a *alert) any { return a.ClientID }),
			of("list", "List.", func(a *alert) any { return a.List }),
			of("effect", "`block` or `warn`.", func(a *alert) any { return a.Effect }),
			of("basis", "What matched.", func(a *alert) any { return a.Basis }),
			of("operation", "Operation that raised it.", func(a *alert) any { return a.Operation }),
			of("status", "`open`, `cleared` or `confirmed`.", func(a *alert) any { return a.Status }),
			of("raised_at", "Time.", func(a *alert) any { return a.RaisedAt }),
			of("decided_by", "User who decided.", func(a *alert) any { return a.DecidedBy }),
			of("decided_at", "Time of the decision.", func(a *alert) any { return a.DecidedAt }),
			of("reason", "Reason of the decision.", func(a *alert) any { return a.Reason }),
		),
		file("exports", "Files that users got. The journal has who and when, by the id.", source[export]{from: "exports ORDER BY id", columns: staffing.Exports.Columns},
			of("id", "Subject of the row in the journal.", func(e *export) any { return e.ID }),
			of("file", "Name.", func(e *export) any { return e.File }),
			of("request", "Path of the request, or the command line.", func(e *export) any { return e.Request }),
			of("rows", "Number of rows.", func(e *export) any { return e.Rows }),
		),
	}
}

// bookFiles are the files of the books.
func bookFiles() []File {
	type entry = books.Entry
	return []File{journalFile(), postingsFile(), daysFile(),
		file("manual_entries", "Manual journal entries, also proposed and rejected ones.", source[entry]{from: "manual_entries ORDER BY id", columns: books.Entries.Columns, read: books.Entries.Read},
			of("id", "Manual entry.", func(e *entry) any { return e.ID }),
			of("entry_date", "Business date.", func(e *entry) any { return e.Date }),
			of("description", "Description.", func(e *entry) any { return e.Description }),
			of("lines", "Lines: account, and debit or credit in pesos.", func(e *entry) any { return e.Lines }),
			of("status", "PROPOSED, POSTED or REJECTED.", func(e *entry) any { return e.Status }),
			of("proposed_by", "User.", func(e *entry) any { return e.ProposedBy }),
			of("proposed_at", "Time.", func(e *entry) any { return e.ProposedAt }),
			of("decided_by", "User who decided.", func(e *entry) any { return e.DecidedBy }),
			of("decided_at", "Time of the decision.", func(e *entry) any { return e.DecidedAt }),
			of("entry_id", "Journal entry, once posted.", func(e *entry) any { return e.EntryID }),
		),
	}
}
