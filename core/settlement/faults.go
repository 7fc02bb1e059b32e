package settlement

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations with tills and bank accounts.
const (
	TillNotFound    fault.Code = "till_not_found"
	AccountNotFound fault.Code = "bank_account_not_found"
	TillClosed      fault.Code = "till_closed"     // the till has no open session, or is out of use
	TillOfAnother   fault.Code = "till_of_another" // another user has the session of the till
	AccountClosed   fault.Code = "bank_account_closed"
	NotEnoughCash   fault.Code = "not_enough_cash"  // the till or vault has less cash
	NotEnoughMoney  fault.Code = "not_enough_money" // the bank account has a lower balance, and no overdraft
)

// The rules of the fields.
const (
	TillNeeded      fault.Rule = "till_needed"       // cash is received and paid at a till
	TillOfCash      fault.Rule = "till_of_cash"      // only cash has a till
	AccountOfOthers fault.Rule = "account_of_others" // cash has no bank account
	NoMoney         fault.Rule = "no_money"          // no money moves in the operation
	ReferenceNeeded fault.Rule = "reference_needed"  // the method {method} needs a reference
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: TillNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Till not found", ES: "No se encontró la caja"}},
	{Code: AccountNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Bank account not found", ES: "No se encontró la cuenta bancaria"}},
	{Code: TillClosed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Till {till} is closed; open it, or name another method",
		ES: "La caja {till} está cerrada; ábrala o elija otra forma de pago",
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
	ReferenceNeeded:  {EN: "is required for the method {method}", ES: "Escriba la referencia: es necesaria para la forma de pago {method}"},
}
