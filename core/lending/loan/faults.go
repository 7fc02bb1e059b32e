package loan

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// NotFound is the code of a loan that does not exist.
const NotFound fault.Code = "loan_not_found"

// OtherApprover is the rule of access.FourEyes for loans above the approval limit:
// the user who applied for the loan may not approve it.
const OtherApprover fault.Rule = "other_approver"

// Faults declares the code.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Loan not found", ES: "No se encontró el préstamo"}},
}

// Texts has the texts of the rule, the states and the steps of applications.
var Texts = lang.Texts{
	OtherApprover: {
		EN: "Above {approval_limit} with one client, loans must be approved by someone other than the applicant; the client's loans and applications add up to {exposure}",
		ES: "Quien capturó la solicitud no puede autorizar más de {approval_limit} por cliente; los préstamos y solicitudes del cliente suman {exposure}. Debe autorizar otra persona",
	},

	StepEdited:   {EN: "application edited", ES: "solicitud modificada"},
	StepReturned: {EN: "returned for correction", ES: "devuelta para corregir"},

	Active:  {EN: "active", ES: "activo"},
	PaidOff: {EN: "paid off", ES: "liquidado"},
}
