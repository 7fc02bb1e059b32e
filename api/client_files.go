package api

import (
	"context"
	"mime"
	"net/http"

	"sofipo/api/seedform"
	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/view"
)

const filesTag = "Client files"

const warningsAbout = " A change with warnings, such as a CURP with another birth date or a phone of another client, is refused with 409 `needs_confirmation`, " +
	"which lists them in `warnings` and, with the field and the other clients, in `findings`. Send the request again with these names in `confirmed` if they are in order."

var _ = mount(21, clientFileOperations)

var clientFileOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/files", id: "register_client_file_api_v1_clients_files_post",
		tag: filesTag, summary: "Register a client with a file", status: http.StatusCreated,
		about: "Registers a person or a company. Without an RFC the client gets a generic one as provisional. The email address is optional, and other clients may have it; " +
			"`GET /api/v1/clients/` shows such a client with an empty one." + warningsAbout,
		refusals: []fault.Code{client.RFCTaken, client.NeedsConfirmation, staff.BranchClosed},
	}, func(in *registerFile) bank.Command[client.Dossier] {
		return &clients.RegisterFile{File: in.Body.File, Confirmed: in.Body.Confirmed}
	}),
	plain[client.Suggestion](operation{
		method: http.MethodPost, path: "/api/v1/clients/files/suggestions", id: "suggest_identifiers_api_v1_clients_files_suggestions_post",
		tag: filesTag, summary: "Suggest an RFC and a CURP", permission: client.WriteFile, status: http.StatusOK,
		about: "Derives the RFC that the SAT would probably assign to a person and, with the sex and the state of birth, the CURP. Nothing is stored. The last characters may differ, because both authorities tell homonyms apart.",
	}, func(_ *server, c *call, in *suggestIdentifiers) error {
		b := in.Body
		s, err := client.File{Kind: client.Person, GivenNames: b.GivenNames, PaternalSurname: b.PaternalSurname, MaternalSurname: b.MaternalSurname,
			BirthDate: b.BirthDate, Sex: b.Sex, BirthState: b.BirthState}.Suggest()
		if err != nil {
			return err
		}
		c.answer(http.StatusOK, s.AppendJSON(nil))
		return nil
	}),
	plain[client.Dossier](operation{
		method: http.MethodGet, path: "/api/v1/clients/{client_id}/file", id: "read_client_file_api_v1_clients__client_id__file_get",
		tag: filesTag, summary: "Get a client's file", permission: client.ReadFile, status: http.StatusOK, effect: reads,
		about:    "Returns the whole file: the data, the confirmed warnings, the risk grades, the consents, the documents without their contents, and what is missing for a complete file. A client without a file has an empty one with revision 0.",
		refusals: []fault.Code{client.NotFound},
	}, readFile),
	write(operation{
		method: http.MethodPut, path: "/api/v1/clients/{client_id}/file", id: "change_client_file_api_v1_clients__client_id__file_put",
		tag: filesTag, summary: "Replace a client's file", status: http.StatusOK,
		about: "Replaces the data of the file. Omitted fields become empty. `revision` is the one that was read, so that two people do not overwrite each other's changes. " +
			"Consents, documents, notes and risk grades stay. A changed email address is no longer reserved for the client." + warningsAbout,
		refusals: []fault.Code{client.NotFound, client.StaleFile, client.RFCTaken, client.NeedsConfirmation},
	}, func(in *changeFile) bank.Command[client.Dossier] {
		return &clients.ChangeFile{ID: in.ClientID, Revision: in.Body.Revision, File: in.Body.File, Confirmed: in.Body.Confirmed}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/file/phones", id: "add_phone_api_v1_clients__client_id__file_phones_post",
		tag: filesTag, summary: "Add a phone", status: http.StatusCreated, about: "Adds a phone to the file." + warningsAbout,
		refusals: []fault.Code{client.NotFound, client.NeedsConfirmation},
	}, func(in *addPhone) bank.Command[client.Dossier] {
		return &clients.AddEntry[client.Phone]{ID: in.ClientID, Entry: in.Body.Phone, Confirmed: in.Body.Confirmed}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/file/addresses", id: "add_address_api_v1_clients__client_id__file_addresses_post",
		tag: filesTag, summary: "Add an address", status: http.StatusCreated, about: "Adds an address to the file.",
		refusals: []fault.Code{client.NotFound, client.NeedsConfirmation},
	}, func(in *addAddress) bank.Command[client.Dossier] {
		return &clients.AddEntry[client.Address]{ID: in.ClientID, Entry: in.Body.Address, Confirmed: in.Body.Confirmed}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/file/accounts", id: "add_account_api_v1_clients__client_id__file_accounts_post",
		tag: filesTag, summary: "Add a bank account", status: http.StatusCreated, about: "Adds a bank account (CLABE) to the file." + warningsAbout,
		refusals: []fault.Code{client.NotFound, client.NeedsConfirmation},
	}, func(in *addClientAccount) bank.Command[client.Dossier] {
		return &clients.AddEntry[client.Account]{ID: in.ClientID, Entry: in.Body.Account, Confirmed: in.Body.Confirmed}
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/clients/{client_id}/file/risk", id: "grade_client_risk_api_v1_clients__client_id__file_risk_put",
		tag: filesTag, summary: "Set a client's risk grade", status: http.StatusOK,
		about:    "Sets the money-laundering risk of a client, with its reason. Earlier grades stay in the file. A higher grade asks for more in a complete file.",
		refusals: []fault.Code{client.NotFound},
	}, func(in *gradeRisk) bank.Command[client.Dossier] {
		return &clients.GradeRisk{ID: in.ClientID, Grade: in.Body.Grade, Reason: in.Body.Reason}
	}),
	read[[]client.Change](operation{
		method: http.MethodGet, path: "/api/v1/clients/{client_id}/file/changes", id: "read_file_changes_api_v1_clients__client_id__file_changes_get",
		tag: filesTag, summary: "List the changes of a client's file", permission: client.ReadFile, status: http.StatusOK, effect: lists,
		about:    "Lists who changed what and when, oldest first: names of fields and confirmed warnings, never values.",
		refusals: []fault.Code{client.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *rowsOfClient) ([]byte, id.ID, error) {
		return pageBody(v.FileChanges(ctx, by, in.ClientID, in.page()))
	}),
}

var _ = mount(22, consentOperations)

var consentOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/file/consents", id: "record_consent_api_v1_clients__client_id__file_consents_post",
		tag: filesTag, summary: "Record a consent", status: http.StatusCreated,
		about:    "Records a consent of the client, with the version of the privacy notice or of the text that the client accepted.",
		refusals: []fault.Code{client.NotFound},
	}, func(in *recordConsent) bank.Command[client.Consent] {
		b := in.Body
		return &clients.RecordConsent{Consent: client.Consent{ClientID: in.ClientID, Kind: b.Kind, Version: b.Version, Channel: b.Channel, GivenOn: b.GivenOn, ValidUntil: b.ValidUntil}}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/file/consents/{consent_id}/withdrawal", id: "withdraw_consent_api_v1_clients__client_id__file_consents__consent_id__withdrawal_post",
		tag: filesTag, summary: "Withdraw a consent", status: http.StatusOK, about: "Ends a consent on the business date. It stays in the file.",
		refusals: []fault.Code{client.NotFound, client.NoConsent, client.ConsentWithdrawn},
	}, func(in *consentByID) bank.Command[client.Consent] {
		return clients.WithdrawConsent{ID: in.ClientID, Consent: in.ConsentID}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/file/notes", id: "add_note_api_v1_clients__client_id__file_notes_post",
		tag: filesTag, summary: "Add a note", status: http.StatusCreated, about: "Adds a remark of the staff. Notes are never changed.",
		refusals: []fault.Code{client.NotFound},
	}, func(in *addNote) bank.Command[client.Note] {
		return &clients.AddNote{ID: in.ClientID, Text: in.Body.Text}
	}),
	plain[[]client.Note](operation{
		method: http.MethodGet, path: "/api/v1/clients/{client_id}/file/notes", id: "read_notes_api_v1_clients__client_id__file_notes_get",
		tag: filesTag, summary: "List a client's notes", permission: client.ReadFile, status: http.StatusOK, effect: lists,
		about: "Lists the notes, oldest first.", refusals: []fault.Code{client.NotFound},
	}, readNotes),
	upload(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/file/documents", id: "add_document_api_v1_clients__client_id__file_documents_post",
		tag: filesTag, summary: "Add a document", status: http.StatusCreated,
		about:    "Adds a document to the file. The body is the document itself: PDF, JPEG or PNG, at most 10 MiB. `Content-Type` must agree with it.",
		refusals: []fault.Code{client.NotFound},
	}),
	plain[string](operation{
		method: http.MethodGet, path: "/api/v1/clients/{client_id}/file/documents/{document_id}", id: "read_document_api_v1_clients__client_id__file_documents__document_id__get",
		tag: filesTag, summary: "Get a document", permission: client.ReadFile, status: http.StatusOK, effect: reads, media: pdfMedia, formats: []string{"image/jpeg", "image/png"},
		about:    "Returns the document with its media type. Its hash is verified first.",
		refusals: []fault.Code{client.NoDocument},
	}, readClientDocument),
}

type registerFile struct {
	Body ClientFile
}

// ClientFile is the body of a request that registers a client with a file.
type ClientFile struct {
	client.File
	Confirmed []client.Warning `json:"confirmed,omitempty" enum:"curp_name,curp_birth_date,curp_sex,curp_state,rfc_name,rfc_birth_date,rfc_incorporation,rfc_and_curp,rfc_check_digit,under_age,clabe_bank,duplicate_curp,duplicate_phone,duplicate_email,duplicate_clabe,duplicate_name_birth"`
}

type changeFile struct {
	ClientID id.ID `path:"client_id"`
	Body     ClientFileChange
}

// ClientFileChange is the body of a request that replaces a file.
type ClientFileChange struct {
	Revision int `json:"revision"`
	ClientFile
}

type suggestIdentifiers struct {
	Body ClientNames
}

// ClientNames are the data from which identifiers are derived.
type ClientNames struct {
	GivenNames      string     `json:"given_names"`
	PaternalSurname string     `json:"paternal_surname"`
	MaternalSurname string     `json:"maternal_surname,omitempty"`
	BirthDate       civil.Date `json:"birth_date"`
	Sex             client.Sex `json:"sex,omitempty" enum:"female,male,non_binary"`
	BirthState      string     `json:"birth_state,omitempty"`
}

// Confirming has the warnings that the caller knows to be in order.
type Confirming struct {
	Confirmed []client.Warning `json:"confirmed,omitempty" enum:"duplicate_phone,duplicate_clabe,clabe_bank,curp_name,curp_birth_date,curp_sex,curp_state,rfc_name,rfc_birth_date,rfc_incorporation,rfc_and_curp,rfc_check_digit,under_age"`
}

type addPhone struct {
	ClientID id.ID `path:"client_id"`
	Body     ClientPhone
}

// ClientPhone is the body of a request that adds a phone.
type ClientPhone struct {
	client.Phone
	Confirming
}

type addAddress struct {
	ClientID id.ID `path:"client_id"`
	Body     ClientAddress
}

// ClientAddress is the body of a request that adds an address.
type ClientAddress struct {
	client.Address
	Confirming
}

type addClientAccount struct {
	ClientID id.ID `path:"client_id"`
	Body     ClientAccount
}

// ClientAccount is the body of a request that adds a bank account.
type ClientAccount struct {
	client.Account
	Confirming
}

type gradeRisk struct {
	ClientID id.ID `path:"client_id"`
	Body     ClientRisk
}

// ClientRisk is the body of a request that sets a risk grade.
type ClientRisk struct {
	Grade  client.RiskGrade `json:"grade" enum:"low,medium,high"`
	Reason string           `json:"reason" maxLength:"2000"`
}

type recordConsent struct {
	ClientID id.ID `path:"client_id"`
	Body     ClientConsent
}

// ClientConsent is the body of a request that records a consent.
type ClientConsent struct {
	Kind       client.ConsentKind `json:"kind" enum:"privacy_notice,bureau_query,marketing,electronic_notices"`
	Version    string             `json:"notice_version"`
	Channel    client.Channel     `json:"channel" enum:"paper,electronic,voice"`
	GivenOn    civil.Date         `json:"given_on,omitzero"`
	ValidUntil civil.Date         `json:"valid_until,omitzero"`
}

type consentByID struct {
	ClientID  id.ID `path:"client_id"`
	ConsentID id.ID `path:"consent_id"`
}

type addNote struct {
	ClientID id.ID `path:"client_id"`
	Body     ClientNote
}

// ClientNote is the body of a request that adds a note.
type ClientNote struct {
	Text string `json:"text" maxLength:"2000"`
}

// rowsOfClient selects a page of rows of a client.
type rowsOfClient struct {
	ClientID id.ID  `path:"client_id"`
	Limit    int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of results."`
	After    *id.ID `query:"after" doc:"Return results after the one with this id. The Link header has the URL of the next page."`
	tableFormat
}

func (r *rowsOfClient) page() view.Paging {
	return view.Paging{After: or(r.After, id.ID{}), Limit: r.Limit}
}

type addDocument struct {
	ClientID id.ID               `path:"client_id"`
	Kind     client.DocumentKind `query:"kind" enum:"identification,proof_of_address,curp,tax_certificate,income_proof,incorporation_deed,powers,signed_consent,signed_contract,photograph,other" doc:"Kind of document."`
	Name     string              `query:"name" doc:"Name of the document, such as INE front."`
	Body     seedform.File       `media:"application/pdf,image/jpeg,image/png" most:"10240"`
}

type documentByID struct {
	ClientID   id.ID `path:"client_id"`
	DocumentID id.ID `path:"document_id"`
}

func readFile(s *server, c *call, in *clientByID) error {
	by, err := c.viewer()
	if err != nil {
		return err
	}
	var d client.Dossier
	ctx := c.request.Context()
	err = s.onToday(ctx, by, func(today civil.Date) (err error) {
		d, err = s.View.Dossier(ctx, by, in.ClientID, today)
		return err
	})
	if err != nil {
		return err
	}
	c.viewed(in.ClientID, client.ViewedFile)
	c.answer(http.StatusOK, d.AppendJSON(nil))
	return nil
}

// viewed records that the user saw data of a client.
func (c *call) viewed(clientID id.ID, what client.Viewed) {
	c.seen = clientID
	if c.page != nil && !c.firstPage {
		return // the file was seen once
	}
	c.server.Viewings.Add(client.Viewing{ClientID: clientID, Username: c.who.User.Username, What: what, At: c.server.Clock(), CorrelationID: c.correlation})
}

func readNotes(s *server, c *call, in *rowsOfClient) error {
	by, err := c.viewer()
	if err != nil {
		return err
	}
	notes, next, err := pageBody(s.View.Notes(c.request.Context(), by, in.ClientID, in.page()))
	if err != nil {
		return err
	}
	c.viewed(in.ClientID, client.ViewedNotes)
	c.linkNext(next)
	c.answer(http.StatusOK, notes)
	return nil
}

// upload makes the operation that adds a document. The bytes are stored before the command
// runs, so that a document in a file always has them.
func upload(o operation) operation {
	o.effect, o.permission = writes, client.WriteFile
	return plain[client.Document](o, func(s *server, c *call, in *addDocument) error {
		media, content := in.Body.Media, in.Body.Content
		d := client.Document{ClientID: in.ClientID, Kind: in.Kind, Name: in.Name, MediaType: media, Size: len(content)}
		d, err := d.Checked()
		if err == nil && !client.Sniffed(media, content) {
			err = fault.Wrong(fault.At("content", client.ContentMatches))
		}
		if err != nil {
			return err
		}
		c.leave() // the command waits for the writer, not for the database
		if d.SHA256, err = s.Files.Save(c.request.Context(), content); err != nil {
			return clients.StoreAway(err)
		}
		return execute(c, in, nil, bank.Command[client.Document](&clients.AddDocument{Document: d}))
	})
}

// readClientDocument sends a document. The browser must not guess another type, nor run what is in it.
func readClientDocument(s *server, c *call, in *documentByID) error {
	by, err := c.viewer()
	if err != nil {
		return err
	}
	ctx := c.request.Context()
	d, err := s.View.ClientDocument(ctx, by, in.ClientID, in.DocumentID)
	if err != nil {
		return err
	}
	content, err := s.Files.Load(ctx, d.SHA256)
	if err != nil {
		return clients.StoreAway(err)
	}
	c.viewed(in.ClientID, client.ViewedDocument)
	c.exported(d.ID.String(), 0)
	c.Header().Set("Content-Type", d.MediaType)
	c.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.Name}))
	c.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	c.send(http.StatusOK, content)
	return nil
}
