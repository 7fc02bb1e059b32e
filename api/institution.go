package api

import (
	"context"
	"net/http"
	"strings"

	"sofipo/api/seedform"
	"sofipo/bank"
	booked "sofipo/bank/institution"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/institution"
	"sofipo/view"
)

const (
	institutionTag = "Institution"
	institutionURL = "/api/v1/institution"
)

var _ = mount(131, institutionOperations)

var institutionOperations = []operation{
	read[institution.Institution](operation{
		method: http.MethodGet, path: institutionURL, id: "read_institution_api_v1_institution_get",
		tag: institutionTag, summary: "Read the institution's data", permission: institution.Read, status: http.StatusOK,
		about: "Returns the institution's data. All fields are empty before they are first recorded.",
	}, func(ctx context.Context, v *view.View, by view.By, _ *none) ([]byte, id.ID, error) {
		return cachedBody(v.Institution(ctx, by))
	}),
	write(operation{
		method: http.MethodPut, path: institutionURL, id: "change_institution_api_v1_institution_put",
		tag: institutionTag, summary: "Change the institution's data", status: http.StatusOK,
		about: "Replaces the institution's data, which documents show. Omitted fields become empty. The settings SOFIPO_INSTITUTION… and SOFIPO_UNE_… " +
			"are the data at the first start only.",
	}, func(in *changeInstitution) bank.Command[institution.Institution] {
		return &booked.ChangeInstitution{Institution: in.Body.institution()}
	}),
	plain[string](operation{
		method: http.MethodGet, path: institutionURL + "/logo", id: "read_logo_api_v1_institution_logo_get",
		tag: institutionTag, summary: "Get the logo", permission: institution.Read, status: http.StatusOK, media: institution.PNG, formats: []string{institution.JPEG}, effect: reads,
		about:    "Returns the logo as a PNG or JPEG file.",
		refusals: []fault.Code{institution.LogoAbsent},
	}, sendLogo),
	write(operation{
		method: http.MethodPut, path: institutionURL + "/logo", id: "change_logo_api_v1_institution_logo_put",
		tag: institutionTag, summary: "Change the logo", status: http.StatusOK,
		about: "Stores the logo at the head of the documents: a PNG or JPEG file of at most 256 KiB, with 16 to 2000 pixels on each side, the longer at most 8 times the shorter.",
	}, func(in *changeLogo) bank.Command[institution.Logo] {
		return &booked.ChangeLogo{Content: in.Body.Content}
	}),
	write(operation{
		method: http.MethodDelete, path: institutionURL + "/logo", id: "remove_logo_api_v1_institution_logo_delete",
		tag: institutionTag, summary: "Remove the logo", status: http.StatusNoContent,
		about:    "Removes the logo from the documents.",
		refusals: []fault.Code{institution.LogoAbsent},
	}, func(*none) bank.Command[institution.Logo] { return booked.RemoveLogo{} }),
}

type changeInstitution struct {
	Body InstitutionData
}

type changeLogo struct {
	Body seedform.File `media:"image/png,image/jpeg" most:"256"`
}

// InstitutionData is the body of a request that changes the institution's data.
type InstitutionData struct {
	Name          string             `json:"name" maxLength:"150" doc:"Trade name." example:"Caja Ejemplo"`
	LegalName     string             `json:"legal_name,omitempty" maxLength:"255" doc:"Legal name (razón social). Letters are signed with it." example:"Caja Ejemplo, S.A. de C.V., S.F.P."`
	RFC           string             `json:"rfc,omitempty" doc:"RFC of the institution."`
	Address       string             `json:"address,omitempty" maxLength:"255" doc:"Address of the head office."`
	Phones        []string           `json:"phones,omitempty" maxItems:"5" doc:"Telephone numbers of 10 to 15 digits."`
	Email         string             `json:"email,omitempty" doc:"Email address."`
	Web           string             `json:"web,omitempty" doc:"Website." example:"www.ejemplo.mx"`
	Registrations []RegistrationData `json:"registrations,omitempty" maxItems:"10" doc:"Numbers in public registers, such as SIPRES."`
	UNE           ContactData        `json:"une,omitzero" doc:"Unit for questions and complaints (Unidad Especializada de Atención a Usuarios)."`
	Condusef      ContactData        `json:"condusef,omitzero" doc:"Contact of CONDUSEF on documents. Defaults to the published one."`
	Legends       []string           `json:"legends,omitempty" maxItems:"10" doc:"Warnings at the end of statements. Defaults to those that CONDUSEF requires."`
	Footer        string             `json:"footer,omitempty" maxLength:"500" doc:"Text at the end of receipts."`
}

// RegistrationData is the request form of institution.Registration.
type RegistrationData struct {
	Register string `json:"register" doc:"Name of the register." example:"SIPRES"`
	Number   string `json:"number" doc:"Number in the register." example:"4321"`
}

// ContactData is the request form of institution.Contact.
type ContactData struct {
	Name    string `json:"name,omitempty" doc:"Person in charge."`
	Address string `json:"address,omitempty" doc:"Address."`
	Phone   string `json:"phone,omitempty" doc:"Telephone number of 10 to 15 digits."`
	Email   string `json:"email,omitempty" doc:"Email address."`
	Web     string `json:"web,omitempty" doc:"Website."`
	Hours   string `json:"hours,omitempty" doc:"Opening hours." example:"lunes a viernes de 9:00 a 18:00"`
}

func (in *InstitutionData) institution() institution.Institution {
	out := institution.Institution{
		Name: in.Name, LegalName: in.LegalName, RFC: in.RFC, Address: in.Address, Phones: in.Phones, Email: in.Email, Web: in.Web,
		UNE: institution.Contact(in.UNE), Condusef: institution.Contact(in.Condusef), Legends: in.Legends, Footer: in.Footer,
	}
	for _, r := range in.Registrations {
		out.Registrations = append(out.Registrations, institution.Registration(r))
	}
	return out
}

// sendLogo sends the image.
func sendLogo(s *server, c *call, _ *none) error {
	by, err := c.viewer()
	if err != nil {
		return err
	}
	l, err := s.View.Logo(c.request.Context(), by)
	if err != nil {
		return err
	}
	c.Header().Set("Content-Type", l.Media)
	c.Header().Set("Content-Disposition", `inline; filename="logo.`+strings.TrimPrefix(l.Media, "image/")+`"`)
	c.send(http.StatusOK, l.Content)
	return nil
}
