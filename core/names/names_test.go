package names_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/names"
)

func TestPlain(t *testing.T) {
	for name, want := range map[string]string{
		"María José Hernández  de la Cruz":       "maria jose hernandez de la cruz",
		"NÚÑEZ MUÑOZ":                            "nunez munoz",
		"Nuñez, decomposed":                      "nunez decomposed",
		"García-López":                           "garcia lopez",
		" Ma. Guadalupe ":                        "ma guadalupe",
		"Ma.Guadalupe":                           "ma guadalupe",
		"Juan O'Farrill y D’Acosta":              "juan ofarrill y dacosta",
		"Güemes Agüero":                          "guemes aguero",
		"Comercializadora 3 Ríos, S.A. de C.V.":  "comercializadora 3 rios sa de cv",
		"Grupo Peña & Hijos S. de R.L. de C. V.": "grupo pena hijos s de rl de c v",
		"Strauß Łukasz Øyvind":                   "strauss lukasz oyvind",
		"İbrahim":                                "ibrahim",
		"":                                       "",
		"---":                                    "",
	} {
		if got := names.Plain(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// TestPlainIsStable: a name in the form of Plain is its own form.
func TestPlainIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if once := names.Plain(name); names.Plain(once) != once {
			t.Errorf("%q: got %q and then %q, want no change", name, once, names.Plain(once))
		}
	})
}

func TestMisspelt(t *testing.T) {
	for _, c := range []struct {
		typed, meant string
		want         bool
	}{
		{"hernandes", "hernandez", true}, {"ernandez", "hernandez", true}, {"hernandezz", "hernandez", true}, {"hrenandez", "hernandez", true},
		{"hernandez", "hernandez", false}, {"ernandes", "hernandez", false}, {"ana", "ena", true}, {"la", "lo", false}, {"lo", "lao", false},
	} {
		if got := slices.Contains(names.Misspelt(c.typed), c.meant); got != c.want {
			t.Errorf("%s for %s: got %v, want %v", c.typed, c.meant, got, c.want)
		}
	}
}
