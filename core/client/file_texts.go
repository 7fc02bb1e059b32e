package client

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
	"sofipo/core/mx"
)

// The codes of operations on files.
const (
	NeedsConfirmation fault.Code = "needs_confirmation"   // someone must confirm warnings
	StaleFile         fault.Code = "client_file_changed"  // another request changed the file
	NamedInFile       fault.Code = "name_in_file"         // the file has the name and the RFC
	HasDocuments      fault.Code = "client_has_documents" // a client with documents cannot be deleted
	NoConsent         fault.Code = "consent_not_found"    // the client has no such consent
	ConsentWithdrawn  fault.Code = "consent_withdrawn"    // the consent was withdrawn earlier
	NoDocument        fault.Code = "document_not_found"   // the client has no such document
)

// The field rules of files.
const (
	OfPersons      fault.Rule = "of_persons"       // a company has no such field
	OfCompanies    fault.Rule = "of_companies"     // a person has no such field
	KindStays      fault.Rule = "kind_stays"       // a client stays a person or a company
	RFCOfKind      fault.Rule = "rfc_of_kind"      // 13 characters for a person, 12 for a company
	NameTooLong    fault.Rule = "name_too_long"    // the names together have at most {most} characters
	StateCode      fault.Rule = "state_code"       // the code of a state as in the CURP
	CountryCode    fault.Rule = "country_code"     // ISO 3166-1 alpha-2
	PostalCode     fault.Rule = "postal_code"      // 5 digits
	PhoneForm      fault.Rule = "phone_form"       // 10 digits, or + and the digits of another country
	BornSince      fault.Rule = "born_since"       // 1900 or later
	NamesNeeded    fault.Rule = "names_needed"     // names that begin with letters
	Expired        fault.Rule = "expired"          // {earliest} or later
	TooManyEntries fault.Rule = "too_many_entries" // at most {most} entries
	SharesAll      fault.Rule = "shares_all"       // the shares add up to 1
	SharesMost     fault.Rule = "shares_most"      // the shares add up to at most 1
	ThirdPartyActs fault.Rule = "third_party_acts" // only of a client who acts for a third party
	ContentMatches fault.Rule = "content_matches"  // the bytes are of the stated type
	FilesAway      fault.Rule = "files_away"       // the store of files does not answer
	CURPLength     fault.Rule = "curp_length"      // 18 characters
	CURPForm       fault.Rule = "curp_form"        // letters and digits at their positions
	CURPDate       fault.Rule = "curp_date"        // the date in it exists
	CURPStateCode  fault.Rule = "curp_state_code"  // the state in it exists
	CURPWord       fault.Rule = "curp_word"        // its first letters are not a word that RENAPO excludes
	CURPDigit      fault.Rule = "curp_digit"       // the check digit
	CLABELength    fault.Rule = "clabe_length"     // 18 digits
	CLABEForm      fault.Rule = "clabe_form"       // digits only
	CLABEDigit     fault.Rule = "clabe_digit"      // the check digit
)

// The rules for the codes of core/mx.
var (
	curpRules = map[mx.Code]fault.Rule{
		mx.InvalidLength: CURPLength, mx.InvalidFormat: CURPForm, mx.InvalidDate: CURPDate, mx.InvalidState: CURPStateCode,
		mx.ForbiddenWord: CURPWord, mx.InvalidVerificationDigit: CURPDigit,
	}
	clabeRules = map[mx.Code]fault.Rule{mx.InvalidLength: CLABELength, mx.InvalidFormat: CLABEForm, mx.InvalidVerificationDigit: CLABEDigit}
)

var fileFaults = []fault.Declaration{
	{Code: NeedsConfirmation, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The file has warnings; correct it, or list these warnings in confirmed: {warnings}",
		ES: "El expediente tiene advertencias; corríjalo o confírmelas: {warnings}",
	}},
	{Code: StaleFile, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Another request changed the file; read it again (its revision is {revision}) and repeat the change",
		ES: "Alguien más modificó el expediente; consúltelo de nuevo (revisión {revision}) y repita el cambio",
	}},
	{Code: NamedInFile, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The client has a file; change the name and the RFC in the file",
		ES: "El cliente tiene expediente; cambie ahí el nombre y el RFC",
	}},
	{Code: HasDocuments, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Client has {documents} {documents|document|documents} and cannot be deleted",
		ES: "El cliente tiene {documents} {documents|documento|documentos} en su expediente y no se puede eliminar",
	}},
	{Code: NoConsent, Class: fault.ClassNotFound, Text: lang.Text{EN: "Consent not found", ES: "No se encontró el consentimiento"}},
	{Code: ConsentWithdrawn, Class: fault.ClassConflict, Text: lang.Text{EN: "Consent was withdrawn earlier", ES: "El consentimiento ya se había revocado"}},
	{Code: NoDocument, Class: fault.ClassNotFound, Text: lang.Text{EN: "Document not found", ES: "No se encontró el documento"}},
}

var fileTexts = lang.Texts{
	OfPersons:   {EN: "is a field of persons; a company has none", ES: "Este dato es de personas; una empresa no lo lleva"},
	OfCompanies: {EN: "is a field of companies; a person has none", ES: "Este dato es de empresas; una persona no lo lleva"},
	KindStays:   {EN: "cannot change: a client stays a person or a company", ES: "Un cliente no puede pasar de persona a empresa ni al revés"},
	RFCOfKind:   {EN: "must have 13 characters for a person and 12 for a company", ES: "El RFC lleva 13 caracteres si es persona y 12 si es empresa"},
	NameTooLong: {EN: "the names together must have at most {most} characters", ES: "El nombre completo admite como máximo {most} caracteres"},
	StateCode: {
		EN: "must be the code of a state as in the CURP: AS, BC, BS, CC, CL, CM, CS, CH, DF, DG, GT, GR, HG, JC, MC, MN, MS, NT, NL, OC, PL, QT, QR, SP, SL, SR, TC, TS, TL, VZ, YN or ZS; NE if born abroad",
		ES: "Use la clave del estado como en la CURP, por ejemplo JC; NE si nació en el extranjero",
	},
	CountryCode:    {EN: "must be a country code of two letters (ISO 3166-1), such as MX", ES: "Use la clave del país con dos letras (ISO 3166-1), por ejemplo MX"},
	PostalCode:     {EN: "must have 5 digits", ES: "El código postal lleva 5 dígitos"},
	PhoneForm:      {EN: "must have 10 digits, or + and the country code and number of another country", ES: "Escriba 10 dígitos, o + con la clave y el número de otro país"},
	BornSince:      {EN: "must be in 1900 or later", ES: "Debe ser de 1900 o posterior"},
	NamesNeeded:    {EN: "the given names and at least one surname must begin with a letter", ES: "El nombre y al menos un apellido deben comenzar con una letra"},
	Expired:        {EN: "must be {earliest} or later: it has expired", ES: "Debe ser el {earliest} o después: ya venció"},
	TooManyEntries: {EN: "must have at most {most} entries", ES: "Se admiten como máximo {most}"},
	SharesAll:      {EN: "the shares must add up to 1", ES: "Las partes deben sumar 100 %"},
	SharesMost:     {EN: "the shares must add up to at most 1", ES: "Las partes no pueden sumar más de 100 %"},
	ThirdPartyActs: {EN: "is only for a client who acts for a third party (acts_for third_party)", ES: "Solo aplica si el cliente actúa por cuenta de un tercero"},
	ContentMatches: {EN: "the content is not of the type that Content-Type states; accepted are PDF, JPEG and PNG", ES: "El archivo no es del tipo indicado; se aceptan PDF, JPEG y PNG"},
	FilesAway:      {EN: "Service unavailable: the store of files does not answer; nothing was written", ES: "El almacén de archivos no responde; no se guardó nada. Intente de nuevo"},
	CURPLength:     {EN: "CURP must have 18 characters, not counting spaces and hyphens", ES: "La CURP lleva 18 caracteres, sin contar espacios ni guiones"},
	CURPForm: {
		EN: "CURP must be 4 letters, a date as YYMMDD, H, M or X, 2 letters of a state, 3 consonants, a letter or digit, and a digit",
		ES: "La CURP lleva 4 letras, la fecha como AAMMDD, H, M o X, la clave del estado, 3 consonantes, una letra o cifra y una cifra",
	},
	CURPDate:      {EN: "CURP must have a valid date as YYMMDD in characters 5 to 10", ES: "Los caracteres 5 a 10 de la CURP llevan una fecha válida como AAMMDD"},
	CURPStateCode: {EN: "CURP must have the code of a Mexican state, or NE if born abroad, in characters 12 and 13", ES: "Los caracteres 12 y 13 de la CURP llevan la clave de un estado, o NE si nació en el extranjero"},
	CURPWord:      {EN: "CURP must not begin with a word that RENAPO excludes; RENAPO replaces its second letter with X", ES: "RENAPO no asigna CURP que comiencen con esa palabra; en su lugar, la segunda letra es una X"},
	CURPDigit:     {EN: "CURP has a check digit that does not match its other characters; compare it with the document", ES: "El último carácter de la CURP no corresponde a los demás. Compare con el documento"},
	CLABELength:   {EN: "CLABE must have 18 digits, not counting spaces and hyphens", ES: "La CLABE lleva 18 dígitos, sin contar espacios ni guiones"},
	CLABEForm:     {EN: "CLABE must have digits only", ES: "La CLABE lleva solo dígitos"},
	CLABEDigit:    {EN: "CLABE has a check digit that does not match its other digits; compare it with the document", ES: "El último dígito de la CLABE no corresponde a los demás. Compare con el documento"},

	CURPName:            {EN: "the CURP does not match the names", ES: "la CURP no corresponde al nombre"},
	CURPBirthDate:       {EN: "the CURP has another birth date", ES: "la CURP tiene otra fecha de nacimiento"},
	CURPSex:             {EN: "the CURP has another sex", ES: "la CURP tiene otro sexo"},
	CURPState:           {EN: "the CURP has another state of birth", ES: "la CURP tiene otro estado de nacimiento"},
	RFCName:             {EN: "the RFC does not match the names", ES: "el RFC no corresponde al nombre"},
	RFCBirthDate:        {EN: "the RFC has another birth date", ES: "el RFC tiene otra fecha de nacimiento"},
	RFCIncorporation:    {EN: "the RFC has another incorporation date", ES: "el RFC tiene otra fecha de constitución"},
	RFCAndCURP:          {EN: "the RFC and the CURP have different birth dates", ES: "el RFC y la CURP tienen fechas de nacimiento distintas"},
	RFCCheckDigit:       {EN: "the RFC has a wrong check digit", ES: "el último carácter del RFC no corresponde a los demás"},
	UnderAge:            {EN: "the client is younger than 18", ES: "el cliente es menor de edad"},
	CLABEBank:           {EN: "no known bank has the CLABE", ES: "la CLABE no es de un banco conocido"},
	DuplicateCURP:       {EN: "another client has the CURP", ES: "otro cliente tiene la misma CURP"},
	DuplicatePhone:      {EN: "another client has the phone", ES: "otro cliente tiene el mismo teléfono"},
	DuplicateEmail:      {EN: "another client has the e-mail", ES: "otro cliente tiene el mismo correo"},
	DuplicateCLABE:      {EN: "another client has the CLABE", ES: "otro cliente tiene la misma CLABE"},
	DuplicateNameAndDay: {EN: "another client has the name and the birth date", ES: "otro cliente tiene el mismo nombre y fecha de nacimiento"},

	LookupRFC: {EN: "RFC", ES: "RFC"}, LookupEmail: {EN: "e-mail", ES: "correo electrónico"}, LookupCURP: {EN: "CURP", ES: "CURP"}, LookupPhone: {EN: "phone", ES: "teléfono"},
	LookupCLABE: {EN: "CLABE", ES: "CLABE"}, LookupNameBirth: {EN: "name and birth date", ES: "nombre y fecha de nacimiento"},
	Person: {EN: "person", ES: "persona física"}, Company: {EN: "company", ES: "persona moral"},
	Female: {EN: "female", ES: "mujer"}, Male: {EN: "male", ES: "hombre"}, NonBinary: {EN: "non-binary", ES: "no binario"},
	Single: {EN: "single", ES: "soltería"}, Married: {EN: "married", ES: "matrimonio"}, FreeUnion: {EN: "free union", ES: "unión libre"},
	Separated: {EN: "separated", ES: "separación"}, Divorced: {EN: "divorced", ES: "divorcio"}, Widowed: {EN: "widowed", ES: "viudez"},
	MobilePhone: {EN: "mobile", ES: "celular"}, HomePhone: {EN: "home", ES: "casa"}, WorkPhone: {EN: "work", ES: "trabajo"}, OtherPhone: {EN: "other", ES: "otro"},
	HomeAddress: {EN: "home", ES: "domicilio particular"}, FiscalAddress: {EN: "fiscal", ES: "domicilio fiscal"}, WorkAddress: {EN: "work", ES: "trabajo"}, OtherAddress: {EN: "other", ES: "otro"},
	VoterCard: {EN: "voter card (INE)", ES: "credencial para votar (INE)"}, Passport: {EN: "passport", ES: "pasaporte"},
	ProfessionalLicence: {EN: "professional licence", ES: "cédula profesional"}, MilitaryCard: {EN: "military card", ES: "cartilla militar"},
	DriverLicence: {EN: "driver licence", ES: "licencia de conducir"}, ImmigrationDocument: {EN: "immigration document", ES: "documento migratorio"},
	ConsularCard: {EN: "consular card", ES: "matrícula consular"},
	NotExposed:   {EN: "not exposed", ES: "no expuesto"}, Exposed: {EN: "exposed", ES: "persona políticamente expuesta"},
	RelativeExposed: {EN: "relative of an exposed person", ES: "familiar de una persona expuesta"}, AssociateExposed: {EN: "associate of an exposed person", ES: "asociado de una persona expuesta"},
	OnOwnBehalf: {EN: "on own behalf", ES: "por cuenta propia"}, OnThirdParty: {EN: "for a third party", ES: "por cuenta de un tercero"},
	LowRisk: {EN: "low", ES: "bajo"}, MediumRisk: {EN: "medium", ES: "medio"}, HighRisk: {EN: "high", ES: "alto"},
	PrivacyNotice: {EN: "privacy notice", ES: "aviso de privacidad"}, BureauQuery: {EN: "query of the credit bureau", ES: "consulta al buró de crédito"},
	Marketing: {EN: "marketing", ES: "publicidad"}, Electronic: {EN: "electronic notices", ES: "avisos electrónicos"},
	OnPaper: {EN: "on paper", ES: "en papel"}, Electronically: {EN: "electronically", ES: "por medios electrónicos"}, ByVoice: {EN: "by voice", ES: "por voz"},
	IdentificationCopy: {EN: "identification", ES: "identificación"}, ProofOfAddress: {EN: "proof of address", ES: "comprobante de domicilio"},
	CURPCertificate: {EN: "CURP", ES: "CURP"}, TaxCertificate: {EN: "tax certificate", ES: "constancia de situación fiscal"},
	IncomeProof: {EN: "proof of income", ES: "comprobante de ingresos"}, IncorporationDeed: {EN: "incorporation deed", ES: "acta constitutiva"},
	PowersDeed: {EN: "powers of the representatives", ES: "poderes de los representantes"}, SignedConsent: {EN: "signed consent", ES: "consentimiento firmado"},
	SignedContract: {EN: "signed contract", ES: "contrato firmado"}, Photograph: {EN: "photograph", ES: "fotografía"}, OtherDocument: {EN: "other", ES: "otro"},

	NeedGrade: {EN: "risk grade", ES: "grado de riesgo"}, NeedConsent: {EN: "consent to the privacy notice", ES: "consentimiento al aviso de privacidad"},
	NeedValidID: {EN: "valid identification", ES: "identificación vigente"}, NeedIDCopy: {EN: "copy of the identification", ES: "copia de la identificación"},
	NeedProof: {EN: "proof of address", ES: "comprobante de domicilio"}, NeedIncome: {EN: "proof of income", ES: "comprobante de ingresos"},
	NeedDeed: {EN: "copy of the incorporation deed", ES: "copia del acta constitutiva"}, NeedPowers: {EN: "copy of the powers", ES: "copia de los poderes"},
	NeedTaxPaper: {EN: "tax certificate", ES: "constancia de situación fiscal"}, NeedHome: {EN: "home address", ES: "domicilio particular"}, NeedFiscal: {EN: "fiscal address", ES: "domicilio fiscal"},
	needBirthDate: {EN: "birth date", ES: "fecha de nacimiento"}, needBirthState: {EN: "state of birth", ES: "estado de nacimiento"}, needSex: {EN: "sex", ES: "sexo"},
	needCURP: {EN: "CURP", ES: "CURP"}, needOccupation: {EN: "occupation", ES: "ocupación"}, needFounded: {EN: "incorporation date", ES: "fecha de constitución"},
	needDeedData: {EN: "incorporation deed", ES: "acta constitutiva"}, needAgents: {EN: "representatives", ES: "representantes"}, needOwners: {EN: "beneficial owners", ES: "propietarios reales"},
	needNation: {EN: "nationality", ES: "nacionalidad"}, needRFC: {EN: "RFC", ES: "RFC"}, needPhone: {EN: "phone", ES: "teléfono"}, needActivity: {EN: "activity", ES: "actividad"},
	needMoney: {EN: "monthly income", ES: "ingreso mensual"}, needSource: {EN: "source of funds", ES: "origen de los recursos"}, needPEP: {EN: "PEP declaration", ES: "declaración de persona expuesta"},
	needActsFor: {EN: "declaration on whose behalf the client acts", ES: "declaración de por cuenta de quién actúa"},
}
