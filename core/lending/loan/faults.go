package loan

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// NotFound is the refusal of a loan that does not exist.
const NotFound fault.Code = "loan_not_found"

// OtherApprover is the rule of access.FourEyes for a large loan: who applied for it
// may not approve it.
const OtherApprover fault.Rule = "other_approver"

// Faults declares the code.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Loan not found", ES: "No se encontró el préstamo"}},
}

// Texts are those of the rule and of the states.
var Texts = lang.Texts{
	OtherApprover: {
		EN: "Above {approval_limit} another person than the one who applied must approve the loan",
		ES: "Por arriba de {approval_limit} debe autorizar el préstamo una persona distinta de quien capturó la solicitud",
	},

	Active:  {EN: "active", ES: "activo"},
	PaidOff: {EN: "paid off", ES: "liquidado"},
}
