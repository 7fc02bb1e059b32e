package simulation

import (
	"sofipo/core/access"
	"sofipo/core/staff"
)

// branch is a branch of the institution with the neighbourhoods of its clients.
type branch struct {
	staff.Branch        // the ID is set when the bank has it
	word         string // part of the user names of its staff
	state        string // as in a CURP
	lada         string // area code of its phones
	share        int    // of the clients
	rural        bool   // its clients also take agricultural loans
	tills        int
	places       []neighbourhood
	people       []User
}

// neighbourhood is a place where clients live.
type neighbourhood struct{ colonia, postalCode, municipality string }

// User is a user of the simulated institution.
type User struct {
	Name, FullName string
	Role           access.Role
	Branch         string // code
}

// branches returns the branches. The first is the head office.
func branches() []*branch {
	all := []*branch{
		{
			Branch: staff.Branch{ID: staff.HeadOffice, Code: "001", Name: "Matriz Oaxaca", Address: "Av. Independencia 1204, Centro, 68000 Oaxaca de Juárez, Oaxaca", Phone: "951 516 4100"},
			word:   "oaxaca", state: "OC", lada: "951", share: 40, rural: true, tills: 2,
			places: []neighbourhood{
				{"Centro", "68000", "Oaxaca de Juárez"}, {"Reforma", "68050", "Oaxaca de Juárez"}, {"Barrio de Jalatlaco", "68080", "Oaxaca de Juárez"},
				{"Santa Lucía del Camino Centro", "71228", "Santa Lucía del Camino"},
			},
		},
		{
			Branch: staff.Branch{Code: "002", Name: "Puebla Centro", Address: "Av. Reforma 317, Centro, 72000 Puebla, Puebla", Phone: "222 232 7700"},
			word:   "puebla", state: "PL", lada: "222", share: 36, tills: 1,
			places: []neighbourhood{
				{"Centro", "72000", "Puebla"}, {"La Paz", "72160", "Puebla"}, {"El Carmen", "72530", "Puebla"}, {"San Pedro Cholula Centro", "72760", "San Pedro Cholula"},
			},
		},
		{
			Branch: staff.Branch{Code: "003", Name: "Córdoba", Address: "Calle 3 núm. 612, Centro, 94500 Córdoba, Veracruz", Phone: "271 712 5500"},
			word:   "cordoba", state: "VZ", lada: "271", share: 24, rural: true, tills: 1,
			places: []neighbourhood{{"Centro", "94500", "Córdoba"}, {"San José", "94560", "Córdoba"}, {"Fortín de las Flores Centro", "94470", "Fortín"}},
		},
	}
	names := [][]string{
		{"Laura Cruz Martínez", "Héctor Santiago Ruiz", "Maribel López Díaz", "Noé Hernández Bautista", "Abril Pérez Luna"},
		{"Rodrigo Flores Tlapa", "Ximena Vargas Rojas", "Julio Méndez Ortega", "Paola Sánchez Rivera"},
		{"Esther Aguilar Zamora", "Ulises Morales Peña", "Karla Reyes Domínguez", "Fidel Castillo Utrera"},
	}
	for i, b := range all {
		for at, job := range []struct {
			word string
			role access.Role
		}{{"gerente", access.BranchManager}, {"oficial", access.Officer}, {"caja", access.Teller}, {"cobranza", access.Collector}} {
			b.people = append(b.people, User{job.word + "." + b.word, names[i][at], job.role, b.Code})
		}
	}
	all[0].people = append(all[0].people, User{"caja2.oaxaca", names[0][4], access.Teller, "001"})
	return all
}

// The users of the head office.
const (
	accountant = "contador"
	treasurer  = "tesoreria"
	head       = "direccion"
	compliance = "cumplimiento"
	operator   = "sistemas"

	administrator = "admin" // the demo's own user
)

// Users returns the users of the simulated institution, without its administrator.
func Users() []User {
	all := []User{
		{head, "Aurora Villanueva Castro", access.Director, ""},
		{accountant, "Efraín Ríos Calderón", access.Accountant, ""},
		{treasurer, "Mónica Salas Ibarra", access.Accountant, ""},
		{compliance, "Teresa Ocampo León", access.Compliance, ""},
		{"auditoria", "Gonzalo Nájera Soto", access.Auditor, ""},
		{operator, "Iván Quiroz Trejo", access.Operator, ""},
	}
	for _, b := range branches() {
		all = append(all, b.people...)
	}
	return all
}

// staff returns the user name of an employee of the branch: gerente, oficial, caja or cobranza.
func (b *branch) staff(job string) string { return job + "." + b.word }
