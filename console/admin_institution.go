package console

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	booked "sofipo/bank/institution"
	"sofipo/core/fault"
	"sofipo/core/institution"
)

const institutionPath = adminPath + "institution"

var institutionRoutes = []route{
	{"GET " + institutionPath, institution.Read, (*visit).institution},
	{"POST " + institutionPath, institution.Manage, (*visit).changeInstitution},
	{"GET " + institutionPath + "/logo", institution.Read, (*visit).logo},
	{"POST " + institutionPath + "/logo", institution.Manage, (*visit).changeLogo},
}

// institutionPage is the institution's data and its logo.
type institutionPage struct {
	Form, Logo *form
	HasLogo    bool
	May        bool
	Changed    string // when and by whom
}

var institutionScreen = declare[institutionPage]("institution")

var institutionPhrases = phrases{
	"RFC":                                "RFC",
	"Website":                            "Sitio web",
	"one per line":                       "uno por renglón",
	"Registrations":                      "Registros públicos",
	"one per line, such as SIPRES: 4321": "uno por renglón, por ejemplo SIPRES: 4321",
	"Unit for questions and complaints (UNE)":           "Unidad Especializada de Atención a Usuarios (UNE)",
	"Person in charge":                                  "Titular",
	"Hours":                                             "Horario",
	"Warnings at the end of statements":                 "Leyendas al final de los estados de cuenta",
	"one per line; empty: those that CONDUSEF requires": "una por renglón; vacío: las que exige la CONDUSEF",
	"Text at the end of receipts":                       "Texto al final de los recibos",
	"Documents, receipts and letters show these data.":  "Los documentos, recibos y cartas muestran estos datos.",
	"changed on {when} by {who}":                        "modificado el {when} por {who}",
	"Logo":                                              "Logotipo",
	"Current logo":                                      "Logotipo actual",
	"There is no logo yet":                              "Aún no hay logotipo",
	"PNG or JPEG of at most 256 KiB, 16 to 2000 pixels on each side": "PNG o JPEG de 256 KiB como máximo, de 16 a 2000 pixeles por lado",
	"Image file":           "Archivo de imagen",
	"Upload the logo":      "Subir logotipo",
	"Remove the logo":      "Quitar logotipo",
	"The logo was changed": "Se cambió el logotipo",
	"The logo was removed": "Se quitó el logotipo",
}

// lines reads an input with a text in each line.
func lines(f *form, name string) (all []string) {
	for line := range strings.Lines(f.Values.Get(name)) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// record returns the institution's data.
func (v *visit) record() (i institution.Institution, err error) {
	stored, err := v.View.Institution(v.r.Context(), v.by())
	if err != nil {
		return i, err
	}
	return stored.Value()
}

func (v *visit) institution() error {
	i, err := v.record()
	if err != nil {
		return err
	}
	f, err := v.form(institutionForm(i, "").Values)
	if err != nil {
		return err
	}
	return v.showInstitution(http.StatusOK, i, f, &form{Key: f.Key + "l"})
}

// institutionForm returns the form with the stored data.
func institutionForm(i institution.Institution, key string) *form {
	var registers []string
	for _, r := range i.Registrations {
		registers = append(registers, r.Register+": "+r.Number)
	}
	return &form{Key: key, Values: url.Values{
		"name": {i.Name}, "legal_name": {i.LegalName}, "rfc": {i.RFC}, "address": {i.Address}, "phones": {strings.Join(i.Phones, "\n")}, "email": {i.Email}, "web": {i.Web},
		"registrations": {strings.Join(registers, "\n")}, "legends": {strings.Join(i.Legends, "\n")}, "footer": {i.Footer},
		"une.name": {i.UNE.Name}, "une.address": {i.UNE.Address}, "une.phone": {i.UNE.Phone}, "une.email": {i.UNE.Email}, "une.web": {i.UNE.Web}, "une.hours": {i.UNE.Hours},
	}}
}

func (v *visit) showInstitution(status int, i institution.Institution, f, logo *form) error {
	page := institutionPage{Form: f, Logo: logo, May: v.may(institution.Manage), HasLogo: true}
	if !i.ChangedAt.IsZero() {
		page.Changed = v.say("changed on {when} by {who}", "when", v.at(i.ChangedAt), "who", v.person(i.ChangedBy))
	}
	if _, err := v.View.Logo(v.r.Context(), v.by()); fault.Is(err, institution.LogoAbsent) {
		page.HasLogo = false
	} else if err != nil {
		return err
	}
	return institutionScreen.answer(v, status, page)
}

func (v *visit) changeInstitution() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	i, err := v.record()
	if err != nil {
		return err
	}
	made := institution.Institution{
		Name: f.Get("name"), LegalName: f.Get("legal_name"), RFC: f.Get("rfc"), Address: f.Get("address"), Phones: lines(f, "phones"), Email: f.Get("email"), Web: f.Get("web"),
		UNE:      institution.Contact{Name: f.Get("une.name"), Address: f.Get("une.address"), Phone: f.Get("une.phone"), Email: f.Get("une.email"), Web: f.Get("une.web"), Hours: f.Get("une.hours")},
		Condusef: i.Condusef, Legends: lines(f, "legends"), Footer: f.Get("footer"),
	}
	for _, line := range lines(f, "registrations") {
		register, number, _ := strings.Cut(line, ":")
		made.Registrations = append(made.Registrations, institution.Registration{Register: strings.TrimSpace(register), Number: strings.TrimSpace(number)})
	}
	if _, err = command(v, f, &booked.ChangeInstitution{Institution: made}); err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		f.merge("phones", "registrations", "legends")
		return v.showInstitution(status, i, f, &form{Key: f.Key + "l"})
	}
	return v.done(institutionPath, notice{Text: v.say("Saved")})
}

// merge puts the flaws of the elements of lists, such as phones.0, at the inputs of the lists.
func (f *form) merge(inputs ...string) {
	for field, flaw := range f.Flaws {
		for _, input := range inputs {
			if strings.HasPrefix(field, input+".") {
				delete(f.Flaws, field)
				f.Flaws[input] = flaw
			}
		}
	}
}

func (v *visit) logo() error {
	l, err := v.View.Logo(v.r.Context(), v.by())
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", l.Media)
	_, _ = v.w.Write(l.Content) // the browser may have left
	return nil
}

// mostLogo limits the size of the file of a logo, in bytes. The command refuses smaller ones with
// the exact limit.
const mostLogo = 512 << 10

func (v *visit) changeLogo() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	said := v.say("The logo was removed")
	if f.Get("do") == "remove" {
		_, err = command(v, f, booked.RemoveLogo{})
	} else {
		var content []byte
		if file, _, opened := v.r.FormFile("logo"); opened == nil {
			content, err = io.ReadAll(io.LimitReader(file, mostLogo))
			_ = file.Close() // it was only read
		}
		if err == nil {
			_, err = command(v, &form{}, &booked.ChangeLogo{Content: content})
		}
		said = v.say("The logo was changed")
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"content": "logo", "body": "logo", "": "logo"})
		if !shown {
			return err
		}
		i, err := v.record()
		if err != nil {
			return err
		}
		return v.showInstitution(status, i, institutionForm(i, f.Key), f)
	}
	return v.done(institutionPath, notice{Text: said})
}
