package bankfile

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The rules of a layout.
const (
	DateFormat  fault.Rule = "bank_date_format"
	OtherMark   fault.Rule = "bank_other_mark"
	NoHeader    fault.Rule = "bank_no_header"
	Twice       fault.Rule = "bank_field_twice"
	FixedPlace  fault.Rule = "bank_fixed_place"
	OnePlace    fault.Rule = "bank_one_place"
	NeedsHeader fault.Rule = "bank_needs_header"
	NeedsFields fault.Rule = "bank_needs_fields"
	WithSide    fault.Rule = "bank_with_side"
)

// The rules of a file as a whole.
const (
	TooLarge    fault.Rule = "bank_file_large"
	TooManyRows fault.Rule = "bank_file_rows"
	NoRows      fault.Rule = "bank_file_empty"
	NotUTF8     fault.Rule = "bank_file_encoding"
	NoColumn    fault.Rule = "bank_file_column"
)

// The rules of a row.
const (
	DateForm   fault.Rule = "bank_row_date"
	TooOld     fault.Rule = "bank_row_old"
	AmountForm fault.Rule = "bank_row_amount"
	OneSide    fault.Rule = "bank_row_side"
	OpenQuote  fault.Rule = "bank_row_quote"
	Differs    fault.Rule = "bank_row_differs" // another row has the same operation id
)

// Texts has the texts of the rules.
var Texts = lang.Texts{
	DateFormat: {
		EN: "must have DD, MM and YYYY or YY with / - . or a space between them, such as DD/MM/YYYY",
		ES: "Use DD, MM y AAAA o AA en la forma DD/MM/YYYY, DD/MM/YY o YYYYMMDD",
	},
	OtherMark: {EN: "must not be the decimal mark", ES: "Debe ser distinto del signo decimal"},
	NoHeader:  {EN: "must be false for columns with fixed places", ES: "Un archivo de columnas fijas no lleva encabezado"},
	Twice:     {EN: "must appear only once", ES: "Este dato se repite en otra columna"},
	FixedPlace: {
		EN: "must be the first character from 1 on, with \"to\" the last one, at most {most}, and no name or position",
		ES: "Indique el primer carácter (desde 1) y el último (hasta {most}), sin nombre ni posición",
	},
	OnePlace:    {EN: "must be given, or else a name, but not both", ES: "Indique la posición o el nombre de la columna, sólo uno"},
	NeedsHeader: {EN: "needs a header in the file; give the position instead", ES: "Requiere que el archivo tenga encabezado; indique la posición"},
	NeedsFields: {
		EN: "must have a date and either an amount (with an optional side) or a credit (with an optional debit)",
		ES: "Incluya la fecha y el importe (con o sin signo) o el abono (con o sin cargo)",
	},
	WithSide: {EN: "must list the values of the column side, and only if there is one", ES: "Indique los valores de la columna del signo, y sólo si existe"},

	TooLarge:    {EN: "must have at most {most} MB", ES: "El archivo puede tener hasta {most} MB"},
	TooManyRows: {EN: "must have at most {most} rows; split the file", ES: "El archivo puede tener hasta {most} renglones; divídalo"},
	NoRows:      {EN: "must have at least one row after the header", ES: "El archivo no tiene renglones"},
	NotUTF8: {
		EN: "must be in the encoding of the layout: line {line} is not valid UTF-8",
		ES: "El renglón {line} no está en UTF-8, la codificación indicada para el archivo",
	},
	NoColumn: {
		EN: "must have the column {column} in the header on line {line}",
		ES: "Falta la columna {column} en el encabezado (renglón {line})",
	},

	Comma: {EN: "comma", ES: "coma"}, Semicolon: {EN: "semicolon", ES: "punto y coma"}, Tab: {EN: "tab", ES: "tabulador"},
	Pipe: {EN: "vertical bar", ES: "barra vertical"}, Fixed: {EN: "fixed columns", ES: "columnas fijas"},
	NoMark: {EN: "none", ES: "ninguno"}, PointMark: {EN: "point", ES: "punto"}, CommaMark: {EN: "comma", ES: "coma"},
	SpaceMark: {EN: "space", ES: "espacio"}, ApostropheMark: {EN: "apostrophe", ES: "apóstrofo"},
	UTF8: {EN: "UTF-8", ES: "UTF-8"}, Latin1: {EN: "Latin-1", ES: "Latin-1"},
	ToUnapplied: {EN: "unapplied funds", ES: "saldo a favor"}, ToSuspense: {EN: "unidentified deposits", ES: "depósitos por identificar"},
	Date: {EN: "date", ES: "fecha"}, Amount: {EN: "amount", ES: "importe"}, Credit: {EN: "credit", ES: "abono"}, Debit: {EN: "debit", ES: "cargo"},
	Side: {EN: "side", ES: "signo"}, Operation: {EN: "operation", ES: "folio de la operación"}, Reference: {EN: "reference", ES: "referencia"},
	Concept: {EN: "concept", ES: "concepto"}, Sender: {EN: "sender", ES: "ordenante"},

	DateForm:   {EN: "must be a date such as {example}", ES: "Escriba una fecha como {example}"},
	TooOld:     {EN: "must not be before {earliest}", ES: "No puede ser anterior al {earliest}"},
	AmountForm: {EN: "must be an amount such as {example}", ES: "Escriba un importe como {example}"},
	OneSide:    {EN: "must be empty if there is a debit", ES: "El renglón tiene cargo y abono; sólo puede tener uno"},
	OpenQuote:  {EN: "must have its quotes closed", ES: "Faltan comillas de cierre en el renglón"},
	Differs: {
		EN: "must be unique: an earlier row has this operation with another date or amount",
		ES: "Otro renglón tiene esta operación con otra fecha o importe",
	},
}
