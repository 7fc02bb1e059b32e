package console

import (
	"bytes"
	"fmt"
	"net/url"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/client"
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
	Form     *form
	State    client.DataState
	Facts    []fact
	MayErase bool
	MayBlock bool // no loan or application is open
}

var personalPhrases = phrases{
	"Personal data": "Datos personales",
	"Export":        "Exportar",
	"Everything that is held about the client, in a ZIP file with the documents. The audit records the export.": "Todo lo que se tiene del cliente, en un archivo ZIP con sus documentos. La exportación queda en la bitácora.",
	"Block the data": "Bloquear los datos",
	"The name, the RFC, the file, the documents and the notes are withheld. Only compliance can export them. It cannot be undone.": "Se retiran el nombre, el RFC, el expediente, los documentos y las notas. Solo cumplimiento puede exportarlos. No se puede deshacer.",
	"The client has open loans or applications. Data are blocked after all of them have ended.":                                    "El cliente tiene préstamos o solicitudes sin terminar. Los datos se bloquean cuando todo haya terminado.",
	"Destroy the data": "Suprimir los datos",
	"The blocked data and the documents are deleted for ever. The loans and the books stay.": "Los datos bloqueados y los documentos se eliminan para siempre. Los préstamos y la contabilidad se conservan.",
	"The data are blocked":    "Se bloquearon los datos",
	"The data were destroyed": "Se suprimieron los datos",
	"The data are in use":     "Los datos están en uso",
	"Blocked on":              "Bloqueados el",
	"Blocked by":              "Bloqueó",
	"Kept until":              "Se conservan hasta el",
	"Destroyed on":            "Suprimidos el",
	"Destroyed by":            "Suprimió",
}

// personalData is the tab with the personal data.
func (v *visit) personalData() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	return v.showPersonal(200, f)
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
	p := personalPart{Form: f, State: o.client.Data, MayErase: v.may(client.EraseData), MayBlock: true}
	for i := range page.Loans {
		p.MayBlock = p.MayBlock && page.Loans[i].Counts == 0
	}
	if p.State != client.DataInUse {
		b, err := v.View.Block(v.r.Context(), v.by(), o.client.ID)
		if err != nil {
			return err
		}
		p.Facts = []fact{{v.say("Blocked on"), text.Of(v.lang, b.BlockedOn)}, {v.say("Blocked by"), v.person(b.BlockedBy)}, {v.say("Reason"), b.Reason}, {v.say("Kept until"), text.Of(v.lang, b.DestroyFrom)}}
		if p.State == client.DataDestroyed {
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
		return err
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

// erase runs a command on the data of a client and returns to the tab.
func (v *visit) erase(run func(*form, opened) error, done string) error {
	f, err := v.form(url.Values{})
	if err != nil {
		return err
	}
	o, err := v.readClient()
	if err == nil {
		err = run(f, o)
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showPersonal(status, f)
	}
	return v.done(pathOfClient(o.client.Number)+"/personal", notice{Text: done})
}
