package console

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/url"
	"strings"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/document"
	"sofipo/text"
	"sofipo/view"
)

// documentRow is a document of a client.
type documentRow struct{ Kind, Name, Size, By, When, Path string }

// consentRow is a consent of a client. Path is where it can be withdrawn.
type consentRow struct {
	Kind, Version, Channel, By string
	Given                      civil.Date
	State                      pill
	Path, Key                  string
}

// limitRow is an operation with the limit of the user, and what is left of it.
type limitRow struct {
	Operation   string
	Limit, Left money.Amount
	Unlimited   bool
}

// gradeRow is a risk grade.
type gradeRow struct{ Grade, Reason, By, When string }

// auditRow is an operation on a client or its loans.
type auditRow struct {
	When, By, Action string
	Refusal          string
}

var clientTabPhrases = phrases{
	"Who and when":                      "Quién y cuándo",
	"Document":                          "Documento",
	"Size":                              "Tamaño",
	"No document was added yet":         "Aún no hay documentos",
	"PDF, JPEG or PNG of at most 10 MB": "PDF, JPEG o PNG de hasta 10 MB",
	"File to add":                       "Archivo",
	"Kind of document":                  "Tipo de documento",
	"Name of the document":              "Nombre del documento",
	"For example, INE front":            "Por ejemplo, INE anverso",
	"Add the document":                  "Agregar documento",
	"The document was added":            "Se agregó el documento",
	"Consents":                          "Consentimientos",
	"Consent":                           "Consentimiento",
	"Version of the text":               "Versión del texto",
	"How it was given":                  "Cómo se otorgó",
	"Given on":                          "Otorgado el",
	"Valid until":                       "Vigente hasta",
	"Empty means today":                 "Vacío: hoy",
	"Empty means without an end":        "Vacío: sin vencimiento",
	"Record the consent":                "Registrar consentimiento",
	"The consent was recorded":          "Se registró el consentimiento",
	"No consent was recorded yet":       "Aún no hay consentimientos",
	"Withdrawn on {date}":               "Revocado el {date}",
	"Ended on {date}":                   "Venció el {date}",
	"Withdraw":                          "Revocar",
	"The consent was withdrawn":         "Se revocó el consentimiento",
	"What counts as exposure":           "Lo que cuenta como exposición",
	"Counts as":                         "Cuenta como",
	"Your limits for this client":       "Sus límites con este cliente",
	"Limit":                             "Límite",
	"The outstanding principal, applications that were not rejected, and written-off debt that was not recovered.": "El saldo de capital, las solicitudes que no se rechazaron y lo castigado que no se ha recuperado.",
	"Risk grade":                          "Grado de riesgo",
	"Grade the risk":                      "Calificar riesgo",
	"The risk grade was set":              "Se calificó el riesgo",
	"The risk was not graded yet":         "Aún no se califica el riesgo",
	"The note was added":                  "Se agregó la nota",
	"Add the note":                        "Agregar nota",
	"New note":                            "Nueva nota",
	"Notes cannot be changed or deleted.": "Las notas no se cambian ni se borran.",
	"What was done":                       "Qué hizo",
	"Who saw the data":                    "Quién consultó los datos",
	"What was done before {day} is in detached months of the journal.": "Lo anterior al {day} está en meses separados del libro diario.",
	"What was seen":                       "Qué consultó",
	"Refused: outside the user's scope":   "Rechazado: fuera del alcance del usuario",
	"Refused: above the user's limit":     "Rechazado: excede el límite del usuario",
	"Refused: the role has no permission": "Rechazado: el perfil no tiene el permiso",
	"Confirmed warnings":                  "Advertencias confirmadas",
	"Download":                            "Descargar",
}

// clientTab opens a client for a tab.
func (v *visit) clientTab(name string) (o opened, page clientPage, err error) {
	if o, err = v.openClient(); err == nil {
		page, err = v.clientPage(o, name)
	}
	return o, page, err
}

// auditTab opens a client for the tab with the audit, which shows no data of the file.
func (v *visit) auditTab() (o opened, page clientPage, part view.Paging, err error) {
	if o, err = v.readClient(); err == nil {
		page, err = v.clientPage(o, "audit")
	}
	if err == nil {
		part, err = v.paging()
	}
	return o, page, part, err
}

// clientLoans is the tab with the loans.
func (v *visit) clientLoans() error {
	_, page, err := v.clientTab("loans")
	if err != nil {
		return err
	}
	return clientScreen.show(v, page)
}

// clientTimeline is the tab with everything that was done.
func (v *visit) clientTimeline() error { return v.clientHistory("timeline", false) }

// clientContacts is the tab with contacts, promises and notes.
func (v *visit) clientContacts() error { return v.clientHistory("contacts", true) }

func (v *visit) clientHistory(tabName string, contacts bool) error {
	note, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showHistory(200, tabName, contacts, note)
}

func (v *visit) showHistory(status int, tabName string, contacts bool, note *form) error {
	o, page, err := v.clientTab(tabName)
	if err != nil {
		return err
	}
	part, err := v.paging()
	if err != nil {
		return err
	}
	found, err := v.View.ClientHistory(v.r.Context(), v.by(), view.HistoryQuery{Client: o.client.ID, Contacts: contacts, Today: v.today, Paging: part})
	if err != nil {
		return err
	}
	page.Note, page.Events, page.Pager = note, v.happenings(found.Items), v.pagerTo(len(found.Items), found.Next)
	return clientScreen.answer(v, status, page)
}

// noteClient adds a note.
func (v *visit) noteClient() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	o, err := v.openClient()
	if err == nil {
		_, err = command(v, f, &clients.AddNote{ID: o.client.ID, Text: f.Get("text")})
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showHistory(status, "contacts", true, f)
	}
	return v.done(pathOfClient(o.client.Number)+"/contacts", notice{Text: v.say("The note was added")})
}

// clientDocuments is the tab with the documents and the consents.
func (v *visit) clientDocuments() error {
	upload, err := v.form(url.Values{"kind": {v.r.URL.Query().Get("kind")}})
	if err != nil {
		return err
	}
	return v.showDocuments(200, upload, &form{Key: upload.Key})
}

func (v *visit) showDocuments(status int, upload, consent *form) error {
	o, page, err := v.clientTab("documents")
	if err != nil {
		return err
	}
	page.Upload, page.Consent = upload, consent
	page.Kinds = optionsOf(v, "", client.IdentificationCopy, client.ProofOfAddress, client.IncomeProof, client.CURPCertificate, client.TaxCertificate, client.IncorporationDeed,
		client.PowersDeed, client.SignedConsent, client.SignedContract, client.Photograph, client.OtherDocument)[1:]
	page.Consented = optionsOf(v, "", client.PrivacyNotice, client.BureauQuery, client.Electronic, client.Marketing)[1:]
	page.Channels = optionsOf(v, "", client.OnPaper, client.Electronically, client.ByVoice)[1:]
	for i := len(o.dossier.Documents) - 1; i >= 0; i-- {
		d := o.dossier.Documents[i]
		page.Documents = append(page.Documents, documentRow{
			Kind: capital(text.Of(v.lang, d.Kind)), Name: d.Name, Size: sizeOf(d.Size), By: v.person(d.AddedBy), When: v.when(d.AddedAt), Path: page.Path + "/documents/" + d.ID.String(),
		})
	}
	for i := len(o.dossier.Consents) - 1; i >= 0; i-- {
		page.Consents = append(page.Consents, v.consentRow(page, o.dossier.Consents[i]))
	}
	return clientScreen.answer(v, status, page)
}

func (v *visit) consentRow(page clientPage, c client.Consent) consentRow {
	row := consentRow{
		Kind: capital(text.Of(v.lang, c.Kind)), Version: c.Version, Channel: text.Of(v.lang, c.Channel), By: v.person(c.RecordedBy), Given: c.GivenOn,
		State: pill{"good", v.say("In force")}, Key: page.Consent.Key + c.ID.String(),
	}
	switch {
	case !c.WithdrawnOn.IsZero():
		row.State = pill{"off", v.say("Withdrawn on {date}", "date", c.WithdrawnOn)}
	case !c.InForce(v.today):
		row.State = pill{"off", v.say("Ended on {date}", "date", c.ValidUntil)}
	case page.MayEdit:
		row.Path = page.Path + "/consents/" + c.ID.String() + "/withdrawal"
	}
	return row
}

// sizeOf returns a size in kB or MB.
func sizeOf(bytes int) string {
	if bytes < 1_000_000 {
		return fmt.Sprintf("%d\u00a0kB", max(1, (bytes+500)/1000))
	}
	return fmt.Sprintf("%d.%d\u00a0MB", bytes/1_000_000, bytes/100_000%10)
}

// addDocument saves the bytes and then adds the document, so that a document in a file always
// has them.
func (v *visit) addDocument() error {
	f, d, err := v.sentDocument()
	if err != nil {
		return err
	}
	o, err := v.openClient()
	if err == nil {
		d.document.ClientID = o.client.ID
		err = v.storeDocument(&d)
	}
	if err == nil {
		_, err = command(v, f, &clients.AddDocument{Document: d.document})
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"Content-Type": "file", "content": "file"})
		if !shown {
			return err
		}
		return v.showDocuments(status, f, &form{Key: f.Key})
	}
	return v.done(pathOfClient(o.client.Number)+"/documents", notice{Text: v.say("The document was added")})
}

// sent is a document that a user sent.
type sent struct {
	document client.Document
	content  []byte
}

// sentDocument reads the form of a document with its file.
func (v *visit) sentDocument() (f *form, d sent, err error) {
	if f, err = readUpload(v.w, v.r, client.MaxDocument); err != nil {
		return f, d, err
	}
	d.document = client.Document{Kind: client.DocumentKind(f.Get("kind")), Name: f.Get("name")}
	file, header, err := v.r.FormFile("file")
	if err != nil {
		return f, d, nil // without a file: the check says so
	}
	defer func() { _ = file.Close() }()
	if d.content, err = io.ReadAll(file); err != nil {
		return f, d, fault.Refuse(fault.TooLarge)
	}
	d.document.Size = len(d.content)
	if d.document.MediaType, _, err = mime.ParseMediaType(header.Header.Get("Content-Type")); err != nil {
		d.document.MediaType = ""
	}
	if d.document.Name == "" {
		d.document.Name = strings.ToValidUTF8(header.Filename, "\uFFFD")
	}
	// The key of the form is for one file.
	f.Values.Set("file", header.Filename+" "+fmt.Sprint(len(d.content)))
	return f, d, nil
}

// storeDocument checks a document and saves its bytes.
func (v *visit) storeDocument(d *sent) (err error) {
	if d.document, err = d.document.Checked(); err != nil {
		return err
	}
	if !client.Sniffed(d.document.MediaType, d.content) {
		return fault.Wrong(fault.At("content", client.ContentMatches))
	}
	if d.document.SHA256, err = v.Files.Save(v.r.Context(), d.content); err != nil {
		return bank.Unavailable(client.FilesAway, err)
	}
	return nil
}

// clientDocument sends a document. The browser must not guess another type, nor run what is
// in it.
func (v *visit) clientDocument() error {
	o, err := v.readClient()
	if err != nil {
		return err
	}
	documentID, err := id.Parse(v.r.PathValue("document"))
	if err != nil {
		return fault.Refuse(client.NoDocument)
	}
	d, err := v.View.ClientDocument(v.r.Context(), v.by(), o.client.ID, documentID)
	if err != nil {
		return err
	}
	content, err := v.Files.Load(v.r.Context(), d.SHA256)
	if err != nil {
		return clients.StoreAway(err)
	}
	v.viewed(o.client.ID, client.ViewedDocument)
	v.exported(d.ID.String(), 0)
	h := v.w.Header()
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = v.w.Write(content) // the browser may have left
	return nil
}

// recordConsent adds a consent.
func (v *visit) recordConsent() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	o, err := v.openClient()
	var flaws fault.Flaws
	if err == nil {
		c := client.Consent{ClientID: o.client.ID, Kind: client.ConsentKind(f.Get("consent")), Version: f.Get("notice_version"), Channel: client.Channel(f.Get("channel")),
			GivenOn: f.date("given_on", &flaws), ValidUntil: f.date("valid_until", &flaws)}
		if err = flaws.Err(); err == nil {
			_, err = command(v, f, &clients.RecordConsent{Consent: c})
		}
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"kind": "consent"})
		if !shown {
			return err
		}
		return v.showDocuments(status, &form{Key: f.Key}, f)
	}
	return v.done(pathOfClient(o.client.Number)+"/documents", notice{Text: v.say("The consent was recorded")})
}

// withdrawConsent ends a consent.
func (v *visit) withdrawConsent() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	o, err := v.openClient()
	if err != nil {
		return err
	}
	consent, err := id.Parse(v.r.PathValue("consent"))
	if err != nil {
		return fault.Refuse(client.NoConsent)
	}
	if _, err = command(v, f, clients.WithdrawConsent{ID: o.client.ID, Consent: consent}); err != nil {
		return err
	}
	return v.done(pathOfClient(o.client.Number)+"/documents", notice{Text: v.say("The consent was withdrawn")})
}

// clientExposure is the tab with the exposure, the user's limits and the risk grade.
func (v *visit) clientExposure() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showExposure(200, f)
}

func (v *visit) showExposure(status int, grade *form) error {
	o, page, err := v.clientTab("exposure")
	if err != nil {
		return err
	}
	page.Grade, page.GradeList = grade, optionsOf(v, "", client.LowRisk, client.MediumRisk, client.HighRisk)[1:]
	for _, of := range []staff.Operation{staff.Approving, staff.Disbursing, staff.ActingAlone} {
		limit := v.who.Role.Limits.Of(of)
		if limit > 0 {
			page.Limits = append(page.Limits, limitRow{Operation: capital(text.Of(v.lang, of)), Limit: limit, Left: max(0, limit-page.Exposure), Unlimited: limit >= staff.Unlimited})
		}
	}
	for i := len(o.dossier.Grades) - 1; i >= 0; i-- {
		g := o.dossier.Grades[i]
		page.Grades = append(page.Grades, gradeRow{capital(text.Of(v.lang, g.Grade)), g.Reason, v.person(g.By), v.when(g.At)})
	}
	return clientScreen.answer(v, status, page)
}

// gradeRisk sets the risk grade.
func (v *visit) gradeRisk() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	o, err := v.openClient()
	if err == nil {
		_, err = command(v, f, &clients.GradeRisk{ID: o.client.ID, Grade: client.RiskGrade(f.Get("grade")), Reason: f.Get("reason")})
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showExposure(status, f)
	}
	return v.done(pathOfClient(o.client.Number)+"/exposure", notice{Text: v.say("The risk grade was set")})
}

// clientAudit is the tab with who did what.
func (v *visit) clientAudit() error {
	o, page, part, err := v.auditTab()
	if err != nil {
		return err
	}
	found, err := v.View.Audit(v.r.Context(), v.by(), view.AuditQuery{Client: o.client.ID, To: v.now.AddDate(1, 0, 0), Paging: part})
	if err != nil {
		return err
	}
	for _, r := range found.Items {
		row := auditRow{When: v.when(r.At), By: v.person(r.Actor), Action: v.action(r.Action)}
		if r.Refusal != "" {
			row.Refusal = v.refusedBecause(r.Refusal)
		}
		page.Audit = append(page.Audit, row)
	}
	page.Pager = v.pagerTo(len(page.Audit), found.Next)
	begins, err := v.View.JournalBegins(v.r.Context(), v.by().Need)
	if err != nil {
		return err
	}
	if !begins.IsZero() {
		page.Begin = v.when(begins)
	}
	return clientScreen.show(v, page)
}

// clientViewings is the part of the audit with who saw the data.
func (v *visit) clientViewings() error {
	o, page, part, err := v.auditTab()
	if err != nil {
		return err
	}
	found, err := v.View.Viewings(v.r.Context(), v.by(), view.ViewingQuery{Client: o.client.ID, To: v.now.AddDate(1, 0, 0), Paging: part})
	if err != nil {
		return err
	}
	page.Seen = true
	for _, one := range found.Items {
		page.Audit = append(page.Audit, auditRow{When: v.when(one.At), By: v.person(one.Username), Action: capital(text.Of(v.lang, one.What))})
	}
	page.Pager = v.pagerTo(len(page.Audit), found.Next)
	return clientScreen.show(v, page)
}

// refusedBecause says why an operation was refused.
func (v *visit) refusedBecause(code string) string {
	switch fault.Code(code) {
	case staff.OutOfScope:
		return v.say("Refused: outside the user's scope")
	case authority.Exceeded:
		return v.say("Refused: above the user's limit")
	}
	return v.say("Refused: the role has no permission")
}

// clientStatement sends the account statement of all loans of a client.
func (v *visit) clientStatement() error {
	o, err := v.readClient()
	if err != nil {
		return err
	}
	file, err := v.issuer().ClientStatement(&o.loans, civil.Date{}, civil.Date{})
	if err != nil {
		return err
	}
	v.viewed(o.client.ID, client.ViewedStatement)
	return v.sendPDF(file)
}

// issuer returns the issuer of documents.
func (v *visit) issuer() document.Issuer {
	return document.Issuer{Institution: v.letter, Location: v.Location, Today: v.today}
}

// sendPDF sends a document to show in the browser.
func (v *visit) sendPDF(f document.File) error {
	var out bytes.Buffer
	if err := f.PDF(&out); err != nil {
		return err
	}
	h := v.w.Header()
	v.exported(f.Name+".pdf", f.Count())
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", f.Name+".pdf"))
	_, _ = v.w.Write(out.Bytes()) // the browser may have left
	return nil
}

// phoneNumber returns a phone number in groups: 461 118 2043.
func phoneNumber(s string) string {
	if len(s) != 10 {
		return s
	}
	return s[:3] + " " + s[3:6] + " " + s[6:]
}
