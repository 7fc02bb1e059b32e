package simulation

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"sofipo/core/mx"
)

// person has the data of a client.
type person struct {
	name, email, rfc string
	state            state
}

// state is the state of residence of a client, which determines the branch.
type state struct {
	branch string // part of the user names of its staff
	share  int
	rural  bool // also takes agricultural loans
}

var (
	states = []state{
		{"oaxaca", 16, true}, {"puebla", 14, false}, {"veracruz", 13, true}, {"guanajuato", 11, false}, {"michoacan", 10, true},
		{"jalisco", 9, false}, {"edomex", 9, false}, {"chiapas", 7, true}, {"sinaloa", 6, true}, {"queretaro", 5, false},
	}

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
)

// census creates persons with unique RFCs and e-mail addresses.
type census struct{ rfcs, emails map[string]bool }

func newCensus() *census { return &census{map[string]bool{}, map[string]bool{}} }

// person returns a new person who is 20 to 70 years old in the year.
func (c *census) person(r *rand.Rand, year int) person {
	for {
		names := women
		if happens(r, 45) {
			names = men
		}
		given := pick(r, names)
		if second := pick(r, names); second != given && happens(r, 40) {
			given += " " + second
		}
		paternal, maternal := pick(r, surnames), pick(r, surnames)
		born := time.Date(year-between(r, 20, 70), time.Month(between(r, 1, 12)), between(r, 1, 28), 0, 0, 0, 0, time.UTC)
		rfc, err := mx.SuggestRFC(mx.Person{Paternal: paternal, Maternal: maternal, Given: given, Year: born.Year(), Month: born.Month(), Day: born.Day()})
		if err != nil || c.rfcs[string(rfc)] {
			continue // another person has the same RFC
		}
		p := person{fmt.Sprintf("%s %s %s", given, paternal, maternal), c.email(r, given, paternal), string(rfc), weighted(r, states, func(s state) int { return s.share })}
		c.rfcs[p.rfc] = true
		return p
	}
}

// email returns an unused address.
func (c *census) email(r *rand.Rand, given, paternal string) string {
	first, _, _ := strings.Cut(given, " ")
	name := ascii.Replace(strings.ToLower(first + "." + paternal))
	address := name + "@" + pick(r, domains)
	for n := 2; c.emails[address]; n++ {
		address = fmt.Sprintf("%s%d@%s", name, n, pick(r, domains))
	}
	c.emails[address] = true
	return address
}

var ascii = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n")
