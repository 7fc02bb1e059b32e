package console

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
)

// The inputs of the form of a client have the names of the fields of client.File in JSON, with
// the index of an entry: "phones.0.number".

// valuesOf returns a file as the values of its form.
func (v *visit) valuesOf(f client.File) url.Values {
	if mx.RFC(f.RFC).IsGeneric() {
		f.RFC = "" // provisional
	}
	values := url.Values{}
	writeValues(values, reflect.ValueOf(f), "")
	return values
}

func writeValues(values url.Values, from reflect.Value, path string) {
	switch x := from.Interface().(type) {
	case civil.Date:
		values.Set(path, fieldDate(x))
		return
	case money.Amount:
		if x != 0 {
			values.Set(path, amount(x))
		}
		return
	case rate.Share:
		if x != 0 {
			values.Set(path, strings.TrimSuffix(rate.Annual(int64(x)*100).Fixed(1), ".0"))
		}
		return
	}
	switch from.Kind() {
	case reflect.String:
		values.Set(path, from.String())
	case reflect.Slice:
		for i := range from.Len() {
			writeValues(values, from.Index(i), path+"."+strconv.Itoa(i))
		}
	case reflect.Struct:
		for i := range from.NumField() {
			writeValues(values, from.Field(i), strings.TrimPrefix(path+"."+jsonName(from.Type().Field(i)), "."))
		}
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// fileReader reads the form of a file.
type fileReader struct {
	form  *form
	flaws fault.Flaws
	names map[string]string // input of a field whose entry has another index in the form
}

// readFile returns the file of a form, without entries that are left empty, and the names of
// inputs for the fields of the others.
func (v *visit) readFile(f *form) (client.File, map[string]string, error) {
	r := fileReader{form: f, names: map[string]string{}}
	var file client.File
	r.read(reflect.ValueOf(&file).Elem(), "", "")
	if file.Kind != client.Company {
		file.Kind = client.Person
	}
	return file, r.names, r.flaws.Err()
}

// read reads a value from an input. Field is the name that a flaw of the value has.
func (r *fileReader) read(into reflect.Value, input, field string) {
	if input != field {
		r.names[field] = input
	}
	switch into.Addr().Interface().(type) {
	case *civil.Date:
		into.Set(reflect.ValueOf(r.form.date(input, &r.flaws)))
		return
	case *money.Amount:
		into.SetInt(int64(r.form.amount(input, &r.flaws)))
		return
	case *rate.Share:
		into.SetInt(int64(r.form.share(input, &r.flaws)))
		return
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(r.form.Get(input))
	case reflect.Slice:
		for row := range entriesOf(r.form, input) {
			if place := input + "." + strconv.Itoa(row); r.filled(place) {
				into.Set(reflect.Append(into, reflect.Zero(into.Type().Elem())))
				n := into.Len() - 1
				r.read(into.Index(n), place, field+"."+strconv.Itoa(n))
			}
		}
	case reflect.Struct:
		for i := range into.NumField() {
			name := jsonName(into.Type().Field(i))
			r.read(into.Field(i), strings.TrimPrefix(input+"."+name, "."), strings.TrimPrefix(field+"."+name, "."))
		}
	}
}

// filled reports whether an entry has something besides the choices that it begins with.
func (r *fileReader) filled(place string) bool {
	for name, values := range r.form.Values {
		rest, of := strings.CutPrefix(name, place+".")
		if of && rest != "kind" && rest != "country" && len(values) > 0 && strings.TrimSpace(values[0]) != "" {
			return true
		}
	}
	return false
}

// entriesOf returns the number of entries of a list in a form.
func entriesOf(f *form, list string) (n int) {
	for name := range f.Values {
		rest, of := strings.CutPrefix(name, list+".")
		if index, _, _ := strings.Cut(rest, "."); of {
			if i, err := strconv.Atoi(index); err == nil && i >= 0 && i <= client.MaxEntries {
				n = max(n, i+1)
			}
		}
	}
	return n
}

// fields makes the inputs of a form of a client.
type fields struct {
	*visit
	form *form
}

func (b fields) in(name, label string) inputPart {
	return inputPart{Form: b.form, Name: name, Label: label, Type: "text"}
}

func (b fields) code(name, label string) inputPart {
	in := b.in(name, label)
	in.Class = "code"
	return in
}

func (b fields) day(name, label string) inputPart {
	in := b.in(name, label)
	in.Mode, in.Class = "numeric", "short"
	return in
}

func (b fields) digits(name, label string) inputPart {
	in := b.in(name, label)
	in.Mode = "numeric"
	return in
}

func (b fields) pick(name, label string, options []option) inputPart {
	in := b.in(name, label)
	in.Options = options
	return in
}

func (in inputPart) with(hint string) inputPart {
	in.Hint = hint
	return in
}

func (in inputPart) needed() inputPart {
	in.Required = true
	return in
}

// entries returns the section of a list, with at least some entries.
func (b fields) entries(s formSection, least int, entry func(path string) []inputPart) formSection {
	for i := range max(least, entriesOf(b.form, s.More)) {
		s.Grids = append(s.Grids, entry(fmt.Sprintf("%s.%d.", s.More, i)))
	}
	return s
}

// fileSections returns the parts of the form of a person or a company.
func (v *visit) fileSections(f *form, kind client.PersonKind) []formSection {
	b := fields{v, f}
	if kind == client.Company {
		return append(b.ofCompany(), b.ofBoth()...)
	}
	return append(b.ofPerson(), b.ofBoth()...)
}

func (b fields) ofPerson() []formSection {
	v := b.visit
	states := append(stateOptions(), option{"NE", v.say("Born abroad (NE)")})
	return []formSection{
		{ID: "who", Title: v.say("Identity"), Grids: [][]inputPart{
			{b.in("given_names", v.say("Given names")).needed(), b.in("paternal_surname", v.say("First surname")).needed(), b.in("maternal_surname", v.say("Second surname"))},
			{b.day("birth_date", v.say("Birth date")).with(v.say("dd/mm/yyyy")), b.pick("sex", v.say("Sex"), optionsOf(v, "—", client.Female, client.Male, client.NonBinary)), b.pick("birth_state", v.say("State of birth"), states)},
			{b.code("curp", "CURP"), b.code("rfc", "RFC").with(v.say("Empty if not known yet")), b.pick("nationality", v.say("Nationality"), b.countries())},
			{b.pick("marital_status", v.say("Marital status"), optionsOf(v, "—", client.Single, client.Married, client.FreeUnion, client.Separated, client.Divorced, client.Widowed)), b.in("occupation", v.say("Occupation")), b.in("activity", v.say("Activity"))},
		}},
		{ID: "work", Title: v.say("Work and income"), Grids: [][]inputPart{
			{b.in("employment.employer", v.say("Employer")), b.in("employment.position", v.say("Position"))},
			{b.day("employment.since", v.say("There since")), b.digits("employment.phone", v.say("Phone of the employer"))},
			{b.income(), b.in("source_of_funds", v.say("Source of funds"))},
		}},
	}
}

func (b fields) income() inputPart {
	in := b.in("monthly_income", b.say("Monthly income"))
	in.Mode, in.Class = "decimal", "num-in"
	return in
}

func (b fields) ofCompany() []formSection {
	v := b.visit
	return []formSection{
		{ID: "who", Title: v.say("Identity"), Grids: [][]inputPart{
			{b.in("legal_name", v.say("Legal name")).needed(), b.in("trade_name", v.say("Trade name"))},
			{b.code("rfc", "RFC").with(v.say("Empty if not known yet")), b.day("incorporation_date", v.say("Incorporation date")).with(v.say("dd/mm/yyyy")), b.pick("nationality", v.say("Nationality"), b.countries())},
			{b.in("activity", v.say("Activity")), b.income(), b.in("source_of_funds", v.say("Source of funds"))},
		}},
		{ID: "deed", Title: v.say("Incorporation deed"), Grids: [][]inputPart{
			{b.in("deed.number", v.say("Number")), b.day("deed.date", v.say("Date")), b.in("deed.notary", v.say("Notary")), b.in("deed.registry", v.say("Folio in the registry of commerce"))},
		}},
		b.entries(formSection{ID: "representatives", Title: v.say("Representatives"), More: "representatives", MoreLabel: v.say("Add a representative")}, 1, func(p string) []inputPart {
			return []inputPart{b.in(p+"given_names", v.say("Given names")), b.in(p+"paternal_surname", v.say("First surname")), b.in(p+"maternal_surname", v.say("Second surname")),
				b.code(p+"curp", "CURP"), b.code(p+"rfc", "RFC"), b.in(p+"powers", v.say("Power of attorney deed"))}
		}),
		b.entries(formSection{ID: "owners", Title: v.say("Beneficial owners"), More: "owners", MoreLabel: v.say("Add an owner")}, 1, func(p string) []inputPart {
			return []inputPart{b.in(p+"name", v.say("Name")), b.digits(p+"share", v.say("Share, %")), b.code(p+"curp", "CURP"), b.code(p+"rfc", "RFC"), b.pick(p+"nationality", v.say("Nationality"), b.countries())}
		}),
	}
}

func (b fields) ofBoth() []formSection {
	v := b.visit
	return []formSection{
		b.entries(formSection{ID: "phones", Title: v.say("Phones"), More: "phones", MoreLabel: v.say("Add a phone")}, 1, func(p string) []inputPart {
			return []inputPart{b.pick(p+"kind", v.say("Kind"), optionsOf(v, "", client.MobilePhone, client.HomePhone, client.WorkPhone, client.OtherPhone)[1:]), b.digits(p+"number", v.say("Number")), b.digits(p+"extension", v.say("Extension"))}
		}),
		{ID: "mail", Title: v.say("E-mail"), Grids: [][]inputPart{{b.in("email", v.say("E-mail"))}}},
		b.entries(formSection{ID: "addresses", Title: v.say("Addresses"), More: "addresses", MoreLabel: v.say("Add an address")}, 1, b.address),
		b.entries(formSection{ID: "identifications", Title: v.say("Identifications"), More: "identifications", MoreLabel: v.say("Add an identification")}, 1, func(p string) []inputPart {
			return []inputPart{b.pick(p+"kind", v.say("Kind"), optionsOf(v, "", client.VoterCard, client.Passport, client.ProfessionalLicence, client.MilitaryCard, client.DriverLicence, client.ImmigrationDocument, client.ConsularCard)[1:]),
				b.in(p+"number", v.say("Number")), b.day(p+"expires_on", v.say("Valid until"))}
		}),
		b.entries(formSection{ID: "accounts", Title: v.say("Bank accounts"), More: "accounts", MoreLabel: v.say("Add an account")}, 1, func(p string) []inputPart {
			clabe := b.code(p+"clabe", "CLABE")
			clabe.Mode = "numeric"
			return []inputPart{clabe, b.in(p+"holder", v.say("Holder, if it is not the client"))}
		}),
		{ID: "declarations", Title: v.say("Declarations"), Grids: [][]inputPart{
			{b.pick("pep.exposure", v.say("Politically exposed person"), optionsOf(v, "—", client.NotExposed, client.Exposed, client.RelativeExposed, client.AssociateExposed)), b.in("pep.person", v.say("Exposed person, if it is not the client"))},
			{b.in("pep.position", v.say("Public office")), b.day("pep.declared_on", v.say("Declared on"))},
			{b.pick("acts_for", v.say("Acts"), optionsOf(v, "—", client.OnOwnBehalf, client.OnThirdParty)), b.in("third_party", v.say("Name of the third party"))},
		}},
		b.entries(formSection{ID: "beneficiaries", Title: v.say("Beneficiaries"), More: "beneficiaries", MoreLabel: v.say("Add a beneficiary")}, 0, func(p string) []inputPart {
			return []inputPart{b.in(p+"name", v.say("Name")), b.in(p+"relationship", v.say("Relationship")), b.day(p+"birth_date", v.say("Birth date")), b.digits(p+"share", v.say("Share, %")), b.digits(p+"phone", v.say("Phone"))}
		}),
	}
}

func (b fields) address(p string) []inputPart {
	v := b.visit
	if b.form.Values != nil && b.form.Get(p+"country") == "" {
		b.form.Values.Set(p+"country", client.Mexico)
	}
	return []inputPart{
		b.pick(p+"kind", v.say("Kind"), optionsOf(v, "", client.HomeAddress, client.FiscalAddress, client.WorkAddress, client.OtherAddress)[1:]),
		b.in(p+"street", v.say("Street")), b.in(p+"exterior_number", v.say("Exterior number")), b.in(p+"interior_number", v.say("Interior number")),
		b.digits(p+"postal_code", v.say("Postal code")), b.in(p+"colonia", v.say("Colonia")), b.in(p+"municipality", v.say("Municipality")), b.in(p+"locality", v.say("Locality")),
		b.pick(p+"state", v.say("State of the country"), stateOptions()), b.pick(p+"country", v.say("Country"), b.countries()[1:]),
		b.in(p+"references", v.say("References")), b.day(p+"since", v.say("There since")),
	}
}

// stateCodes are the states by their code in a CURP.
var stateCodes = strings.Fields("AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS")

// stateOptions lists the states by name.
func stateOptions() []option {
	var all []option
	for _, code := range stateCodes {
		all = append(all, option{code, mx.StateName(code)})
	}
	slices.SortFunc(all, func(a, b option) int { return strings.Compare(a.Label, b.Label) })
	return append([]option{{"", "—"}}, all...)
}

// nations are the countries of most clients.
var nations = []struct{ code, label string }{
	{code: "MX", label: "Mexico"}, {code: "US", label: "United States"}, {code: "GT", label: "Guatemala"}, {code: "HN", label: "Honduras"}, {code: "SV", label: "El Salvador"},
	{code: "NI", label: "Nicaragua"}, {code: "BZ", label: "Belize"}, {code: "CR", label: "Costa Rica"}, {code: "PA", label: "Panama"}, {code: "CU", label: "Cuba"}, {code: "HT", label: "Haiti"},
	{code: "DO", label: "Dominican Republic"}, {code: "CO", label: "Colombia"}, {code: "VE", label: "Venezuela"}, {code: "EC", label: "Ecuador"}, {code: "PE", label: "Peru"}, {code: "BO", label: "Bolivia"},
	{code: "BR", label: "Brazil"}, {code: "PY", label: "Paraguay"}, {code: "UY", label: "Uruguay"}, {code: "AR", label: "Argentina"}, {code: "CL", label: "Chile"}, {code: "CA", label: "Canada"},
	{code: "ES", label: "Spain"}, {code: "FR", label: "France"}, {code: "IT", label: "Italy"}, {code: "DE", label: "Germany"}, {code: "GB", label: "United Kingdom"}, {code: "PT", label: "Portugal"},
	{code: "CN", label: "China"}, {code: "KR", label: "South Korea"}, {code: "JP", label: "Japan"}, {code: "IN", label: "India"},
}

// countries lists the countries. A file may have another one, by its code.
func (b fields) countries() []option {
	all := []option{{"", "—"}}
	for _, n := range nations {
		all = append(all, option{n.code, b.say(n.label)})
	}
	for name, values := range b.form.Values {
		other := strings.HasSuffix(name, "country") || strings.HasSuffix(name, "nationality")
		if other && values[0] != "" && !slices.ContainsFunc(all, func(o option) bool { return o.Value == values[0] }) {
			all = append(all, option{values[0], values[0]})
		}
	}
	return all
}

var clientFormPhrases = phrases{
	"The client was registered":         "Se registró al cliente",
	"The data were changed":             "Se modificaron los datos",
	"Probable RFC":                      "RFC probable",
	"Probable CURP":                     "CURP probable",
	"Use it":                            "Usar",
	"Identity":                          "Identidad",
	"Given names":                       "Nombres",
	"First surname":                     "Apellido paterno",
	"Second surname":                    "Apellido materno",
	"Birth date":                        "Fecha de nacimiento",
	"dd/mm/yyyy":                        "dd/mm/aaaa",
	"Sex":                               "Sexo",
	"State of birth":                    "Estado de nacimiento",
	"Born abroad (NE)":                  "Nacido en el extranjero (NE)",
	"Empty if not known yet":            "Vacío si aún no se conoce",
	"Nationality":                       "Nacionalidad",
	"Marital status":                    "Estado civil",
	"Occupation":                        "Ocupación",
	"Activity":                          "Actividad económica",
	"Work and income":                   "Trabajo e ingresos",
	"Employer":                          "Empresa donde trabaja",
	"Position":                          "Puesto",
	"There since":                       "Desde",
	"Phone of the employer":             "Teléfono del trabajo",
	"Monthly income":                    "Ingreso mensual",
	"Source of funds":                   "Origen de los recursos",
	"Incorporation date":                "Fecha de constitución",
	"Incorporation deed":                "Acta constitutiva",
	"Notary":                            "Notario",
	"Folio in the registry of commerce": "Folio mercantil",
	"Representatives":                   "Representantes",
	"Add a representative":              "Agregar representante",
	"Power of attorney deed":            "Escritura del poder",
	"Beneficial owners":                 "Propietarios reales",
	"Add an owner":                      "Agregar propietario",
	"Share, %":                          "Participación, %",
	"Add a phone":                       "Agregar teléfono",
	"Extension":                         "Extensión",
	"Addresses":                         "Domicilios",
	"Add an address":                    "Agregar domicilio",
	"Identifications":                   "Identificaciones",
	"Add an identification":             "Agregar identificación",
	"Add an account":                    "Agregar cuenta",
	"Holder, if it is not the client":   "Titular, si no es el cliente",
	"Declarations":                      "Declaraciones",
	"Politically exposed person":        "Persona políticamente expuesta",
	"Exposed person, if it is not the client": "Persona expuesta, si no es el cliente",
	"Public office":           "Cargo público",
	"Declared on":             "Declarado el",
	"Acts":                    "Actúa",
	"Name of the third party": "Nombre del tercero",
	"Beneficiaries":           "Beneficiarios",
	"Add a beneficiary":       "Agregar beneficiario",
	"Relationship":            "Parentesco",
	"Street":                  "Calle",
	"Exterior number":         "Número exterior",
	"Interior number":         "Número interior",
	"Postal code":             "Código postal",
	"Colonia":                 "Colonia",
	"Municipality":            "Municipio o alcaldía",
	"Locality":                "Localidad",
	"State of the country":    "Estado de la República",
	"Country":                 "País",
	"References":              "Referencias",
	"Register the client":     "Registrar cliente",
	"Save the data":           "Guardar datos",
	"What you write is checked here. Nothing is saved until you press the button.": "Aquí se revisa lo que escribe. Nada se guarda hasta que oprima el botón.",
	"Nothing is wrong": "Todo está en orden",
	"Is it right?":     "¿Es correcto?",
	"Compare with the documents. Your confirmation is kept with your name.": "Compare con los documentos. Su confirmación se guarda con su nombre.",
	"I confirm that it is right":                "Confirmo que es correcto",
	"{n} {n|client|clients} outside your scope": "{n} {n|cliente|clientes} fuera de su alcance",
	"The client may already be registered":      "Es posible que el cliente ya esté registrado",
	"For a complete file, later: {what}":        "Para completar el expediente, después: {what}",
	"To fix":                                    "Por corregir",
	"Mexico":                                    "México",
	"United States":                             "Estados Unidos",
	"Guatemala":                                 "Guatemala",
	"Honduras":                                  "Honduras",
	"El Salvador":                               "El Salvador",
	"Nicaragua":                                 "Nicaragua",
	"Belize":                                    "Belice",
	"Costa Rica":                                "Costa Rica",
	"Panama":                                    "Panamá",
	"Cuba":                                      "Cuba",
	"Haiti":                                     "Haití",
	"Dominican Republic":                        "República Dominicana",
	"Colombia":                                  "Colombia",
	"Venezuela":                                 "Venezuela",
	"Ecuador":                                   "Ecuador",
	"Peru":                                      "Perú",
	"Bolivia":                                   "Bolivia",
	"Brazil":                                    "Brasil",
	"Paraguay":                                  "Paraguay",
	"Uruguay":                                   "Uruguay",
	"Argentina":                                 "Argentina",
	"Chile":                                     "Chile",
	"Canada":                                    "Canadá",
	"Spain":                                     "España",
	"France":                                    "Francia",
	"Italy":                                     "Italia",
	"Germany":                                   "Alemania",
	"United Kingdom":                            "Reino Unido",
	"Portugal":                                  "Portugal",
	"China":                                     "China",
	"South Korea":                               "Corea del Sur",
	"Japan":                                     "Japón",
	"India":                                     "India",
}
