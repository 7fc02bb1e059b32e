package screening

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of screening.
const (
	Blocked       fault.Code = "blocked_person"        // the person is on a list of blocked persons
	AlertNotFound fault.Code = "alert_not_found"       // there is no such alert
	AlertDecided  fault.Code = "alert_decided"         // the alert has this decision already
	EffectStays   fault.Code = "screening_list_effect" // the effect of a list cannot change
)

// The rules of lists and decisions.
const (
	ListForm     fault.Rule = "list_form"     // 1 to 20 letters, digits and hyphens
	EffectNeeded fault.Rule = "effect_needed" // a new list states its effect
	CSVForm      fault.Rule = "csv_form"      // a CSV in UTF-8
	CSVRow       fault.Rule = "csv_row"       // as many fields as the heading
	Column       fault.Rule = "column"        // one of the columns {accepted}
	ColumnOnce   fault.Rule = "column_once"   // a column at most once
	NoRows       fault.Rule = "no_rows"       // at least one person
	TooManyRows  fault.Rule = "too_many_rows" // at most {most} persons
	NamedPerson  fault.Rule = "named_person"  // a name, an RFC or a CURP
	OtherList    fault.Rule = "other_list"    // the list that is imported
	CURPValid    fault.Rule = "curp_valid"    // a valid CURP
	RFCValid     fault.Rule = "rfc_valid"     // a valid RFC
	BirthForm    fault.Rule = "birth_form"    // a date
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: Blocked, Class: fault.ClassDenied, Text: lang.Text{
		EN: "This person matches a list of blocked persons; compliance must review the alert before this operation",
		ES: "Esta persona coincide con una lista de personas bloqueadas; cumplimiento debe revisar la alerta antes de esta operación",
	}},
	{Code: AlertNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Alert not found", ES: "No se encontró la alerta"}},
	{Code: AlertDecided, Class: fault.ClassConflict, Text: lang.Text{EN: "The alert already has this decision", ES: "La alerta ya tiene esa decisión"}},
	{Code: EffectStays, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The effect of list {list} is {effect} and cannot change; import the file as another list",
		ES: "El efecto de la lista {list} es {effect} y no cambia; importe el archivo como otra lista",
	}},
}

// Texts has the texts of the rules and constants.
var Texts = lang.Texts{
	Open:        {EN: "open", ES: "abierta"},
	Cleared:     {EN: "cleared", ES: "descartada"},
	Confirmed:   {EN: "confirmed", ES: "confirmada"},
	OnRFC:       {EN: "RFC", ES: "RFC"},
	OnCURP:      {EN: "CURP", ES: "CURP"},
	OnNameBirth: {EN: "name and birth date", ES: "nombre y fecha de nacimiento"},
	OnName:      {EN: "name", ES: "nombre"},

	Block:        {EN: "block", ES: "bloquear"},
	Warn:         {EN: "warn", ES: "avisar"},
	ListForm:     {EN: "must have 1 to 20 upper-case letters, digits and hyphens, such as LPB", ES: "Use de 1 a 20 letras mayúsculas, cifras y guiones, como LPB"},
	EffectNeeded: {EN: "is required at the first import of a list: block or warn", ES: "Indique block o warn al importar una lista por primera vez"},
	CSVForm:      {EN: "must be a CSV file in UTF-8 with a heading", ES: "Envíe un archivo CSV en UTF-8 con encabezado"},
	CSVRow:       {EN: "must have as many fields as the heading", ES: "El renglón debe tener tantos campos como el encabezado"},
	Column:       {EN: "must be one of the columns {accepted}", ES: "Use las columnas {accepted}"},
	ColumnOnce:   {EN: "must not be repeated", ES: "La columna está repetida"},
	NoRows:       {EN: "must have at least one person", ES: "El archivo debe tener al menos una persona"},
	TooManyRows:  {EN: "must have at most {most} persons", ES: "El archivo debe tener {most} personas como máximo"},
	NamedPerson:  {EN: "a name, an RFC or a CURP is required", ES: "Escriba un nombre, un RFC o una CURP"},
	OtherList:    {EN: "must be the list that is imported", ES: "Debe ser la lista que se importa"},
	CURPValid:    {EN: "must be a valid CURP", ES: "Escriba una CURP válida"},
	RFCValid:     {EN: "must be a valid RFC", ES: "Escriba un RFC válido"},
	BirthForm:    {EN: "must be a date, such as 1980-01-31 or 31/01/1980", ES: "Escriba una fecha, como 1980-01-31 o 31/01/1980"},
}
