package api

// clientGlossary describes the fields of clients' files.
var clientGlossary = map[string]note{
	"kind": {"Kind.", nil}, "given_names": {"Given names, as in the birth certificate.", "Emma"},
	"paternal_surname": {"First surname.", "Gómez"}, "maternal_surname": {"Second surname. Empty for a person with one surname.", "Díaz"},
	"birth_date": {"Date of birth.", "1956-12-31"}, "birth_state": {"State of birth, by its code in the CURP; NE if born abroad.", "JC"},
	"sex": {"Sex in the birth certificate.", "female"}, "marital_status": {"Marital status.", "married"},
	"curp":       {"CURP (population register key), 18 characters. The check digit is verified.", "GODE561231MJCMZM07"},
	"occupation": {"Occupation.", "comerciante"}, "employment": {"Job of a person.", nil}, "employer": {"Name of the employer.", nil},
	"position": {"Position held.", nil}, "since": {"First day.", nil}, "phone": {"Phone: 10 digits, or + and the number of another country.", "3312345678"},
	"legal_name": {"Name of the company, with its legal form.", "Abarrotes El Roble, S.A. de C.V."}, "trade_name": {"Trade name.", nil},
	"incorporation_date": {"Date of incorporation.", nil}, "deed": {"Incorporation deed.", nil}, "notary": {"Notary and place.", nil},
	"registry": {"Folio in the public registry of commerce.", nil}, "representatives": {"Legal representatives.", nil},
	"owners": {"Beneficial owners: whoever owns 25 % or more, or controls the company.", nil}, "powers": {"Deed that grants the powers.", nil},
	"nationality": {"Nationality: country code of two letters (ISO 3166-1).", "MX"}, "phones": {"Phones.", nil}, "addresses": {"Addresses.", nil},
	"identifications": {"Official identifications. An expired one is refused.", nil}, "activity": {"Economic activity.", "venta de abarrotes"},
	"monthly_income": {"Monthly income in pesos.", 18500.00}, "source_of_funds": {"Source of funds.", nil},
	"pep": {"Declaration about politically exposed persons.", nil}, "exposure": {"Whether the client is exposed, or close to someone who is.", "none"},
	"person": {"Name of the exposed person, if it is not the client.", nil}, "declared_on": {"Date of the declaration.", nil},
	"acts_for": {"On whose behalf the client acts.", "self"}, "third_party": {"Whom the client acts for.", nil},
	"beneficiaries": {"Beneficiaries. Their shares add up to 1.", nil}, "relationship": {"Relationship to the client.", "hija"},
	"share": {"Share as a fraction, such as 0.5.", 0.5}, "accounts": {"Bank accounts.", nil},
	"clabe": {"CLABE of the account, 18 digits. The check digit is verified.", "002180000118359710"}, "holder": {"Holder of the account, if it is not the client.", nil},
	"extension": {"Extension.", nil}, "street": {"Street.", "Av. Juárez"}, "exterior_number": {"Exterior number.", "120"}, "interior_number": {"Interior number.", "3"},
	"colonia": {"Colonia.", "Centro"}, "municipality": {"Municipality, or alcaldía in Ciudad de México.", "Guadalajara"}, "locality": {"Locality.", nil},
	"state": {"State, by its code in the CURP; free text abroad.", "JC"}, "postal_code": {"Postal code: 5 digits in Mexico.", "44100"},
	"country": {"Country code of two letters (ISO 3166-1).", "MX"}, "references": {"How to find the place.", nil}, "expires_on": {"Last day on which it is valid.", nil},
	"confirmed": {"Warnings that have been compared with the documents and are in order.", nil}, "confirmations": {"Confirmed warnings.", nil},
	"warning": {"Warning.", nil}, "warnings": {"Warnings that nobody has confirmed.", nil}, "confirmed_by": {"User who confirmed it.", nil}, "confirmed_at": {"Time of the confirmation, UTC.", nil},
	"revision": {"Revision of the file that was read. It grows with each change of the data; 0 without a file.", 1}, "file": {"Data of the file.", nil},
	"risk": {"Risk grades, oldest first. The last one is in force.", nil}, "grade": {"Risk grade.", "low"}, "graded_by": {"User who set the grade.", nil}, "graded_at": {"Time of the grade, UTC.", nil},
	"complete_until": {"Last day on which the file is complete as it is. Absent if something is missing.", nil}, "missing": {"What a complete file still needs.", nil},
	"consents": {"Consents.", nil}, "documents": {"Documents.", nil}, "changed_by": {"User who made the last change.", nil}, "changed_at": {"Time of the change, UTC.", nil},
	"notice_version": {"Version of the privacy notice, or of the text that the client accepted.", "2026-01"}, "channel": {"How the consent was given.", "paper"},
	"given_on": {"Date of the consent. Defaults to the business date.", nil}, "valid_until": {"Last day of the consent. Unlimited if absent.", nil},
	"recorded_by": {"User who recorded it.", nil}, "recorded_at": {"Time of the record, UTC.", nil}, "withdrawn_on": {"Date of the withdrawal.", nil}, "withdrawn_by": {"User who recorded the withdrawal.", nil},
	"media_type": {"Media type.", "application/pdf"}, "size": {"Size in bytes.", nil}, "sha256": {"SHA-256 hash of the content, in hexadecimal.", nil},
	"added_by": {"User who added it.", nil}, "added_at": {"Time of the addition, UTC.", nil}, "text": {"Text of the note.", nil}, "written_by": {"Author.", nil}, "written_at": {"Time of the note, UTC.", nil},
	"action": {"Operation that made the change.", "change_client_file"}, "fields": {"Names of what changed.", nil},
	"rfc_prefix": {"Part of the RFC that follows from the names and the date.", "GODE561231"}, "curp_prefix": {"Part of the CURP that follows from the data.", "GODE561231MJCMZM"},
	"consent_id": {"Consent id.", nil}, "document_id": {"Document id.", nil},

	"blocked_on": {"Business date of the block.", nil}, "blocked_by": {"User who blocked the data.", nil}, "blocked_at": {"Time of the block, UTC.", nil},
	"destroy_from": {"First day on which the data may be destroyed.", "2036-11-30"}, "destroyed_on": {"Date of the destruction. Absent before.", nil}, "destroyed_by": {"User who destroyed the data.", nil},
	"Block.reason": {"Why the data were blocked.", nil}, "DataBlock.reason": {"Why the data are blocked.", nil},

	"Deed.number": {"Number of the deed.", nil}, "Deed.date": {"Date of the deed.", nil}, "PEP.position": {"Position of the exposed person.", nil},
	"Phone.number": {"10 digits, or + and the number of another country.", "3312345678"}, "ClientPhone.number": {"10 digits, or + and the number of another country.", "3312345678"},
	"Identification.number": {"Number of the identification.", nil}, "Document.name": {"Name of the document.", nil}, "Owner.name": {"Full name.", nil}, "Beneficiary.name": {"Full name.", nil},
	"Change.changed_by": {"User who made the change.", nil}, "ClientRisk.reason": {"Reason of the grade.", nil}, "Grade.reason": {"Reason of the grade.", nil},
	"Suggestion.rfc": {"Probable RFC.", "GODE561231GR8"}, "Suggestion.curp": {"Probable CURP. Absent without the sex and the state of birth.", "GODE561231MJCMZM07"},
	"File.email": {"Email address. Other clients may have the same.", nil}, "ClientFile.email": {"Email address. Other clients may have the same.", nil}, "ClientFileChange.email": {"Email address. Other clients may have the same.", nil},
}

// ofFiles reports whether a schema belongs to clients' files.
func ofFiles(schema string) bool {
	switch schema {
	case "File", "ClientFile", "ClientFileChange", "ClientNames", "ClientPhone", "ClientAddress", "ClientAccount", "ClientRisk", "ClientConsent", "ClientNote",
		"Dossier", "Employment", "Deed", "Representative", "Owner", "Phone", "Address", "Identification", "PEP", "Beneficiary", "Account",
		"Confirmation", "Grade", "Consent", "Document", "Note", "Change", "Suggestion", "Block", "DataBlock":
		return true
	}
	return false
}
