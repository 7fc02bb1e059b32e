package risk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sofipo/core/civil"
)

func day(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// The first day of the files, the last day of the old rules and the first day of the new.
var first, lastOld, firstNew, far = day("2007-01-01"), day("2024-12-31"), day("2025-01-01"), day("2099-12-31")

// holes describes gaps and overlaps in the tables of one subject, in dates and in days past
// due.
func holes[R any](name string, all tables[R], least int, of func(R) (Span, Basis)) (faults []string) {
	say := func(what string, args ...any) { faults = append(faults, name+": "+fmt.Sprintf(what, args...)) }
	if len(all) == 0 || all[0].from != first {
		say("does not begin on %v", first)
	}
	for i, t := range all {
		if i > 0 && (all[i-1].to.IsZero() || all[i-1].to.AddDays(1) != t.from) {
			say("has a gap or an overlap on %v", t.from)
		}
		next := least
		for k, r := range t.rows {
			days, basis := of(r)
			if days.First != next || t.firsts[k] != next {
				say("from %v has a gap or an overlap at day %d", t.from, days.First)
			}
			if basis.Source == "" {
				say("from %v has no source at day %d", t.from, days.First)
			}
			next = days.Last + 1
		}
		if next != Open+1 {
			say("from %v ends at day %d", t.from, next-1)
		}
	}
	if len(all) > 0 && !all[len(all)-1].to.IsZero() {
		say("ends on %v", all[len(all)-1].to)
	}
	return faults
}

// unsound describes the faults of the rules.
func unsound(b *ruleSet) (faults []string) {
	for p, counted := range b.stages {
		var spanning tables[Rule]
		for c, all := range counted {
			for _, t := range all {
				name := fmt.Sprint(payments[p], " by ", counters[c])
				faults = append(faults, holes(name, tables[Rule]{{from: first, firsts: t.firsts, rows: t.rows}}, 0, func(r Rule) (Span, Basis) { return r.Days, r.Basis })...)
				if !slices.IsSortedFunc(t.rows, func(a, b Rule) int { return int(a.Stage) - int(b.Stage) }) || t.rows[len(t.rows)-1].Stage != Stage3 {
					faults = append(faults, name+": a later day is in a better stage, or none is in the last")
				}
				if i := slices.IndexFunc(spanning, func(x table[Rule]) bool { return x.from == t.from && x.to == t.to }); i < 0 {
					spanning = append(spanning, t)
				} else if spanning[i].rows[0].Regime != t.rows[0].Regime {
					faults = append(faults, name+": two regimes at once")
				}
			}
		}
		slices.SortFunc(spanning, func(a, b table[Rule]) int { return a.from.Compare(b.from) })
		faults = append(faults, holes(string(payments[p]), spanning, 0, func(r Rule) (Span, Basis) { return r.Days, r.Basis })...)
	}
	for c, zones := range b.bands {
		for z, again := range zones {
			for r, all := range again {
				name := fmt.Sprint(classifications[c], z, r)
				faults = append(faults, holes(name, all, 0, func(b Band) (Span, Basis) { return b.Days, b.Basis })...)
				for _, t := range all {
					if !slices.IsSortedFunc(t.rows, func(a, b Band) int { return int(a.Share - b.Share) }) || t.rows[len(t.rows)-1].Share != 1_000_000 {
						faults = append(faults, name+": more days provide less, or the last not all")
					}
				}
			}
		}
	}
	for p, all := range b.sustained {
		faults = append(faults, holes("sustained "+string(payments[p]), all, 1, func(p Proof) (Span, Basis) { return p.Period, p.Basis })...)
		for _, t := range all {
			for _, r := range t.rows {
				if r.Instalments == 0 && r.Principal == 0 && r.InterestDays == 0 || r.Principal > 1_000_000 {
					faults = append(faults, "sustained "+string(payments[p])+": nothing proves it")
				}
			}
		}
	}
	return faults
}

func TestRulesAreSound(t *testing.T) {
	b, err := read(regimesCSV, provisionsCSV, sustainedCSV)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range unsound(b) {
		t.Error(fault)
	}
}

// TestSoundnessIsSeen: unsound detects each kind of fault.
func TestSoundnessIsSeen(t *testing.T) {
	for name, c := range map[string]struct{ file, old, new string }{
		"days overlap":          {"p", "consumer,normal,any,61,89,500000,2025", "consumer,normal,any,61,90,500000,2025"},
		"days gap":              {"p", "consumer,normal,any,61,89,500000,2025", "consumer,normal,any,61,88,500000,2025"},
		"no first day":          {"p", "housing,any,any,0,0,", "housing,any,any,0,1,"},
		"no last day":           {"p", "commercial,any,any,241,,", "commercial,any,any,241,999,"},
		"share falls":           {"p", "housing,any,any,151,180,343000", "housing,any,any,151,180,332000"},
		"not all at last":       {"p", "commercial,any,any,241,,1000000", "commercial,any,any,241,,999999"},
		"one zone only":         {"p", "housing,any,any,", "housing,normal,any,"},
		"one row of a date":     {"p", "consumer,normal,any,8,30,150000,2025-01-01", "consumer,normal,any,8,30,150000,2025-01-02"},
		"calendar gap":          {"p", "2024-12-31", "2024-12-30"},
		"calendar overlap":      {"p", "2024-12-31", "2025-01-01"},
		"calendar ends":         {"p", "2025-01-01,,V", "2025-01-01,2040-01-01,V"},
		"no source":             {"p", "Anexo D before 2024; docs/rules/provisions.md#consumer", ""},
		"regime days":           {"r", "stages,any,instalment,31,89", "stages,any,instalment,31,88"},
		"regime calendar":       {"r", "2024-12-31", "2024-12-30"},
		"regime better later":   {"r", "stages,any,instalment,0,30,1", "stages,any,instalment,0,30,3"},
		"regime without last":   {"r", "stages,any,instalment,90,,3", "stages,any,instalment,90,,2"},
		"two regimes":           {"r", "vigente_vencida,single_principal,principal", "stages,single_principal,principal"},
		"payment without rule":  {"r", "vigente_vencida,revolving", "vigente_vencida,periodic"},
		"sustained periods":     {"s", "61,90,2", "62,90,2"},
		"sustained by nothing":  {"s", "91,,1,0,0", "91,,0,0,0"},
		"sustained above whole": {"s", "200000", "1000001"},
		"sustained from":        {"s", "2007-01-01", "2008-01-01"},
	} {
		files := map[string]string{"p": provisionsCSV, "r": regimesCSV, "s": sustainedCSV}
		edited := strings.ReplaceAll(files[c.file], c.old, c.new)
		if edited == files[c.file] {
			t.Errorf("%s: got a file without %q, want it in the file", name, c.old)
		}
		files[c.file] = edited
		b, err := read(files["r"], files["p"], files["s"])
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if len(unsound(b)) == 0 {
			t.Errorf("%s: got no finding, want one", name)
		}
	}
}

func TestFileFaults(t *testing.T) {
	for _, c := range []struct{ file, old, new string }{
		{"p", "share", "shares"}, {"p", ",10000,", ",1 %,"}, {"p", ",1000000,", ",1000001,"}, {"p", "consumer", "consumption"},
		{"p", "normal", "any normal"}, {"p", "normal", ""}, {"p", ",8,30,", ",30,8,"}, {"p", ",8,30,", ",-8,30,"}, {"p", "2025-01-01", "2025-02-30"},
		{"p", "2024-12-31", "2006-12-31"}, {"p", "2024-12-31", "end"}, {"p", ",V,", ",W,"}, {"p", "docs/rules/provisions.md", "docs/rules,provisions.md"},
		{"r", "stages,", "etapas,"}, {"r", ",3,20", ",4,20"}, {"r", ",3,20", ",0,20"}, {"r", ",3,20", ",259,20"}, {"r", "instalment", "instalments"}, {"s", "90,2007", "ninety,2007"},
	} {
		files := map[string]string{"p": provisionsCSV, "r": regimesCSV, "s": sustainedCSV}
		files[c.file] = strings.ReplaceAll(files[c.file], c.old, c.new)
		if _, err := read(files["r"], files["p"], files["s"]); err == nil {
			t.Errorf("%s: got no error with %q for %q, want one", c.file, c.new, c.old)
		}
	}
	if _, err := read("", provisionsCSV, sustainedCSV); err == nil {
		t.Error("an empty file: got no error, want one")
	}
}

func TestSpan(t *testing.T) {
	for want, s := range map[string]Span{"0": {0, 0}, "1-7": {1, 7}, "181+": {181, Open}} {
		if s.String() != want {
			t.Errorf("got %q, want %q", s, want)
		}
	}
}
