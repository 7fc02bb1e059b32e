package mx

import (
	"strings"
	"testing"
	"time"
)

func TestHomoclaveVectors(t *testing.T) {
	wantCount(t, "homoclave", len(vectors.RFC.Homoclave), 8)
	for _, v := range vectors.RFC.Homoclave {
		if got := plain(v.Name, "&"); got != v.Normalised {
			t.Errorf("plain(%q) = %q, want %q", v.Name, got, v.Normalised)
		}
		sum := homoclaveSum(v.Normalised)
		if got := homoclave(sum); sum != v.Sum || got != v.Homoclave {
			t.Errorf("homoclave of %q: got sum %d, %q, want %d, %q", v.Name, sum, got, v.Sum, v.Homoclave)
		}
	}
}

func TestFirstTenVectors(t *testing.T) {
	wantCount(t, "ten characters", len(vectors.RFC.TenChars), 13)
	for _, v := range vectors.RFC.TenChars {
		p := Person{Paternal: v.Paterno, Maternal: v.Materno, Given: v.Nombre}
		born, err := time.Parse(time.DateOnly, v.Born)
		if err != nil {
			t.Fatal(err)
		}
		p.Year, p.Month, p.Day = born.Date()
		r, err := SuggestRFC(p)
		if err != nil || string(r[:10]) != v.Expected {
			t.Errorf("SuggestRFC(%+v) = %q, %v, want %s…", p, r, err, v.Expected)
		}
		if Level(r) != TierStrict {
			t.Errorf("SuggestRFC(%+v) = %s of level %v, want level %v", p, r, Level(r), TierStrict)
		}
	}
}

func TestSuggestRFC(t *testing.T) {
	r, err := SuggestRFC(Person{"Gómez", "Díaz", "Emma", 1956, time.December, 31})
	if err != nil || r != "GODE561231GR8" {
		t.Errorf("the SAT's own example: got %q, %v, want GODE561231GR8", r, err)
	}
	r, err = SuggestRFC(Person{"Ñando", "Ñu", "Zoé", 2000, time.February, 29})
	if err != nil || !strings.HasPrefix(string(r), "ÑAÑZ000229") || Level(r) != TierStrict {
		t.Errorf("names with Ñ: got %q, %v, want an RFC that begins with ÑAÑZ000229, of level %v", r, err, TierStrict)
	}
	r, err = SuggestRFC(Person{"Oñate", "Ruiz", "Ana", 1980, 1, 1})
	if err != nil || !strings.HasPrefix(string(r), "OARA800101") {
		t.Errorf("Ñ before the first vowel: got %q, %v, want an RFC that begins with OARA800101", r, err)
	}
	for name, c := range map[string]struct {
		person Person
		want   Code
	}{
		"no names":      {Person{Year: 1980, Month: 1, Day: 1}, InvalidFormat},
		"no given name": {Person{"Perez", "Gomez", " . ", 1980, 1, 1}, InvalidFormat},
		"no letters":    {Person{"1234", "5678", "90", 1980, 1, 1}, InvalidFormat},
		"one letter":    {Person{"O", "", "J", 1980, 1, 1}, ""},
		"30 February":   {Person{"Perez", "Gomez", "Juan", 1980, 2, 30}, InvalidDate},
		"year 0":        {Person{Paternal: "Perez", Given: "Juan"}, InvalidDate},
		"year 99999":    {Person{"Perez", "Gomez", "Juan", 99999, 2, 3}, InvalidDate},
	} {
		if _, err := SuggestRFC(c.person); codeOf(t, err) != c.want {
			t.Errorf("%s: got %v, want code %q", name, err, c.want)
		}
	}
}

// curpPersons splits the names of the CURP vectors, which give them in one string.
var curpPersons = map[string]Person{
	"ALBERTO ÑANDO RODRIGUEZ":           {Paternal: "Ñando", Maternal: "Rodríguez", Given: "Alberto"},
	"MARIA LUISA PEREZ HERNANDEZ":       {Paternal: "Pérez", Maternal: "Hernández", Given: "María Luisa"},
	"LUIS ENRIQUE ROMERO PALAZUELOS":    {Paternal: "Romero", Maternal: "Palazuelos", Given: "Luis Enrique"},
	"JUAN JOSE D/AMICO ALVAREZ":         {Paternal: "D/Amico", Maternal: "Álvarez", Given: "Juan José"},
	"ROCIO RIVA PALACIO CRUZ":           {Paternal: "Riva Palacio", Maternal: "Cruz", Given: "Rocío"},
	"CARLOS MC GREGOR LOPEZ":            {Paternal: "Mc Gregor", Maternal: "López", Given: "Carlos"},
	"OFELIA PEDRERO DOMINGUEZ":          {Paternal: "Pedrero", Maternal: "Domínguez", Given: "Ofelia"},
	"ANDRES ICH RODRIGUEZ":              {Paternal: "Ich", Maternal: "Rodríguez", Given: "Andrés"},
	"LUIS PEREZ":                        {Paternal: "Pérez", Given: "Luis"},
	"ALBERTO OÑATE RODRIGUEZ":           {Paternal: "Oñate", Maternal: "Rodríguez", Given: "Alberto"},
	"ANDRES PO BARRIOS":                 {Paternal: "Po", Maternal: "Barrios", Given: "Andrés"},
	"LETICIA LUNA":                      {Paternal: "Luna", Given: "Leticia"},
	"MA. DE LOS ANGELES MORENO SANCHEZ": {Paternal: "Moreno", Maternal: "Sánchez", Given: "Ma. de los Ángeles"},
}

func TestCURPLetterVectors(t *testing.T) {
	wantCount(t, "first four", len(vectors.CURP.First4), 9)
	wantCount(t, "consonants", len(vectors.CURP.Pos14), 4)
	for _, v := range append(vectors.CURP.First4, vectors.CURP.Pos14...) {
		p, ok := curpPersons[v.Name]
		if !ok {
			t.Fatalf("got no parts of the vector %q in curpPersons, want them", v.Name)
		}
		first, last := curpLetters(p)
		if v.First4 != "" && first != v.First4 || v.Pos14 != "" && last != v.Pos14 {
			t.Errorf("CURP letters of %s: got %s %s, want %s%s", v.Name, first, last, v.First4, v.Pos14)
		}
	}
}

func TestSuggestCURP(t *testing.T) {
	for want, p := range map[CURP]Person{
		"HEGG560427MVZRRL04": {"Hernández", "García", "Gloria", 1956, time.April, 27},
		"BEML920313HMCLNS09": {"Bello", "Mena", "Luis Raúl", 1992, time.March, 13},
		"SABC560626MDFLRN01": {"Salgado", "Briseño", "Concepción", 1956, time.June, 26},
	} {
		got, err := SuggestCURP(p, want.Sex(), want.State())
		if err != nil || got != want {
			t.Errorf("SuggestCURP(%+v) = %s, %v, want %s", p, got, err, want)
		}
	}
	young := Person{"Pérez", "", "José", 2004, time.February, 29}
	c, err := SuggestCURP(young, 'X', "NE")
	if year, _, _ := c.BirthDate(); err != nil || year != 2004 {
		t.Errorf("born 2004: got %s, %v, want year 2004", c, err)
	}
	if _, err := ParseCURP(string(c)); err != nil {
		t.Errorf("suggested %s is refused: %v", c, err)
	}
	for want, call := range map[Code]func() (CURP, error){
		InvalidState:  func() (CURP, error) { return SuggestCURP(young, 'M', "QQ") },
		InvalidFormat: func() (CURP, error) { return SuggestCURP(young, 'm', "JC") },
		InvalidDate:   func() (CURP, error) { return SuggestCURP(Person{"P", "", "J", 2001, 2, 29}, 'M', "JC") },
	} {
		if _, err := call(); codeOf(t, err) != want {
			t.Errorf("got %v, want code %s", err, want)
		}
	}
	if _, err := SuggestCURP(Person{"", "", "J", 2001, 2, 2}, 'M', "JC"); codeOf(t, err) != InvalidFormat {
		t.Errorf("no surname: got %v, want %v", err, InvalidFormat)
	}
}

func FuzzSuggest(f *testing.F) {
	f.Add("Gómez", "Díaz", "Emma", 1956, 12, 31)
	f.Add("D/Amico", "", "Ma. de los Ángeles", 2000, 2, 29)
	f.Add("&", "Ñ", "\x00", 0, 0, 0)
	f.Fuzz(func(t *testing.T, paternal, maternal, given string, year, month, day int) {
		p := Person{paternal, maternal, given, year, time.Month(month), day}
		if r, err := SuggestRFC(p); err == nil && (Level(r) != TierStrict || !r.IsPerson()) {
			t.Errorf("SuggestRFC(%+v) = %q of level %v, want a person, level %v", p, r, Level(r), TierStrict)
		}
		if c, err := SuggestCURP(p, 'H', "JC"); err == nil {
			if _, err := ParseCURP(string(c)); err != nil {
				t.Errorf("SuggestCURP(%+v) = %q: %v", p, c, err)
			}
		}
	})
}
