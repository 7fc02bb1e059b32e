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

// Texts has the texts of the rule and of the states.
var Texts = lang.Texts{
	OtherApprover: {
		EN: "Loans above {approval_limit} must be approved by someone other than the applicant",
		ES: "Quien capturó la solicitud no puede autorizar préstamos mayores de {approval_limit}; debe hacerlo otra persona",
	},

	Active:  {EN: "active", ES: "activo"},
	PaidOff: {EN: "paid off", ES: "liquidado"},
}
