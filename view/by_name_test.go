package view_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sofipo/bank/clients"
	"sofipo/core/names"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/random"
	"sofipo/view"
)

// distance is the number of insertions, deletions, substitutions and exchanges of neighbours
// between two words.
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range b {
		d[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// rankOf is the rank of a name in a search, computed without an index; -1 if it does not match.
func rankOf(search, name string) view.NameRank {
	has, typed := strings.Fields(names.Plain(name)), strings.Fields(search)
	for i := len(typed) - 1; i >= 0; i-- {
		if slices.Contains(typed[i+1:], typed[i]) {
			typed = slices.Delete(typed, i, i+1)
		}
	}
	rank, errors := view.Complete, 0
	for i, w := range typed {
		switch {
		case slices.Contains(has, w):
		case i == len(typed)-1 && len(w) >= names.LeastBeginning && slices.ContainsFunc(has, func(h string) bool { return strings.HasPrefix(h, w) }):
			rank = view.Begun
		case len(w) >= names.LeastMisspelt && slices.ContainsFunc(has, func(h string) bool { return distance(w, h) == 1 }):
			errors++
		default:
			return -1
		}
	}
	switch {
	case errors > 1:
		return view.Errors
	case errors == 1:
		return view.OneError
	}
	return rank
}

var (
	given    = strings.Fields("María José Guadalupe Juan Luis Ana Sofía Ángel Jesús Itzel Xóchitl Martín Mario Mariana Luisa Óscar Iñaki")
	surnames = strings.Fields("Hernández Fernández García Martínez López Lopes González Gonzales Núñez Muñoz Peña García-Terés Güemes O'Farrill Ibáñez Cruz Sáenz Zárate")
)

// someName draws a name.
func someName(r *rand.Rand) string {
	parts := []string{given[r.IntN(len(given))]}
	if r.IntN(2) == 0 {
		parts = append(parts, given[r.IntN(len(given))])
	}
	parts = append(parts, surnames[r.IntN(len(surnames))])
	if r.IntN(8) == 0 {
		parts = append(parts, "de la")
	}
	return strings.Join(append(parts, surnames[r.IntN(len(surnames))]), strings.Repeat(" ", 1+r.IntN(2)))
}

// mistyped returns a search for a name: some of its words in any order, with typing errors, the
// last word sometimes incomplete.
func mistyped(r *rand.Rand, name string) string {
	words := strings.Fields(names.Plain(name))
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	words = words[:1+r.IntN(len(words))]
	for i, w := range words {
		at, letter := r.IntN(len(w)), string(rune('a'+r.IntN(26)))
		switch r.IntN(9) {
		case 0:
			words[i] = w[:at] + letter + w[at:]
		case 1:
			words[i] = w[:at] + w[at+1:]
		case 2:
			words[i] = w[:at] + letter + w[at+1:]
		case 3:
			if at > 0 {
				words[i] = w[:at-1] + w[at:at+1] + w[at-1:at] + w[at+1:]
			}
		}
	}
	if last := words[len(words)-1]; r.IntN(3) == 0 && len(last) > 3 {
		words[len(words)-1] = last[:2+r.IntN(len(last)-2)]
	}
	return strings.Join(words, " ")
}

// TestSearchByName compares searches with typing errors with an oracle that reads all names.
func TestSearchByName(t *testing.T) {
	people, searches := random.TimesOrFew(t, 2000), random.TimesOrFew(t, 500)
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b, v := office.OpenBank(t, d), view.Open(d, nil)
		r := rand.New(rand.NewPCG(13, 2))
		all := map[string]string{} // names by id
		for i := range people {
			name := someName(r)
			c := office.Must(t, b, &clients.RegisterClient{FullName: name, Email: fmt.Sprintf("n%d@example.com", i), RFC: fmt.Sprintf("XEX%c800101%03d", 'A'+i/1000, i%1000)})
			all[c.ID.String()] = name
		}
		inexact := 0
		for range searches {
			search := mistyped(r, someName(r))
			got, err := v.ByName(t.Context(), view.System, search, people)
			if err != nil {
				t.Fatalf("%q: %v", search, err)
			}
			best := view.Complete
			for _, n := range got {
				name := all[n.Client.ID.String()]
				if want := rankOf(search, name); n.Rank != want || n.Rank < best {
					t.Fatalf("%q found %q: got rank %d after %d, want %d, best first", search, name, n.Rank, best, want)
				}
				best = n.Rank
			}
			if best > view.Complete {
				inexact++
			}
			want := 0
			for _, name := range all {
				if rankOf(search, name) >= 0 {
					want++
				}
			}
			if len(got) != want {
				t.Fatalf("%q: got %d clients, want %d", search, len(got), want)
			}
			few, err := v.ByName(t.Context(), view.System, search, 20)
			if err != nil || len(few) != min(want, 20) {
				t.Fatalf("%q: got %d clients, %v, want %d", search, len(few), err, min(want, 20))
			}
			for i := range few {
				if few[i].Rank != got[i].Rank {
					t.Fatalf("%q: got rank %d at %d, want the best %d", search, few[i].Rank, i, got[i].Rank)
				}
			}
		}
		if inexact < searches/10 {
			t.Errorf("got %d searches with inexact matches, want at least %d", inexact, searches/10)
		}
	})
}
