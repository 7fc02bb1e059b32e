package console

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/folio"
	"sofipo/document"
	"sofipo/text"
)

var personalRoutes = []route{
	{"GET " + clientPath + "/personal", client.ExportData, (*visit).personalData},
	{"POST " + clientPath + "/personal/export", client.ExportData, (*visit).exportPersonal},
	{"POST " + clientPath + "/personal/block", client.EraseData, (*visit).blockPersonal},
	{"POST " + clientPath + "/personal/destruction", client.EraseData, (*visit).destroyPersonal},
}

// personalPart is the tab of a client with the export, the block and the destruction of the
// personal data.
type personalPart struct {
	Form       *form
	State      pill
	Facts      []fact
	MayErase   bool
	InUse      bool
	MayBlock   bool       // no loan or application is open
	MayDestroy bool       // the term of the blocked data has ended
	From       civil.Date // first day on which blocked data may be destroyed
}

var personalPhrases = phrases{
	"Personal data":   "Datos personales",
	"Export the data": "Exportar los datos",
	"Everything that is held about the client, in a ZIP file with the documents. The audit records the export.": "Todo lo que se tiene del cliente, en un archivo ZIP con sus documentos. La exportación queda en la bitácora.",
	"Blocking of the data": "Bloqueo de los datos",
	"Block the data":       "Bloquear los datos",
	"The console no longer shows the name, the RFC, the file, the documents and the notes. Only compliance can export them, until their term ends.": "La consola deja de mostrar el nombre, el RFC, el expediente, los documentos y las notas. Solo cumplimiento puede exportarlos, hasta que termine su plazo.",
	"First end the open loans and applications":       "Primero termine los préstamos y las solicitudes abiertos",
	"Destruction of the data":                         "Supresión de los datos",
	"Destroy the data":                                "Suprimir los datos",
	"The loans and the books stay.":                   "Los préstamos y la contabilidad se conservan.",
	"The blocked data and the documents are deleted.": "Los datos bloqueados y los documentos se eliminan.",
	"They can be destroyed from {date}":               "Se pueden suprimir desde el {date}",
	"To confirm, write the number of the client":      "Para confirmar, escriba el número del cliente",
	"Write {number}, the number of this client":       "Escriba {number}, el número de este cliente",
	"The data are blocked":                            "Se bloquearon los datos",
	"The data were destroyed":                         "Se suprimieron los datos",
	"Blocked":                                         "Bloqueados",
	"Destroyed":                                       "Suprimidos",
	"Blocked on":                                      "Bloqueados el",
	"Blocked by":                                      "Bloqueó",
	"Kept until":                                      "Se conservan hasta el",
	"Destroyed on":                                    "Suprimidos el",
	"Destroyed by":                                    "Suprimió",
}

// personalData is the tab with the personal data.
func (v *visit) personalData() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showPersonal(http.StatusOK, f)
}

func (v *visit) showPersonal(status int, f *form) error {
	o, err := v.readClient()
	if err != nil {
		return err
	}
	page, err := v.clientPage(o, "personal")
	if err != nil {
		return err
	}
	p := personalPart{Form: f, State: pill{"plain", v.say("In use")}, MayErase: v.may(client.EraseData), InUse: o.client.Data == client.DataInUse, MayBlock: true}
	for i := range page.Loans {
		p.MayBlock = p.MayBlock && page.Loans[i].Counts == 0
	}
	if !p.InUse {
		b, err := v.View.Block(v.r.Context(), v.by(), o.client.ID)
		if err != nil {
			return err
		}
		p.Facts = []fact{{v.say("Blocked on"), text.Of(v.lang, b.BlockedOn)}, {v.say("Blocked by"), v.person(b.BlockedBy)}, {v.say("Reason"), b.Reason}, {v.say("Kept until"), text.Of(v.lang, b.DestroyFrom)}}
		p.State, p.From, p.MayDestroy = pill{"off", v.say("Blocked")}, b.DestroyFrom, !v.today.Before(b.DestroyFrom)
		if o.client.Data == client.DataDestroyed {
			p.State, p.From = pill{"off", v.say("Destroyed")}, civil.Date{}
			p.Facts = append(p.Facts, fact{v.say("Destroyed on"), text.Of(v.lang, b.DestroyedOn)}, fact{v.say("Destroyed by"), v.person(b.DestroyedBy)})
		}
	}
	page.Personal = p
	return clientScreen.answer(v, status, page)
}

// exportPersonal records the export and sends the data.
func (v *visit) exportPersonal() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	o, err := v.readClient()
	if err != nil {
		return err
	}
	f.Key = "" // each export has a row in the audit
	if _, err := command(v, f, clients.ExportData{ID: o.client.ID}); err != nil {
		return err
	}
	data, err := v.View.PersonalData(v.r.Context(), v.by(), o.client.ID, v.now, v.today)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = document.WritePersonalData(&out, data, func(hash string) ([]byte, error) { return v.Files.Load(v.r.Context(), hash) })
	if err != nil {
		return clients.StoreAway(err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", document.PersonalDataName(data)))
	_, _ = v.w.Write(out.Bytes()) // the browser may have left
	return nil
}

// blockPersonal blocks the data.
func (v *visit) blockPersonal() error {
	return v.erase(func(f *form, o opened) error {
		_, err := command(v, f, lending.BlockClient{ClientID: o.client.ID, Reason: f.Get("reason")})
		return err
	}, v.say("The data are blocked"))
}

// destroyPersonal destroys the blocked data.
func (v *visit) destroyPersonal() error {
	return v.erase(func(f *form, o opened) error {
		_, err := command(v, f, clients.DestroyData{ID: o.client.ID})
		return err
	}, v.say("The data were destroyed"))
}

// erase runs a command on the data of a client and returns to the tab. The user confirms by the
// number of the client.
func (v *visit) erase(run func(*form, opened) error, done string) error {
	f, err := v.form(url.Values{})
	if err != nil {
		return err
	}
	o, err := v.readClient()
	if err != nil {
		return err
	}
	if n, flaw := folio.Client.Parse(f.Get("client")); flaw != "" || n != o.client.Number {
		f.Flaws = map[string]string{"client": v.say("Write {number}, the number of this client", "number", folio.Client.Print(o.client.Number))}
		return v.showPersonal(http.StatusUnprocessableEntity, f)
	}
	if err := run(f, o); err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showPersonal(status, f)
	}
	return v.done(pathOfClient(o.client.Number)+"/personal", notice{Text: done})
}
