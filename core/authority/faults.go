package authority

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of authority.
const (
	Exceeded        fault.Code = "authority_exceeded" // the actor's role allows less
	RequestNotFound fault.Code = "request_not_found"
	RequestDecided  fault.Code = "request_decided"  // it no longer waits
	RequestOutdated fault.Code = "request_outdated" // the exposure has grown since it was filed
)

// The rules of Exceeded and of access.FourEyes.
const (
	AboveLimit   fault.Rule = "above_limit"
	TooManyDays  fault.Rule = "too_many_days"
	NeedsRequest fault.Rule = "needs_request" // nobody may do it directly
	NobodyMay    fault.Rule = "nobody_may"    // no role has the limit
	OtherPerson  fault.Rule = "other_person"  // who filed a request does not decide it
	OnlyFiler    fault.Rule = "only_filer"    // only who filed a request withdraws it
	NotOneToFile fault.Rule = "not_one_to_file"
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: Exceeded, Class: fault.ClassDenied, Text: lang.Text{
		EN: "This operation exceeds your authority",
		ES: "Esta operación rebasa sus facultades",
	}},
	{Code: RequestNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Request not found", ES: "No se encontró la solicitud de autorización"}},
	{Code: RequestDecided, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The request no longer waits for a decision: it is {request_state}",
		ES: "La solicitud ya no espera una decisión: está {request_state}",
	}},
	{Code: RequestOutdated, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The amount is {exposure} now; it was {filed} when the request was filed. File a new request",
		ES: "El monto ahora es {exposure}; al presentar la solicitud era {filed}. Presente una solicitud nueva",
	}},
}

// Texts has the texts of the rules and states.
var Texts = lang.Texts{
	AboveLimit: {
		EN: "The limit of your role is {limit} ({operation}), and the amount that counts is {exposure}. Roles that may approve it: {approvers}",
		ES: "El límite de su perfil es de {limit} ({operation}) y el monto que cuenta es de {exposure}. Puede autorizarlo: {approvers}",
	},
	TooManyDays: {
		EN: "Your role may go back {limit_days} {limit_days|day|days}, and the value date is {days} {days|day|days} ago. Roles that may approve it: {approvers}",
		ES: "Su perfil puede retroceder {limit_days} {limit_days|día|días} y la fecha valor es de hace {days} {days|día|días}. Puede autorizarlo: {approvers}",
	},
	NeedsRequest: {
		EN: "This operation is only done by a request that another person approves. Roles that may approve it: {approvers}",
		ES: "Esta operación se hace solo con una solicitud que autorice otra persona. Puede autorizarla: {approvers}",
	},
	NobodyMay: {
		EN: "No role has a limit of {exposure} or more ({operation}). Two people can raise the limit of a role",
		ES: "Ningún perfil tiene un límite de {exposure} o más ({operation}). Dos personas pueden aumentar el límite de un perfil",
	},
	OtherPerson:  {EN: "Someone other than the person who filed the request must decide it", ES: "La solicitud debe decidirla una persona distinta de quien la presentó"},
	OnlyFiler:    {EN: "Only the person who filed the request may withdraw it", ES: "Solo quien presentó la solicitud puede retirarla"},
	NotOneToFile: {EN: "must be absent: this operation has no limit, so it needs no request", ES: "Quite este dato: la operación no tiene límite y no necesita solicitud"},

	Waiting:   {EN: "waiting", ES: "pendiente"},
	Approved:  {EN: "approved", ES: "autorizada"},
	Rejected:  {EN: "rejected", ES: "rechazada"},
	Withdrawn: {EN: "withdrawn", ES: "retirada"},
	Expired:   {EN: "expired", ES: "vencida"},
}
