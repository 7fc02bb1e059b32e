package view

import (
	"context"
	"time"

	"sofipo/bank/clients"
	"sofipo/bank/imports"
	"sofipo/bank/lending"
	screens "sofipo/bank/screening"
	"sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/screening"
	"sofipo/core/settlement/incoming"
	"sofipo/core/wire"
	"sofipo/infra/db"
)

// PersonalData is everything that is held about a client. The bytes of the documents are in the
// store of files.
type PersonalData struct {
	At        time.Time             `json:"exported_at"`
	State     client.DataState      `json:"data_state"` // empty: in use
	Client    client.Client         `json:"client"`
	File      *client.Dossier       `json:"file,omitempty"`    // of data in use
	Block     *client.Block         `json:"block,omitempty"`   // who blocked the data, and when
	Blocked   *client.Personal      `json:"blocked,omitempty"` // the data that are blocked
	Notes     []client.Note         `json:"notes"`
	Changes   []client.Change       `json:"file_changes"`
	Loans     []PersonalLoan        `json:"loans"`
	Contacts  []collections.Contact `json:"collection_contacts"`
	Promises  []collections.Promise `json:"promises"`
	LoanNotes []collections.Note    `json:"collection_notes"`
	Incoming  []incoming.Payment    `json:"incoming_payments"`
	History   []lending.PastPayment `json:"loan_history"`    // payments that another system received
	Findings  []core.Finding        `json:"import_findings"` // what was wrong in imported rows
	Alerts    []screening.Alert     `json:"screening_alerts"`
	Viewings  []client.Viewing      `json:"viewings"`   // who saw the data
	Actions   []AuditRow            `json:"operations"` // who did what, without payments, which the loans have
}

// PersonalLoan is a loan with its transactions.
type PersonalLoan struct {
	Loan         loan.Loan               `json:"loan"`
	Transactions []servicing.Transaction `json:"transactions"`
}

// AppendJSON adds the data as JSON.
func (p PersonalData) AppendJSON(b []byte) []byte { return wire.JSON(b, p) }

// Documents lists the documents of the client, also those that are blocked.
func (p PersonalData) Documents() []client.Document {
	switch {
	case p.Blocked != nil:
		return p.Blocked.Documents
	case p.File != nil:
		return p.File.Documents
	}
	return nil
}

// PersonalData returns everything that is held about a client, also blocked data. Refused with
// client.NotFound, staff.OutOfScope or access.Forbidden.
func (v *View) PersonalData(ctx context.Context, by By, clientID id.ID, now time.Time, today civil.Date) (p PersonalData, err error) {
	if err := by.may(client.ExportData); err != nil {
		return p, err
	}
	if err := v.covers(ctx, by, client.ExportData, clientByID, clientID); err != nil {
		return p, err
	}
	r := personalReader{id: clientID, batch: &db.Batch{}}
	r.queries()
	if err := v.ask(ctx, v.known(client.StatementCacheKey(clientID), by.Need), r.batch, func() { r.found, r.file, r.block = emptyPersonalData(), client.Dossier{}, nil }); err != nil {
		return p, err
	}
	p = r.found
	if p.Client.ID.IsZero() {
		return p, fault.Refuse(client.NotFound)
	}
	p.At, p.State = now, p.Client.Data
	if p.State == client.DataInUse {
		r.file.Record = r.file.Of(p.Client)
		r.file.Judge(today)
		p.File = &r.file
	} else if r.block != nil {
		p.Block = &r.block.Block
		if p.State == client.DataBlocked {
			p.Blocked = &r.block.Personal
		}
	}
	return p, nil
}

// Block returns who blocked the data of a client, and when, without the data. Refused with
// client.NotBlocked, staff.OutOfScope or access.Forbidden.
func (v *View) Block(ctx context.Context, by By, clientID id.ID) (b client.Block, err error) {
	if err := by.may(client.ExportData); err != nil {
		return b, err
	}
	if err := v.covers(ctx, by, client.ExportData, clientByID, clientID); err != nil {
		return b, err
	}
	columns, batch := clients.Blocks.Columns.Except("body", "files"), &db.Batch{}
	found := false
	batch.Query("SELECT "+columns.List("")+" FROM client_blocks WHERE client_id = $1", func(s db.Scanner) error {
		var row clients.StoredBlock
		err := columns.Scan(s, &row)
		b, found = row.Block, true
		return err
	}, clientID)
	err = v.ask(ctx, v.known(client.StatementCacheKey(clientID), by.Need), batch, func() { b, found = client.Block{}, false })
	if err == nil && !found {
		err = fault.Refuse(client.NotBlocked)
	}
	return b, err
}

func emptyPersonalData() PersonalData {
	return PersonalData{
		Notes: []client.Note{}, Changes: []client.Change{}, Loans: []PersonalLoan{}, Contacts: []collections.Contact{}, Promises: []collections.Promise{}, LoanNotes: []collections.Note{},
		Incoming: []incoming.Payment{}, History: []lending.PastPayment{}, Findings: []core.Finding{}, Alerts: []screening.Alert{}, Viewings: []client.Viewing{}, Actions: []AuditRow{},
	}
}

// personalReader collects what is held about a client.
type personalReader struct {
	id    id.ID
	batch *db.Batch
	found PersonalData
	file  client.Dossier
	block *clients.StoredBlock
}

func (r *personalReader) queries() {
	r.batch.Query(selectClient+"clients c WHERE c.id = $1", func(s db.Scanner) (err error) {
		r.found.Client, err = scanClient(s)
		return err
	}, r.id)
	r.batch.Query(selectFile, func(s db.Scanner) error {
		var f clients.StoredFile
		if err := fileColumns.Scan(s, &f); err != nil {
			return err
		}
		err := clients.Files.Read(&f)
		r.file.Record = f.Record
		return err
	}, r.id)
	r.batch.Query("SELECT "+clients.Blocks.Columns.List("")+" FROM client_blocks WHERE client_id = $1", func(s db.Scanner) error {
		r.block = &clients.StoredBlock{}
		if err := clients.Blocks.Columns.Scan(s, r.block); err != nil {
			return err
		}
		return clients.Blocks.Read(r.block)
	}, r.id)
	ofClient(r, clients.Consents.Name, clients.Consents.Columns, func(c client.Consent) { r.file.Consents = append(r.file.Consents, c) })
	ofClient(r, clients.Documents.Name, clients.Documents.Columns, func(d client.Document) { r.file.Documents = append(r.file.Documents, d) })
	ofClient(r, clients.Notes.Name, clients.Notes.Columns, func(n client.Note) { r.found.Notes = append(r.found.Notes, n) })
	ofClient(r, settlement.Incoming.Name, settlement.Incoming.Columns, func(p incoming.Payment) { r.found.Incoming = append(r.found.Incoming, p) })
	ofClient(r, screens.Alerts.Name, screens.Alerts.Columns, func(a screening.Alert) { r.found.Alerts = append(r.found.Alerts, a) })
	rowsOf(r, imports.Findings.Columns, "SELECT "+imports.Findings.Columns.List("")+" FROM import_findings WHERE client_id = $1 ORDER BY import_id, line, field, rule",
		func(f core.Finding) { r.found.Findings = append(r.found.Findings, f) })
	ofClient(r, "client_viewings", clients.ViewingColumns, func(one client.Viewing) { r.found.Viewings = append(r.found.Viewings, one) })
	r.batch.Query("SELECT "+clients.Changes.Columns.List("")+" FROM client_changes WHERE client_id = $1 ORDER BY id", func(s db.Scanner) error {
		var c clients.StoredChange
		err := clients.Changes.Columns.Scan(s, &c)
		if err == nil {
			err = clients.Changes.Read(&c)
		}
		r.found.Changes = append(r.found.Changes, c.Change)
		return err
	}, r.id)
	r.batch.Query(selectAudit+fromAudit+" WHERE j.actor IS NOT NULL AND j.client_id = $1 AND j.action <> '"+receivePayment+"' ORDER BY j.id", func(s db.Scanner) error {
		a, err := scanAudit(s)
		r.found.Actions = append(r.found.Actions, a)
		return err
	}, r.id)
	r.loans()
}

// loans queries the loans with their transactions, and what collectors recorded on them.
func (r *personalReader) loans() {
	r.batch.Query(selectLoan+"l.client_id = $1 ORDER BY l.id", func(s db.Scanner) error {
		l, err := scanLoan(s)
		r.found.Loans = append(r.found.Loans, PersonalLoan{Loan: l, Transactions: []servicing.Transaction{}})
		return err
	}, r.id)
	r.batch.Query("SELECT "+transactionColumns+", m.loan_id FROM loans l JOIN loan_transactions m ON m.loan_id = l.id WHERE l.client_id = $1 ORDER BY m.loan_id, m.number", func(s db.Scanner) error {
		var of id.ID
		stored, err := scanTransaction(s, &of)
		if err != nil {
			return err
		}
		t, err := stored.Parse()
		t.LoanID = of
		for i := range r.found.Loans {
			if r.found.Loans[i].Loan.ID == of {
				r.found.Loans[i].Transactions = append(r.found.Loans[i].Transactions, t)
			}
		}
		return err
	}, r.id)
	onLoans(r, lending.Contacts.Name, lending.Contacts.Columns, func(c collections.Contact) { r.found.Contacts = append(r.found.Contacts, c) })
	onLoans(r, lending.PastPayments.Name, lending.PastPayments.Columns, func(p lending.PastPayment) { r.found.History = append(r.found.History, p) })
	onLoans(r, lending.Promises.Name, lending.Promises.Columns, func(p collections.Promise) { r.found.Promises = append(r.found.Promises, p) })
	onLoans(r, lending.CollectionNotes.Name, lending.CollectionNotes.Columns, func(n collections.Note) { r.found.LoanNotes = append(r.found.LoanNotes, n) })
}

// ofClient queries the rows of a table with the id of the client.
func ofClient[V any](r *personalReader, table string, columns db.Columns[V], each func(V)) {
	rowsOf(r, columns, "SELECT "+columns.List("k")+" FROM "+table+" k WHERE k.client_id = $1 ORDER BY k.id", each)
}

// onLoans queries the rows of a table with the id of a loan of the client.
func onLoans[V any](r *personalReader, table string, columns db.Columns[V], each func(V)) {
	rowsOf(r, columns, "SELECT "+columns.List("k")+" FROM loans l JOIN "+table+" k ON k.loan_id = l.id WHERE l.client_id = $1 ORDER BY k.id", each)
}

func rowsOf[V any](r *personalReader, columns db.Columns[V], sql string, each func(V)) {
	r.batch.Query(sql, func(s db.Scanner) error {
		var row V
		err := columns.Scan(s, &row)
		each(row)
		return err
	}, r.id)
}
