package accounting

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The refusals of operations on the books.
const (
	PeriodClosed        fault.Code = "period_closed"          // the books take nothing more for the day
	DayClosed           fault.Code = "day_closed"             // the business day was closed already
	DayOpen             fault.Code = "day_open"               // a business day before it is still open
	CloseRunning        fault.Code = "close_running"          // another process closes a day now
	NoDailyPositions    fault.Code = "no_daily_positions"     // the day was not closed yet, or its positions were dropped
	ManualEntryNotFound fault.Code = "manual_entry_not_found" //
	ManualEntryDecided  fault.Code = "manual_entry_decided"   // an entry by hand was posted or rejected already
	AccountNotFound     fault.Code = "account_not_found"      // the chart has no such account
	EntryNotFound       fault.Code = "entry_not_found"        // the books have no such entry
)

// Rules that say more than their code.
const (
	MonthHasOpenDays     fault.Rule = "month_has_open_days"    // of DayOpen
	DailyPositionsPurged fault.Rule = "daily_positions_purged" // of NoDailyPositions
	NotClosedYet         fault.Rule = "not_closed_yet"         // of NoDailyPositions
	CloseCutOff          fault.Rule = "close_cut_off"          // of fault.Unavailable
	CloseStopped         fault.Rule = "close_stopped"          // of fault.Unavailable
	OtherDecider         fault.Rule = "other_decider"          // of access.FourEyes
)

// The rules of the fields of an entry by hand and of a close.
const (
	LineCount     fault.Rule = "line_count"
	Balanced      fault.Rule = "balanced"        // debits and credits
	SidesAtMost   fault.Rule = "sides_at_most"   //
	OnChart       fault.Rule = "on_chart"        // the account
	NotGroup      fault.Rule = "not_group"       // the account
	NotControl    fault.Rule = "not_control"     // the account
	LineAmount    fault.Rule = "line_amount"     //
	OneSide       fault.Rule = "one_side"        // a debit or a credit
	MonthOver     fault.Rule = "month_over"      // the latest that is over is {latest}
	NotAfterClock fault.Rule = "not_after_clock" // the day to close
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: PeriodClosed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The books are closed through {closed_through}: the day must be {earliest} or later",
		ES: "La contabilidad está cerrada hasta el {closed_through}: la fecha debe ser {earliest} o posterior",
	}},
	{Code: DayClosed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "{date} is closed already; the next day to close is {next}",
		ES: "El {date} ya está cerrado; el siguiente día por cerrar es el {next}",
	}},
	{Code: DayOpen, Class: fault.ClassConflict, Text: lang.Text{
		EN: "{next} is still open: close it first",
		ES: "El {next} sigue abierto: ciérrelo primero",
	}},
	{Code: CloseRunning, Class: fault.ClassConflict, Text: lang.Text{EN: "A day is being closed already", ES: "Ya hay un cierre de día en curso"}},
	{Code: NoDailyPositions, Class: fault.ClassNotFound, Text: lang.Text{
		EN: "There are no positions: no day was closed yet",
		ES: "No hay posiciones: aún no se ha cerrado ningún día",
	}},
	{Code: ManualEntryNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Entry not found", ES: "No se encontró la póliza"}},
	{Code: ManualEntryDecided, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The entry is {manual_entry_status} already",
		ES: "La póliza ya está {manual_entry_status}",
	}},
	{Code: AccountNotFound, Class: fault.ClassNotFound, Text: lang.Text{
		EN: "Account not found: the chart of {date} has no account {account}",
		ES: "El catálogo del {date} no tiene la cuenta {account}",
	}},
	{Code: EntryNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Entry not found", ES: "No se encontró la póliza"}},
}

// Texts are those of the rules, states and kinds.
var Texts = lang.Texts{
	MonthHasOpenDays: {
		EN: "{next} is still open: close the days of the month first",
		ES: "El {next} sigue abierto: cierre primero los días del mes",
	},
	DailyPositionsPurged: {EN: "There are no positions of {date} any more: they were dropped", ES: "Ya no hay posiciones del {date}: se depuraron"},
	NotClosedYet: {
		EN: "There are no positions of {date}; the last closed day is {last_closed_day}",
		ES: "No hay posiciones del {date}; el último día cerrado es el {last_closed_day}",
	},
	CloseCutOff: {
		EN: "Service unavailable: the close of {date} was cut off; asked for again it goes on from there",
		ES: "El cierre del {date} se interrumpió; pídalo de nuevo y continúa donde quedó",
	},
	CloseStopped: {
		EN: "Service unavailable: the close of {date} was stopped; asked for again it goes on from there",
		ES: "El cierre del {date} se detuvo; pídalo de nuevo y continúa donde quedó",
	},
	OtherDecider: {
		EN: "Another person than the one who proposed the entry must decide on it",
		ES: "Sobre la póliza debe decidir una persona distinta de quien la propuso",
	},

	LineCount:   {EN: "must be {least} to {most} lines", ES: "La póliza lleva de {least} a {most} renglones"},
	Balanced:    {EN: "must balance: the debits are {debits}, the credits {credits}", ES: "La póliza no cuadra: los cargos suman {debits} y los abonos {credits}"},
	SidesAtMost: {EN: "must be at most {most} on each side: the debits are {debits}", ES: "Cada lado suma a lo más {most}: los cargos suman {debits}"},
	OnChart:     {EN: "must be an account of the chart on {date}", ES: "Elija una cuenta del catálogo del {date}"},
	NotGroup:    {EN: "must be an account, not a group of accounts", ES: "Elija una cuenta de detalle, no un grupo de cuentas"},
	NotControl: {
		EN: "must not be a control account: only the operations of its sub-ledger move it",
		ES: "Es una cuenta de control: sólo la mueven las operaciones de su auxiliar",
	},
	LineAmount: {EN: "must be above zero and at most {most}", ES: "Debe ser mayor que cero y a lo más {most}"},
	OneSide:    {EN: "must have either a debit or a credit", ES: "Escriba un cargo o un abono, no ambos"},
	MonthOver: {
		EN: "must be over: the latest that is over is {latest}",
		ES: "El mes debe haber terminado: el último que terminó es {latest}",
	},
	NotAfterClock: {
		EN: "must not be after {latest}, the day of the clock; the next day to close is {next}",
		ES: "No puede ser posterior a hoy, {latest}; el siguiente día por cerrar es el {next}",
	},

	Proposed: {EN: "proposed", ES: "propuesta"},
	Posted:   {EN: "posted", ES: "registrada"},
	Rejected: {EN: "rejected", ES: "rechazada"},

	Debit:  {EN: "debit", ES: "deudora"},
	Credit: {EN: "credit", ES: "acreedora"},

	Asset:      {EN: "assets", ES: "activo"},
	Liability:  {EN: "liabilities", ES: "pasivo"},
	Equity:     {EN: "equity", ES: "capital contable"},
	Income:     {EN: "income", ES: "ingresos"},
	Expense:    {EN: "expenses", ES: "gastos"},
	Memorandum: {EN: "memorandum", ES: "cuentas de orden"},
}
