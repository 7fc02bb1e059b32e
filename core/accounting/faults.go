package accounting

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on the books.
const (
	PeriodClosed        fault.Code = "period_closed"          // the period of the date is closed
	DayClosed           fault.Code = "day_closed"             // the day is already closed
	DayOpen             fault.Code = "day_open"               // another day is the next to close
	CloseRunning        fault.Code = "close_running"          // another process is closing a day
	NoOpenDay           fault.Code = "no_open_day"            // every day before the clock's day is closed
	TooManyOpenDays     fault.Code = "too_many_open_days"     // more days are open than the request may close
	NoDailyPositions    fault.Code = "no_daily_positions"     // the day is not closed yet, or its daily positions have been purged
	ManualEntryNotFound fault.Code = "manual_entry_not_found" // there is no such manual entry
	ManualEntryDecided  fault.Code = "manual_entry_decided"   // the manual entry was already posted or rejected
	AccountNotFound     fault.Code = "account_not_found"      // the chart has no such account
	EntryNotFound       fault.Code = "entry_not_found"        // the books have no such entry
	BalanceLimit        fault.Code = "balance_limit"          // the balance of an account would pass its limit
	OpenDaysLimit       fault.Code = "open_days_limit"        // the entries of the open days would pass their limit
	JournalDetached     fault.Code = "journal_detached"       // the journal of the month is in a file
	MonthStays          fault.Code = "month_stays"            // the month cannot be detached
	MonthAttached       fault.Code = "month_attached"         // the month is not detached
)

// The rules that say more than their code.
const (
	MonthHasOpenDays     fault.Rule = "month_has_open_days"    // of DayOpen
	DailyPositionsPurged fault.Rule = "daily_positions_purged" // of NoDailyPositions
	NotClosedYet         fault.Rule = "not_closed_yet"         // of NoDailyPositions
	CloseCutOff          fault.Rule = "close_cut_off"          // of fault.Unavailable
	CloseStopped         fault.Rule = "close_stopped"          // of fault.Unavailable
	OtherDecider         fault.Rule = "other_decider"          // of access.FourEyes
	StaysOnline          fault.Rule = "stays_online"           // of MonthStays: too young
	OldestFirst          fault.Rule = "oldest_first"           // of MonthStays: an earlier month is attached
	BooksOpen            fault.Rule = "books_open"             // of MonthStays: the period is not closed
	NotSealed            fault.Rule = "not_sealed"             // of MonthStays: some rows have no seal
	DaysNotClosed        fault.Rule = "days_not_closed"        // of MonthStays: entries of days without totals
	NewestFirst          fault.Rule = "newest_first"           // of MonthAttached: a later month is detached
)

// The field rules of manual entries and closes.
const (
	LineCount     fault.Rule = "line_count"      // of lines
	Balanced      fault.Rule = "balanced"        // debits equal credits
	SidesAtMost   fault.Rule = "sides_at_most"   // the total of each side
	OnChart       fault.Rule = "on_chart"        // the account exists on the date
	NotGroup      fault.Rule = "not_group"       // the account takes postings
	NotControl    fault.Rule = "not_control"     // the account has no sub-ledger
	LineAmount    fault.Rule = "line_amount"     // above zero, at most {most}
	OneSide       fault.Rule = "one_side"        // a debit or a credit, not both
	MonthOver     fault.Rule = "month_over"      // the last month that has ended is {latest}
	NotAfterClock fault.Rule = "not_after_clock" // a day is closed on that day or later
	WithoutDate   fault.Rule = "without_date"    // not together with a date
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: PeriodClosed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The books are closed through {closed_through}; the date must be {earliest} or later",
		ES: "La contabilidad está cerrada hasta el {closed_through}; la fecha debe ser el {earliest} o posterior",
	}},
	{Code: DayClosed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "{date} is already closed; the next day to close is {next}",
		ES: "El {date} ya está cerrado; el siguiente día por cerrar es el {next}",
	}},
	{Code: DayOpen, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The next day to close is {next}",
		ES: "El siguiente día por cerrar es el {next}",
	}},
	{Code: CloseRunning, Class: fault.ClassConflict, Text: lang.Text{EN: "Another close is already running", ES: "Ya hay otro cierre del día en curso"}},
	{Code: NoOpenDay, Class: fault.ClassConflict, Text: lang.Text{
		EN: "There is no open day before today ({today}); the next day to close is {next}. To close a day before it ends, give its date",
		ES: "No hay días abiertos anteriores a hoy ({today}); el siguiente día por cerrar es el {next}. Para cerrar un día antes de que termine, indique su fecha",
	}},
	{Code: TooManyOpenDays, Class: fault.ClassConflict, Text: lang.Text{
		EN: "{open} days are open, from {next} to {latest}, but at most {most} may be closed. If these dates are right, set max_days to {open} (sofipo close --max-days {open})",
		ES: "Hay {open} días abiertos, del {next} al {latest}, pero se pueden cerrar como máximo {most}. Si las fechas son correctas, indique max_days {open} (sofipo close --max-days {open})",
	}},
	{Code: NoDailyPositions, Class: fault.ClassNotFound, Text: lang.Text{
		EN: "There are no daily positions: no day has been closed yet",
		ES: "No hay posiciones diarias: aún no se ha cerrado ningún día",
	}},
	{Code: ManualEntryNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Manual entry not found", ES: "No se encontró la póliza manual"}},
	{Code: ManualEntryDecided, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The manual entry is already {manual_entry_status}",
		ES: "La póliza ya fue {manual_entry_status}",
	}},
	{Code: AccountNotFound, Class: fault.ClassNotFound, Text: lang.Text{
		EN: "Account not found: the chart of accounts has no account {account} on {date}",
		ES: "La cuenta {account} no existe en el catálogo de cuentas al {date}",
	}},
	{Code: BalanceLimit, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The balance of account {account} would pass its limit of {most}",
		ES: "El saldo de la cuenta {account} rebasaría su límite de {most}",
	}},
	{Code: OpenDaysLimit, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The debits of all open days would pass their limit of {most}; close a day first",
		ES: "Los cargos de los días abiertos rebasarían su límite de {most}; cierre antes un día",
	}},
	{Code: JournalDetached, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The journal through {through} is detached: ask for later dates, or attach its months (sofipo journal attach)",
		ES: "El libro diario hasta el {through} está separado en archivos: consulte fechas posteriores o reincorpore los meses (sofipo journal attach)",
	}},
	{Code: MonthStays, Class: fault.ClassConflict, Text: lang.Text{
		EN: "{month} is detached already",
		ES: "El mes {month} ya está separado",
	}},
	{Code: MonthAttached, Class: fault.ClassConflict, Text: lang.Text{
		EN: "{month} is not detached",
		ES: "El mes {month} no está separado",
	}},
	{Code: EntryNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Entry not found", ES: "No se encontró la póliza"}},
}

// Texts has the texts of the rules, states and kinds.
var Texts = lang.Texts{
	MonthHasOpenDays: {
		EN: "{next} is still open; close every day of the month first",
		ES: "El {next} sigue abierto; cierre primero todos los días del mes",
	},
	DailyPositionsPurged: {EN: "Daily positions for {date} have been purged", ES: "Las posiciones diarias del {date} ya se depuraron"},
	NotClosedYet: {
		EN: "There are no daily positions for {date}; the last closed day is {last_closed_day}",
		ES: "No hay posiciones diarias del {date}; el último día cerrado es el {last_closed_day}",
	},
	CloseCutOff: {
		EN: "Service unavailable: the close of {date} was interrupted; request it again to continue",
		ES: "El cierre del {date} se interrumpió; vuelva a pedirlo para continuar donde quedó",
	},
	CloseStopped: {
		EN: "Service unavailable: the close of {date} was stopped; request it again to continue",
		ES: "El cierre del {date} se detuvo; vuelva a pedirlo para continuar donde quedó",
	},
	OtherDecider: {
		EN: "The manual entry must be posted or rejected by someone other than the person who proposed it",
		ES: "Quien propuso la póliza no puede contabilizarla ni rechazarla; debe hacerlo otra persona",
	},
	StaysOnline: {
		EN: "{month} stays in the database: only months before {earliest}, the beginning of the previous year, can be detached",
		ES: "El mes {month} permanece en la base de datos: sólo se separan los meses anteriores al {earliest}, inicio del año anterior",
	},
	OldestFirst: {
		EN: "Months are detached from the oldest on: detach {oldest} first",
		ES: "Los meses se separan del más antiguo en adelante: separe primero {oldest}",
	},
	BooksOpen: {
		EN: "The books of {month} are open: close the month first",
		ES: "La contabilidad de {month} está abierta: cierre primero el mes",
	},
	NotSealed: {
		EN: "Rows of {month} have no seal yet: start a server and wait for a minute",
		ES: "Hay renglones de {month} sin sello: inicie un servidor y espere un minuto",
	},
	DaysNotClosed: {
		EN: "{month} has entries from {first} to {last}: all these days must be closed first",
		ES: "El mes {month} tiene pólizas del {first} al {last}: antes deben cerrarse todos esos días",
	},
	NewestFirst: {
		EN: "Months are attached from the newest on: attach {newest} first",
		ES: "Los meses se reincorporan del más reciente hacia atrás: reincorpore primero {newest}",
	},

	LineCount:   {EN: "must have {least} to {most} lines", ES: "La póliza lleva de {least} a {most} renglones"},
	Balanced:    {EN: "must balance: debits are {debits}, credits are {credits}", ES: "La póliza no cuadra: los cargos suman {debits} y los abonos {credits}"},
	SidesAtMost: {EN: "must total at most {most} on each side: debits are {debits}", ES: "Los cargos suman {debits}; el máximo es {most}"},
	OnChart:     {EN: "must be an account in the chart of accounts on {date}", ES: "Elija una cuenta del catálogo de cuentas vigente el {date}"},
	NotGroup:    {EN: "must be an account, not a group of accounts", ES: "Elija una cuenta de detalle, no un grupo de cuentas"},
	NotControl: {
		EN: "must not be a control account: only loan operations post to it",
		ES: "Elija otra cuenta: sólo las operaciones de los préstamos afectan las cuentas de control",
	},
	LineAmount: {EN: "must be above 0 and at most {most}", ES: "Debe ser mayor que 0 y no exceder {most}"},
	OneSide:    {EN: "must have either a debit or a credit, not both", ES: "Escriba un cargo o un abono, no ambos"},
	MonthOver: {
		EN: "must be a month that has ended: {latest} or earlier",
		ES: "Elija un mes que ya terminó: {latest} o anterior",
	},
	NotAfterClock: {
		EN: "must not be after today ({latest}); the next day to close is {next}",
		ES: "No puede ser posterior a hoy ({latest}); el siguiente día por cerrar es el {next}",
	},
	WithoutDate: {EN: "must not be given together with date", ES: "Indique la fecha o este número, no ambos"},

	Proposed: {EN: "proposed", ES: "propuesta"},
	Posted:   {EN: "posted", ES: "contabilizada"},
	Rejected: {EN: "rejected", ES: "rechazada"},

	Debit:  {EN: "debit", ES: "deudora"},
	Credit: {EN: "credit", ES: "acreedora"},

	Asset:      {EN: "assets", ES: "activo"},
	Liability:  {EN: "liabilities", ES: "pasivo"},
	Equity:     {EN: "equity", ES: "capital contable"},
	Income:     {EN: "income", ES: "ingresos"},
	Expense:    {EN: "expenses", ES: "gastos"},
	Memorandum: {EN: "memorandum accounts", ES: "cuentas de orden"},
}
