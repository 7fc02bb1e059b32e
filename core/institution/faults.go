package institution

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on the institution.
const (
	Recorded   fault.Code = "institution_recorded"    // the record already exists
	LogoAbsent fault.Code = "institution_has_no_logo" // there is no logo
)

// The rules of the fields.
const (
	WebForm     fault.Rule = "web_form"          // the address of a site
	OfficePhone fault.Rule = "office_phone_form" // 10 to 15 digits
	MaxItems    fault.Rule = "most_items"        // at most {most} elements
	LogoForm    fault.Rule = "logo_form"         // a PNG or JPEG
	LogoBytes   fault.Rule = "logo_bytes"        // at most {most} KiB
	LogoSize    fault.Rule = "logo_size"         // pixels
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: Recorded, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The institution's data are already recorded; change them",
		ES: "Los datos de la institución ya están registrados; modifíquelos",
	}},
	{Code: LogoAbsent, Class: fault.ClassNotFound, Text: lang.Text{EN: "The institution has no logo", ES: "La institución no tiene logotipo"}},
}

// Texts has the texts of the rules.
var Texts = lang.Texts{
	WebForm:     {EN: "must be the address of a site, such as www.example.mx", ES: "Escriba la dirección de un sitio, como www.ejemplo.mx"},
	OfficePhone: {EN: "must be a telephone number of 10 to 15 digits, such as 55 1234 5678 ext. 12", ES: "Escriba un teléfono de 10 a 15 dígitos, como 55 1234 5678 ext. 12"},
	MaxItems:    {EN: "must have at most {most} elements", ES: "Debe tener como máximo {most} elementos"},
	LogoForm:    {EN: "must be a complete PNG or JPEG image", ES: "Envíe una imagen PNG o JPEG completa"},
	LogoBytes:   {EN: "must be an image file of at most {most} KiB", ES: "Envíe una imagen de {most} KiB como máximo"},
	LogoSize: {
		EN: "must be an image whose sides have {least} to {most} pixels, the longer at most {ratio} times the shorter",
		ES: "Envíe una imagen con lados de {least} a {most} píxeles; el mayor mide como máximo {ratio} veces el menor",
	},
}
