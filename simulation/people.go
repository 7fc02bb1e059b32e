package simulation

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
)

// person has the data of a client: a person, or a company.
type person struct {
	name, email, rfc string
	file             client.File
	confirms         []client.Warning // what the officer knows to be right
	branch           *branch
}

// company reports whether the client is a company.
func (p *person) company() bool { return p.file.Kind == client.Company }

var (
	// Common names; the accents are part of them.
	women = strings.Fields(`María Guadalupe Juana Margarita Verónica Leticia Rosa Elizabeth Martha Alejandra Patricia Ana Gabriela Carmen Yolanda
		Silvia Adriana Teresa Sandra Araceli Norma Laura Claudia Lucía Sofía Ximena Fernanda Itzel Beatriz Mónica Rocío Esperanza Inés Belén`)
	men = strings.Fields(`José Juan Luis Carlos Francisco Jesús Antonio Miguel Pedro Alejandro Manuel Jorge Roberto Fernando Ricardo Javier Eduardo
		Daniel Martín Raúl Óscar Víctor Arturo Ángel Andrés Héctor Rubén Sergio Ramón Iván Moisés Tomás Germán Iñaki`)
	surnames = strings.Fields(`Hernández García Martínez López González Pérez Rodríguez Sánchez Ramírez Cruz Flores Gómez Morales Vázquez Reyes
		Jiménez Torres Díaz Gutiérrez Ruiz Mendoza Aguilar Ortiz Moreno Castillo Romero Álvarez Méndez Chávez Rivera Juárez Ramos Domínguez
		Herrera Medina Castro Vargas Guzmán Velázquez Rojas Muñoz Contreras Salazar Luna Ortega Santiago Estrada Guerrero Bautista Cortés
		Soto Alvarado Espinoza Lara Ávila Ríos Cervantes Silva Delgado Vega Márquez Sandoval Carrillo León Mejía Solís Núñez Peña Ibáñez
		Zúñiga Trejo Xochihua Tzintzun Cano Nájera Ocampo Quiroz Ñáñez Urbina Yáñez`)
	domains = []string{"example.com", "example.net", "example.org"} // reserved by RFC 2606

	trades  = []string{"Abarrotes", "Ferretería", "Panificadora", "Transportes", "Papelería", "Materiales", "Refaccionaria", "Lácteos"}
	streets = []string{
		"Av. Juárez", "Calle Hidalgo", "Calle Morelos", "Av. Reforma", "Calle Allende", "Calle 5 de Mayo", "Calle Aldama", "Privada de los Pinos",
		"Calle Benito Juárez", "Av. Universidad", "Calle Xicoténcatl", "Calle Constitución", "Calle Porfirio Díaz", "Calle Las Rosas",
	}
	jobs = []struct{ occupation, activity, employer string }{
		{"Comerciante", "Comercio al por menor de abarrotes", ""}, {"Maestra o maestro", "Educación básica", "Secretaría de Educación Pública"},
		{"Enfermera o enfermero", "Servicios hospitalarios", "Hospital General"}, {"Artesana o artesano", "Elaboración de artesanías", ""},
		{"Agricultora o agricultor", "Cultivo de maíz y frijol", ""}, {"Costurera o sastre", "Confección de prendas", ""},
		{"Taxista", "Transporte de pasajeros", ""}, {"Auxiliar administrativo", "Servicios administrativos", "Ayuntamiento municipal"},
		{"Cocinera o cocinero", "Preparación de alimentos", ""}, {"Albañil", "Construcción", ""}, {"Mecánica o mecánico", "Reparación de automóviles", ""},
	}
	kin   = []string{"cónyuge", "hija", "hijo", "madre", "padre", "hermana", "hermano"}
	banks = []string{"002", "012", "014", "021", "072"}
)

// census creates clients with unique names, RFCs, CURPs, e-mail addresses, phones and CLABEs.
type census struct {
	branches []*branch
	taken    map[string]bool // RFCs, CURPs and e-mail addresses
	count    int
	phone    string // of the person before
}

func newCensus(all []*branch) *census { return &census{branches: all, taken: map[string]bool{}} }

// person returns a new client: a person who is 20 to 70 years old in the year, or a company.
func (c *census) person(r *rand.Rand, year int) person {
	for {
		p := person{branch: weighted(r, c.branches, func(b *branch) int { return b.share })}
		ok := false
		if happens(r, 5) {
			ok = p.incorporate(r, year)
		} else {
			ok = p.isBorn(r, year)
		}
		if !ok || c.taken[p.rfc] || c.taken[p.file.CURP] {
			continue // another client has the same RFC or CURP
		}
		if c.taken[p.rfc] = true; p.file.CURP != "" {
			c.taken[p.file.CURP] = true
		}
		p.name = p.file.FullName()
		p.email = c.email(r, p)
		p.file.RFC, p.file.Email = p.rfc, p.email
		c.settle(r, &p)
		return p
	}
}

// named has the names and the birth date of somebody.
func named(r *rand.Rand, year int) (p mx.Person, sex client.Sex) {
	names, sex := women, client.Female
	if happens(r, 45) {
		names, sex = men, client.Male
	}
	given := pick(r, names)
	if second := pick(r, names); second != given && happens(r, 40) {
		given += " " + second
	}
	return mx.Person{
		Given: given, Paternal: pick(r, surnames), Maternal: pick(r, surnames),
		Year: year - between(r, 20, 70), Month: time.Month(between(r, 1, 12)), Day: between(r, 1, 28),
	}, sex
}

var letters = map[client.Sex]byte{client.Female: 'M', client.Male: 'H'}

// isBorn makes a person.
func (p *person) isBorn(r *rand.Rand, year int) bool {
	n, sex := named(r, year)
	state := p.branch.state
	if happens(r, 20) {
		state = pick(r, []string{"DF", "GR", "MC", "TL", "HG"})
	}
	rfc, err1 := mx.SuggestRFC(n)
	curp, err2 := mx.SuggestCURP(n, letters[sex], state)
	job := pick(r, jobs)
	p.rfc = string(rfc)
	p.file = client.File{
		Kind: client.Person, GivenNames: n.Given, PaternalSurname: n.Paternal, MaternalSurname: n.Maternal, BirthDate: civil.On(n.Year, n.Month, n.Day),
		BirthState: state, Sex: sex, MaritalStatus: pick(r, []client.MaritalStatus{client.Single, client.Married, client.Married, client.FreeUnion, client.Divorced}),
		CURP: string(curp), Occupation: job.occupation, Activity: job.activity, Nationality: client.Mexico,
		MonthlyIncome: money.Amount(between(r, 12, 60)) * 500 * pesos, ActsFor: client.OnOwnBehalf, PEP: client.PEP{Exposure: client.NotExposed},
		Identifications: []client.Identification{{Kind: client.VoterCard, Number: fmt.Sprintf("IDMEX%09d", r.IntN(1e9)), ExpiresOn: civil.On(year+1, time.December, 31)}},
		Beneficiaries:   []client.Beneficiary{{Name: pick(r, women) + " " + n.Paternal + " " + pick(r, surnames), Relationship: pick(r, kin), Share: rate.One}},
	}
	if job.employer != "" {
		p.file.Employment = client.Employment{Employer: job.employer, Position: job.occupation}
	}
	if rarely(r, 15) { // the registry office wrote another state
		p.file.BirthState, p.confirms = "DF", append(p.confirms, client.CURPState)
	}
	return err1 == nil && err2 == nil
}

// incorporate makes a company with one representative, who owns most of it.
func (p *person) incorporate(r *rand.Rand, year int) bool {
	n, sex := named(r, year)
	founded := civil.On(year-between(r, 2, 25), time.Month(between(r, 1, 12)), between(r, 1, 28))
	trade := pick(r, trades)
	curp, err := mx.SuggestCURP(n, letters[sex], p.branch.state)
	owner, failed := mx.SuggestRFC(n)
	p.rfc = companyRFC(trade[:1]+mx.PlainName(n.Paternal)[:1]+"H", founded, r.IntN(36*36))
	representative := strings.Join([]string{n.Given, n.Paternal, n.Maternal}, " ")
	p.file = client.File{
		Kind: client.Company, LegalName: fmt.Sprintf("%s %s Hermanos, S.A. de C.V.", trade, n.Paternal), TradeName: trade + " " + n.Paternal, IncorporationDate: founded,
		Deed:        client.Deed{Number: fmt.Sprint(between(r, 2_000, 40_000)), Date: founded, Notary: fmt.Sprintf("Notaría %d", between(r, 1, 120)), Registry: fmt.Sprintf("FME-%06d", r.IntN(1e6))},
		Nationality: client.Mexico, Activity: "Comercio y servicios: " + strings.ToLower(trade), MonthlyIncome: money.Amount(between(r, 80, 600)) * 1_000 * pesos,
		ActsFor: client.OnOwnBehalf, PEP: client.PEP{Exposure: client.NotExposed}, SourceOfFunds: "Ventas del negocio",
		Representatives: []client.Representative{{GivenNames: n.Given, PaternalSurname: n.Paternal, MaternalSurname: n.Maternal, CURP: string(curp), RFC: string(owner), Powers: "Acta constitutiva"}},
		Owners:          []client.Owner{{Name: representative, Share: 600_000, CURP: string(curp), RFC: string(owner), Nationality: client.Mexico}},
	}
	return err == nil && failed == nil && p.rfc != ""
}

// companyRFC returns an RFC of a company with a right check digit, or "".
func companyRFC(letters string, founded civil.Date, homoclave int) string {
	const signs = "123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
	stem := fmt.Sprintf("%s%02d%02d%02d%c%c", strings.ToUpper(letters), founded.Year%100, founded.Month, founded.Day,
		signs[homoclave/36%len(signs)], signs[homoclave%36%len(signs)])
	for _, digit := range "0123456789A" {
		if rfc, err := mx.ParseRFC(stem+string(digit), mx.TierStrict); err == nil {
			return string(rfc)
		}
	}
	return ""
}

// settle gives a client an address, a phone and a bank account. A few share the phone of
// another client.
func (c *census) settle(r *rand.Rand, p *person) {
	c.count++
	at, kind := pick(r, p.branch.places), client.HomeAddress
	if p.company() {
		kind = client.FiscalAddress
	}
	address := client.Address{
		Kind: kind, Street: pick(r, streets), ExteriorNumber: fmt.Sprint(between(r, 1, 1_850)), Colonia: at.colonia, Municipality: at.municipality,
		State: p.branch.state, PostalCode: at.postalCode, Country: client.Mexico,
	}
	if happens(r, 15) {
		address.InteriorNumber = fmt.Sprint(between(r, 1, 12))
	}
	number := fmt.Sprintf("%s%07d", p.branch.lada, c.count*7_919%10_000_000)
	if c.phone != "" && rarely(r, 20) {
		number = c.phone
	}
	c.phone, p.confirms = number, append(p.confirms, client.DuplicatePhone) // either may come first
	p.file.Addresses, p.file.Phones = []client.Address{address}, []client.Phone{{Kind: client.MobilePhone, Number: number}}
	if clabe, err := mx.NewCLABE(pick(r, banks), "610", fmt.Sprintf("%011d", c.count*15_485_863%100_000_000_000)); err == nil {
		p.file.Accounts = []client.Account{{CLABE: string(clabe)}}
	}
}

// email returns an unused address.
func (c *census) email(r *rand.Rand, p person) string {
	first, _, _ := strings.Cut(p.file.GivenNames, " ")
	name := first + "." + p.file.PaternalSurname
	if p.company() {
		name = "contacto." + p.file.TradeName
	}
	name = strings.ReplaceAll(ascii.Replace(strings.ToLower(name)), " ", ".")
	address := name + "@" + pick(r, domains)
	for n := 2; c.taken[address]; n++ {
		address = fmt.Sprintf("%s%d@%s", name, n, pick(r, domains))
	}
	c.taken[address] = true
	return address
}

var ascii = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n", "Á", "a", "É", "e", "Í", "i", "Ó", "o", "Ú", "u", "Ñ", "n")
