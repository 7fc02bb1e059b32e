package settlement

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations with tills and bank accounts.
const (
	TillNotFound     fault.Code = "till_not_found"
	SessionNotFound  fault.Code = "till_session_not_found"
	AccountNotFound  fault.Code = "bank_account_not_found"
	TillTaken        fault.Code = "till_taken"         // another till has this code
	VaultTaken       fault.Code = "vault_taken"        // the branch has a vault
	NoVault          fault.Code = "no_vault"           // the branch has no vault
	AccountTaken     fault.Code = "bank_account_taken" // another account has this code
	TellerBusy       fault.Code = "teller_busy"        // the user has an open session at another till
	TillOpen         fault.Code = "till_open"          // the till has an open session
	TillsOpen        fault.Code = "tills_open"         // a day does not close while tills are open
	TillClosed       fault.Code = "till_closed"        // the till has no open session
	TillRetired      fault.Code = "till_retired"       // the till is out of use
	VaultStays       fault.Code = "vault_stays"        // a vault is not retired
	PlaceNotEmpty    fault.Code = "place_not_empty"    // the till or bank account has a balance
	MainAccountStays fault.Code = "main_account_stays" // the main account is not closed
	NoTillsOpen      fault.Code = "no_tills_open"      // a close is forced only while tills are open
	TillLeftOpen     fault.Code = "till_left_open"     // the day of the session has been closed
	TillOfAnother    fault.Code = "till_of_another"    // another user has the session of the till
	AccountClosed    fault.Code = "bank_account_closed"
	NotEnoughCash    fault.Code = "not_enough_cash"  // the till or vault has less cash
	NotEnoughMoney   fault.Code = "not_enough_money" // the bank account has a lower balance, and no overdraft
)

// The rules of the fields.
const (
	TillNeeded      fault.Rule = "till_needed"       // cash is received and paid at a till
	TillOfCash      fault.Rule = "till_of_cash"      // only cash has a till
	AccountOfOthers fault.Rule = "account_of_others" // cash has no bank account
	NoMoney         fault.Rule = "no_money"          // no money moves in the operation
	KnownValue      fault.Rule = "known_value"       // a note or coin of this value exists
	ValueOnce       fault.Rule = "value_once"        // each value is listed once
	OtherPlace      fault.Rule = "other_place"       // money moves between two places
	OnePlace        fault.Rule = "one_place"         // either a vault or a bank account
	CollectedByBank fault.Rule = "collected_by_bank" // what a method collects goes from a bank account to a bank account
	CodeForm        fault.Rule = "code_form"         // what CheckCode accepts
	ValidCLABE      fault.Rule = "valid_clabe"       // 18 digits with the right check digit
	ReferenceNeeded fault.Rule = "reference_needed"  // the method {method} needs a reference
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: TillNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Till not found", ES: "No se encontró la caja"}},
	{Code: SessionNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Till session not found", ES: "No se encontró la sesión de caja"}},
	{Code: AccountNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Bank account not found", ES: "No se encontró la cuenta bancaria"}},
	{Code: TillTaken, Class: fault.ClassConflict, Text: lang.Text{EN: "Another till has this code", ES: "Otra caja ya tiene esta clave"}},
	{Code: VaultTaken, Class: fault.ClassConflict, Text: lang.Text{EN: "The branch already has a vault", ES: "La sucursal ya tiene una bóveda"}},
	{Code: NoVault, Class: fault.ClassConflict, Text: lang.Text{EN: "The branch has no vault; add it first", ES: "La sucursal no tiene bóveda; regístrela primero"}},
	{Code: AccountTaken, Class: fault.ClassConflict, Text: lang.Text{EN: "Another bank account has this code", ES: "Otra cuenta bancaria ya tiene esta clave"}},
	{Code: TellerBusy, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The user already has an open till; close it first",
		ES: "Esta persona ya tiene una caja abierta; ciérrela primero",
	}},
	{Code: TillOpen, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Till {till} is open for {teller}; it must be closed first",
		ES: "La caja {till} está abierta a cargo de {teller}; primero debe cerrarse",
	}},
	{Code: TillsOpen, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The day {date} cannot be closed while tills are open: {tills}; close them, or let a branch manager force the close with a reason",
		ES: "El día {date} no puede cerrarse con cajas abiertas: {tills}; ciérrelas o pida a gerencia que fuerce el cierre con un motivo",
	}},
	{Code: NoTillsOpen, Class: fault.ClassConflict, Text: lang.Text{
		EN: "No open till prevents the close of {date}; close the day without forcing it",
		ES: "Ninguna caja abierta impide el cierre del {date}; cierre el día sin forzarlo",
	}},
	{Code: TillLeftOpen, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Till {till} is still open from {date}, which has been closed; count and close the till before it is used again",
		ES: "La caja {till} sigue abierta desde el {date}, que ya se cerró; haga el arqueo y cierre la caja antes de usarla de nuevo",
	}},
	{Code: TillClosed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Till {till} is closed; open it, or name another method",
		ES: "La caja {till} está cerrada; ábrala o elija otra forma de pago",
	}},
	{Code: TillRetired, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Till {till} is out of use; use another till",
		ES: "La caja {till} está dada de baja; use otra caja",
	}},
	{Code: VaultStays, Class: fault.ClassConflict, Text: lang.Text{
		EN: "A vault is not retired: it stays as long as its branch",
		ES: "Una bóveda no se da de baja: permanece mientras exista su sucursal",
	}},
	{Code: PlaceNotEmpty, Class: fault.ClassConflict, Text: lang.Text{
		EN: "{place} has a balance of {balance}; move the money first",
		ES: "{place} tiene un saldo de {balance}; traspáselo primero",
	}},
	{Code: MainAccountStays, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The main account is not closed: payments that name no bank account are on it; change its bank and CLABE instead",
		ES: "La cuenta principal no se cancela: recibe los pagos que no indican cuenta; cambie su banco y su CLABE",
	}},
	{Code: TillOfAnother, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Till {till} is open for {teller}; only this user may use it",
		ES: "La caja {till} está a cargo de {teller}; solo esa persona puede usarla",
	}},
	{Code: AccountClosed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Bank account {bank_account} is closed; name another one",
		ES: "La cuenta bancaria {bank_account} está cancelada; elija otra",
	}},
	{Code: NotEnoughCash, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Till {till} has {available}, less than {amount}",
		ES: "La caja {till} tiene {available}, menos que {amount}",
	}},
	{Code: NotEnoughMoney, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Bank account {bank_account} has {available}, less than {amount}, and no overdraft",
		ES: "La cuenta bancaria {bank_account} tiene {available}, menos que {amount}, y no admite sobregiro",
	}},
}

// Texts has the texts of the methods and rules.
var Texts = lang.Texts{
	Cash:             {EN: "cash", ES: "efectivo"},
	Transfer:         {EN: "transfer", ES: "transferencia"},
	Cheque:           {EN: "cheque", ES: "cheque"},
	Card:             {EN: "card", ES: "tarjeta"},
	PayrollDeduction: {EN: "payroll deduction", ES: "descuento de nómina"},
	Shop:             {EN: "shop", ES: "comercio"},
	TillNeeded:       {EN: "is required: cash is received and paid at a till", ES: "Indique la caja donde se recibe o entrega el efectivo"},
	TillOfCash:       {EN: "is accepted only with the method cash", ES: "La caja solo corresponde a la forma de pago en efectivo"},
	AccountOfOthers:  {EN: "is not accepted with the method cash", ES: "El efectivo no lleva cuenta bancaria; quite este dato"},
	NoMoney:          {EN: "is not accepted: no money moves", ES: "Quite la forma de pago: esta operación no mueve dinero"},
	KnownValue:       {EN: "must be the value of a note or coin: {accepted}", ES: "No hay billete ni moneda de ese valor; use {accepted}"},
	ValueOnce:        {EN: "is listed twice; list each value once", ES: "Este valor se repite; anótelo una sola vez"},
	OtherPlace:       {EN: "must be another place", ES: "Elija un destino distinto del origen"},
	Opening:          {EN: "opening", ES: "fondo inicial"},
	CashIn:           {EN: "cash in", ES: "entrada de efectivo"},
	CashOut:          {EN: "cash out", ES: "salida de efectivo"},
	FromVault:        {EN: "from the vault", ES: "dotación de bóveda"},
	ToVault:          {EN: "to the vault", ES: "entrega a bóveda"},
	Overage:          {EN: "overage", ES: "sobrante"},
	Shortage:         {EN: "shortage", ES: "faltante"},
	Closing:          {EN: "closing", ES: "entrega al cierre"},
	OnePlace:         {EN: "must be given, or else the bank account, but not both", ES: "Indique la bóveda o la cuenta bancaria, no ambas"},
	CollectedByBank:  {EN: "is accepted only between bank accounts", ES: "Solo aplica entre cuentas bancarias"},
	CodeForm:         {EN: "must have 1 to 20 lower-case letters, digits and hyphens", ES: "Use de 1 a 20 letras minúsculas, cifras o guiones"},
	ValidCLABE:       {EN: "must have 18 digits with a valid check digit", ES: "La CLABE debe tener 18 dígitos y un dígito verificador válido"},
	ReferenceNeeded:  {EN: "is required for the method {method}", ES: "Escriba la referencia: es necesaria para la forma de pago {method}"},
}
