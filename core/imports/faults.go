package imports

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of imports.
const (
	OtherKind     fault.Code = "import_kind"    // the import has rows of another kind
	BalancesTaken fault.Code = "balances_taken" // the opening balances were imported before
	NotFound      fault.Code = "import_not_found"
	UploadBegun   fault.Code = "import_begun"   // the import of the file has begun or ended
	UploadDeleted fault.Code = "import_deleted" // the file is deleted
	ImportFailed  fault.Code = "import_failed"  // an error of the program stopped the import
)

// The rules of files and rows.
const (
	FieldKnown    fault.Rule = "import_field"       // one of the fields {accepted}
	ColumnKnown   fault.Rule = "import_column"      // a column of the heading, unlike {column}
	ColumnOnce    fault.Rule = "import_column_once" // a column at most once
	ColumnMissing fault.Rule = "import_missing"     // the heading has the column
	FileForm      fault.Rule = "import_file_form"   // a CSV or XLSX file with a heading
	FileBroken    fault.Rule = "import_file_broken" // an XLSX file that is not damaged
	RowsMost      fault.Rule = "import_rows_most"   // a file of at most {most} rows
	RowsLeast     fault.Rule = "import_rows_least"  // a file with a row below its heading
	ColumnsMost   fault.Rule = "import_columns"     // a file of at most {most} columns
	SizeMost      fault.Rule = "import_size"        // a file of at most {most} MB
	RowForm       fault.Rule = "import_row_form"    // a row that can be read
	WholeNumber   fault.Rule = "whole_number"       // a whole number from 0 up
	AmountForm    fault.Rule = "amount_form"        // an amount
	TwoDecimals   fault.Rule = "two_decimals"       // at most two decimals
	RateForm      fault.Rule = "rate_form"          // a percentage or a fraction
	DateForm      fault.Rule = "date_form"          // a date
	DaysNeeded    fault.Rule = "days_needed"        // overdue amounts state the days past due
	OverdueNeeded fault.Rule = "overdue_needed"     // days past due state what is overdue
	OneSide       fault.Rule = "import_one_side"    // a debit, a credit or a balance
	ClientKnown   fault.Rule = "import_client"      // a client that was imported or registered
	LoanKnown     fault.Rule = "import_loan"        // a loan that was imported or granted
	ProductKnown  fault.Rule = "import_product"     // a product in force
	AccountKnown  fault.Rule = "import_account"     // an account of the chart
	SameRow       fault.Rule = "import_same_row"    // not another row with the same number
)

// The rules of fields that are taken although something must be completed or was changed.
const (
	CreditBalance      fault.Rule = "credit_balance"       // the balance is negative: the client paid too much
	ClosedWithBalance  fault.Rule = "closed_with_balance"  // the loan is closed and has a balance
	StatusChanged      fault.Rule = "status_changed"       // the status is not one of this system
	TermLimited        fault.Rule = "term_limited"         // the term is longer than a schedule may be
	TermOver           fault.Rule = "term_over"            // the term has ended and a balance is left
	NextDueOver        fault.Rule = "next_due_over"        // the next due date has passed
	RFCShared          fault.Rule = "rfc_shared"           // another client has the RFC
	EmailShared        fault.Rule = "email_shared"         // another client has the e-mail address
	OwedWithoutBalance fault.Rule = "owed_without_balance" // interest is owed and the loan has no balance
	ControlDiffers     fault.Rule = "control_differs"      // the file and the loans have the same balance of a control account
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: OtherKind, Class: fault.ClassConflict, Text: lang.Text{EN: "This import has rows of another kind", ES: "Esta importación tiene renglones de otro tipo"}},
	{Code: BalancesTaken, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Opening balances were imported before; correct them with a manual entry",
		ES: "Los saldos iniciales ya se importaron; corríjalos con una póliza manual",
	}},
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Import not found", ES: "Importación no encontrada"}},
	{Code: UploadBegun, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The import of this file has begun or is complete; upload a file again to import it with other settings",
		ES: "La importación de este archivo ya empezó o terminó; súbalo otra vez para importarlo de otra manera",
	}},
	{Code: UploadDeleted, Class: fault.ClassConflict, Text: lang.Text{EN: "The file was deleted; upload it again", ES: "El archivo se eliminó; súbalo otra vez"}},
	{Code: ImportFailed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "An error of the program stopped the import; nothing is lost, and confirming it again continues it",
		ES: "Un error del programa detuvo la importación; no se pierde nada y al continuarla sigue donde se quedó",
	}},
}

// Texts has the texts of the rules and constants.
var Texts = lang.Texts{
	Clients:  {EN: "clients", ES: "clientes"},
	Loans:    {EN: "loans", ES: "préstamos"},
	Payments: {EN: "payments", ES: "pagos"},
	Balances: {EN: "opening balances", ES: "saldos iniciales"},

	Open: {EN: "open", ES: "abierta"},
	Done: {EN: "complete", ES: "completa"},

	Waiting:    {EN: "to be confirmed", ES: "por confirmar"},
	Running:    {EN: "being imported", ES: "importándose"},
	Stopped:    {EN: "stopped", ES: "detenida"},
	Imported:   {EN: "complete", ES: "completa"},
	Discarded:  {EN: "discarded", ES: "descartada"},
	Unfinished: {EN: "unfinished", ES: "sin terminar"},

	AutoDecimal:  {EN: "as the file separates its fields", ES: "según el separador del archivo"},
	DecimalPoint: {EN: "point: 1,234.56", ES: "punto: 1,234.56"},
	DecimalComma: {EN: "comma: 1.234,56", ES: "coma: 1.234,56"},

	Rejected:   {EN: "rejected", ES: "rechazado"},
	Incomplete: {EN: "to be completed", ES: "por completar"},

	Number:           {EN: "number", ES: "número"},
	FullName:         {EN: "name", ES: "nombre"},
	GivenNames:       {EN: "given names", ES: "nombres"},
	PaternalSurname:  {EN: "first surname", ES: "apellido paterno"},
	MaternalSurname:  {EN: "second surname", ES: "apellido materno"},
	RFC:              {EN: "RFC", ES: "RFC"},
	Email:            {EN: "e-mail address", ES: "correo"},
	Since:            {EN: "registered on", ES: "fecha de alta"},
	ClientNumber:     {EN: "client", ES: "cliente"},
	ClientRFC:        {EN: "RFC of the client", ES: "RFC del cliente"},
	ProductCode:      {EN: "product", ES: "producto"},
	Amount:           {EN: "amount", ES: "monto"},
	InterestRate:     {EN: "annual rate", ES: "tasa anual"},
	TermMonths:       {EN: "term in months", ES: "plazo en meses"},
	Periods:          {EN: "remaining instalments", ES: "pagos restantes"},
	LoanStatus:       {EN: "status", ES: "estatus"},
	GrantedAt:        {EN: "granted on", ES: "fecha de otorgamiento"},
	Principal:        {EN: "balance", ES: "saldo"},
	NextDue:          {EN: "next due date", ES: "próximo vencimiento"},
	DaysPastDue:      {EN: "days past due", ES: "días de atraso"},
	OverduePrincipal: {EN: "overdue principal", ES: "capital vencido"},
	UnpaidInterest:   {EN: "unpaid interest", ES: "interés vencido"},
	UnpaidIVA:        {EN: "unpaid IVA", ES: "IVA vencido"},
	PenaltyInterest:  {EN: "penalty interest", ES: "moratorios"},
	LoanNumber:       {EN: "loan", ES: "préstamo"},
	PaidAt:           {EN: "paid on", ES: "fecha de pago"},
	Reference:        {EN: "reference", ES: "referencia"},
	Account:          {EN: "account", ES: "cuenta"},
	DebitSide:        {EN: "debit", ES: "cargo"},
	CreditSide:       {EN: "credit", ES: "abono"},

	RoundedApart:   {EN: "payment and balance were rounded apart", ES: "el pago y el saldo se redondearon por separado"},
	NotDeducted:    {EN: "payments at the same time did not reduce the balance", ES: "pagos simultáneos no redujeron el saldo"},
	DeductedMore:   {EN: "the balance is lower than the payments leave", ES: "el saldo es menor que el que dejan los pagos"},
	OverPaid:       {EN: "the payments are more than the loan", ES: "los pagos suman más que el préstamo"},
	PaidTwice:      {EN: "the same amount a few minutes later: it may have been sent twice", ES: "el mismo importe minutos después: pudo enviarse dos veces"},
	NotTheBalance:  {EN: "the loan goes on with another principal than the balance", ES: "el préstamo sigue con otro capital que el saldo"},
	FieldRemaining: {EN: "a field must be completed or was changed", ES: "un dato está por completar o cambió"},

	FieldKnown:    {EN: "must be one of the fields {accepted}", ES: "Use uno de los campos {accepted}"},
	ColumnKnown:   {EN: "names the column {column}, which the heading does not have", ES: "El encabezado no tiene la columna {column}"},
	ColumnOnce:    {EN: "has more than one column in the heading; map one of them", ES: "El encabezado repite esta columna"},
	ColumnMissing: {EN: "has no column in the heading; map one to it", ES: "Falta esta columna en el encabezado"},
	FileForm:      {EN: "must be a CSV or XLSX file with a heading in its first row", ES: "Envíe un archivo CSV o XLSX con encabezado en el primer renglón"},
	FileBroken:    {EN: "is damaged; save it again as XLSX or CSV", ES: "El archivo está dañado; guárdelo de nuevo como XLSX o CSV"},
	RowsMost:      {EN: "must have at most {most} rows", ES: "Envíe un archivo de {most} renglones como máximo"},
	RowsLeast:     {EN: "must have at least one row below the heading", ES: "Envíe un archivo con al menos un renglón debajo del encabezado"},
	ColumnsMost:   {EN: "must have at most {most} columns", ES: "Envíe un archivo de {most} columnas como máximo"},
	SizeMost:      {EN: "must have at most {most} MB", ES: "El archivo puede tener hasta {most} MB"},
	RowForm:       {EN: "cannot be read: a quotation mark is open, or the row has more fields than the heading", ES: "No se puede leer: hay comillas sin cerrar o más campos que en el encabezado"},
	WholeNumber:   {EN: "must be a whole number from 0 up", ES: "Escriba un número entero desde 0"},
	AmountForm:    {EN: "must be an amount, such as 1,234.56 or 1.234,56", ES: "Escriba un importe, como 1,234.56 o 1.234,56"},
	TwoDecimals:   {EN: "must have at most two decimals", ES: "Escriba dos decimales como máximo"},
	RateForm:      {EN: "must be a percentage, such as 36%, or a fraction from 0 to 1, such as 0.36", ES: "Escriba un porcentaje, como 36%, o una fracción de 0 a 1, como 0.36"},
	DateForm:      {EN: "must be a date, such as 2025-03-15 or 15/03/2025", ES: "Escriba una fecha, como 2025-03-15 o 15/03/2025"},
	DaysNeeded:    {EN: "must be above 0, because amounts are overdue", ES: "Debe ser mayor que 0, porque hay importes vencidos"},
	OverdueNeeded: {EN: "is required, because the loan is past due", ES: "Falta este dato, porque el préstamo tiene días de atraso"},
	OneSide:       {EN: "must be the only one of debit, credit and balance", ES: "Indique solo uno: cargo, abono o saldo"},
	ClientKnown:   {EN: "must be a client; import the clients first", ES: "El cliente no existe; importe primero los clientes"},
	LoanKnown:     {EN: "must be a loan; import the loans first", ES: "El préstamo no existe; importe primero los préstamos"},
	ProductKnown:  {EN: "must be the code of a product in force", ES: "Use la clave de un producto vigente"},
	AccountKnown:  {EN: "must be an account of the chart with four digits", ES: "Use una cuenta del catálogo, de cuatro dígitos"},
	SameRow:       {EN: "is the number of another row with other data", ES: "Otro renglón con otros datos tiene este número"},

	CreditBalance:     {EN: "is negative: the client paid more than the loan; imported as paid off", ES: "Es negativo: el cliente pagó de más; se importó como liquidado"},
	ClosedWithBalance: {EN: "is not 0 although the loan is closed; imported without a balance", ES: "No es 0 aunque el préstamo está cerrado; se importó sin saldo"},
	StatusChanged:     {EN: "is not a status of this system, or does not fit the balance; the balance decided", ES: "No es un estatus de este sistema o no corresponde al saldo; decidió el saldo"},
	TermLimited:       {EN: "is longer than a schedule may be; the schedule is limited to it", ES: "Es mayor que el plazo máximo; la tabla se limita a él"},
	TermOver:          {EN: "has ended, and a balance is left; it is due in one instalment", ES: "Ya terminó y queda saldo; vence en un solo pago"},
	NextDueOver:       {EN: "has passed; the next date after today was used", ES: "Ya pasó; se usó la siguiente fecha"},
	OwedWithoutBalance: {
		EN: "is owed although the loan has no balance; imported without it: decide it, and post it by hand",
		ES: "Se debe aunque el préstamo no tiene saldo; se importó sin él: resuélvalo y regístrelo con una póliza manual",
	},
	RFCShared:      {EN: "belongs to another client; imported with the generic RFC", ES: "Lo tiene otro cliente; se importó con el RFC genérico"},
	ControlDiffers: {EN: "is a control account: its balance comes from the loans, and the file has another one", ES: "Es cuenta de control: su saldo viene de los préstamos y el archivo tiene otro"},
	EmailShared:    {EN: "belongs to another client; imported without an e-mail address", ES: "Lo tiene otro cliente; se importó sin correo"},
}
