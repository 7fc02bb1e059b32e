package arch_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// term is a word or phrase that docs/glossary.md and CONTRIBUTING.md forbid.
type term struct {
	stem    string         // a part of every form, in lower case
	pattern *regexp.Regexp // of the forbidden forms, in lower case
	say     string         // what to write instead
	under   string         // only in files below this folder; empty: in all files
}

// forbidden returns a term. A space in the pattern also matches a line break and the
// marks that begin the next line of a comment.
func forbidden(stem, pattern, say string) term {
	return term{stem: stem, pattern: regexp.MustCompile(strings.ReplaceAll(pattern, " ", `[\s/#*>-]+`)), say: say}
}

// forbiddenTerms has the terms that must not return. Patterns without \b also match inside
// identifiers.
var forbiddenTerms = []term{
	forbidden("moratorium", `moratorium`, "penalty interest"),
	forbidden("moratoria", `\b(?:a|an|the|of|no|and|or) moratoria\b`, "penalty interest"),
	forbidden("commission", `commission`, "fee, origination fee or periodic fee"),
	forbidden("opening", `\bopening fees?\b`, "origination fee"),
	forbidden("origination", `\ba origination\b`, "an origination fee"),
	forbidden("voucher", `voucher`, "manual entry"),
	forbidden("movement", `movement`, "transaction"),
	forbidden("papers", `\bpapers\b`, "documents"),
	forbidden("advance", `(?:held|kept|hold|keep)[\s_]as[\s_](?:an[\s_])?advance`, "keep as unapplied funds"),
	forbidden("asiento", `\basientos?\b`, "póliza"),
	{stem: "teller", pattern: regexp.MustCompile(`teller`), say: "node (a teller is a person)", under: "infra/"},

	forbidden("anew", `\banew\b`, "again"),
	forbidden("tell", `\btells? of\b`, "describes, reports or is about"),
	forbidden("stand", `\bas (?:it|they) stands?\b`, "unchanged, or the present state"),
	forbidden("none", `\bwhat is none\b`, "a noun"),
	forbidden("what", `\bwhat (?:comes|came) of\b`, "the result of"),
	forbidden("of", `\bha(?:s|ve) of it\b`, "a noun"),
	forbidden("asked", `\bas was asked\b`, "as requested"),
	forbidden("which", `\b(?:loans?|days?|commands?|instalments?|positions?|entries|facts) of which\b`, "a main clause"),
}

// publishedNames have a forbidden word and stay: docs/glossary.md#names-that-stay.
var publishedNames = regexp.MustCompile(`\b(?:movement_reversed|movement_recomputed|voucher_proposed|voucher_decided)\b`)

// exemptFiles may have forbidden terms: files, or folders that end in a slash, with the
// reason. An exemption that is not needed is a finding.
var exemptFiles = map[string]string{
	"CHANGELOG.md":           "says which names were changed",
	"CONTRIBUTING.md":        "has the table of words to say and not to say",
	"api/route.go":           "computes the hash of a request under the earlier names, so that keys stored before the renaming still replay",
	"core/mx/catalogue.json": "has the name of a place, Asientos",
	"docs/glossary.md":       "explains which words are not used",
	"infra/db/db_test.go":    "fills the tables of earlier versions of the schema",
	"infra/db/migrations/":   "released migrations are not edited",
	"test/upgrade/":          "fills databases of earlier versions",
	"words_test.go":          "lists the terms",
}

// readable are the kinds of files that people write.
var readable = words(".go .md .sql .csv .json .loan .py .sh .yml .js .html .conf .pgbench .env")

// TestForbiddenWords: no file has a term that the glossary forbids.
func TestForbiddenWords(t *testing.T) {
	findings, files := findTerms(t, os.DirFS("."), exemptFiles)
	for _, f := range findings {
		t.Error(f)
	}
	if files < 500 {
		t.Errorf("got %d files read, want 500 or more: the test does not see the files", files)
	}
}

// TestForbiddenWordsAreSeen gives findTerms files with one term each, and files
// with similar words that are allowed.
func TestForbiddenWordsAreSeen(t *testing.T) {
	for text, want := range map[string]int{
		"a moratorium": 1, "type PenaltyMoratorium struct{}": 1, "the moratoria of 2020": 1, "tasa de interés moratoria, interés moratorio": 0,
		"opening commissions": 1, "comisión": 0, "the opening\n// fee": 1, "opening_fee_amortised": 0, "an origination fee": 0, "a origination fee": 1,
		"a voucher": 1, "voucher_decided voucher_proposed": 0, "movement_id": 1, "movement_reversed": 0, "movimientos": 0,
		"Papers": 1, "a paper": 0, "kept as advance": 1, "hold_as_advance": 1, "held as an advance": 1, "paid in advance": 0, "los asientos": 1,
		"a teller": 0, "posted anew": 1, "a new one": 0, "it tells of a loan": 1, "tells whether": 0, "tell\n// of it": 1, "as it stands": 1,
		"what is none": 1, "what came of it": 1, "what becomes of it": 0, "has of it": 1, "as was asked": 1, "a loan of which nothing is due": 1, "two, each of which": 0,
	} {
		findings, _ := findTerms(t, fstest.MapFS{"a/x.go": {Data: []byte(text)}}, nil)
		if len(findings) != want {
			t.Errorf("%q: got %q, want %d findings", text, findings, want)
		}
	}
	for file, want := range map[string]int{"infra/x.go": 1, "a/x.go": 0, "a/x.gz": 0, "Makefile": 0, "a/testdata/x.json": 0} {
		if findings, _ := findTerms(t, fstest.MapFS{file: {Data: []byte("teller")}}, nil); len(findings) != want {
			t.Errorf("%s: got %q, want %d findings", file, findings, want)
		}
	}
	files := fstest.MapFS{"Makefile": {Data: []byte("fine\nvoucher anew")}, "a/x.sql": {Data: []byte("voucher")}, "a/b/y.sql": {Data: []byte("voucher")}}
	for exempt, want := range map[string][]string{
		"":         {`Makefile:2: "anew": say again`, `Makefile:2: "voucher": say manual entry`, `a/b/y.sql:1: "voucher": say manual entry`, `a/x.sql:1: "voucher": say manual entry`},
		"a/":       {`Makefile:2: "anew": say again`, `Makefile:2: "voucher": say manual entry`},
		"Makefile": {`a/b/y.sql:1: "voucher": say manual entry`, `a/x.sql:1: "voucher": say manual entry`},
		"b/":       {`Makefile:2: "anew": say again`, `Makefile:2: "voucher": say manual entry`, `a/b/y.sql:1: "voucher": say manual entry`, `a/x.sql:1: "voucher": say manual entry`, `b/: this exemption is not needed`},
	} {
		exemptions := map[string]string{exempt: "reason"}
		if exempt == "" {
			exemptions = nil
		}
		if findings, _ := findTerms(t, files, exemptions); !slices.Equal(findings, want) {
			t.Errorf("exemption of %q: got %q, want %q", exempt, findings, want)
		}
	}
}

// findTerms returns the forbidden terms in the files that are not exempt, the
// exemptions that are not needed, and the number of files that were read.
func findTerms(t *testing.T, fsys fs.FS, exempt map[string]string) (findings []string, files int) {
	t.Helper()
	needed := map[string]bool{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "node_modules" || len(name) > 1 && name[0] == '.' {
				return fs.SkipDir
			}
			return nil
		}
		if name := path.Base(p); !readable[path.Ext(p)] && name != "Makefile" && name != "Dockerfile" {
			return nil
		}
		text, err := fs.ReadFile(fsys, p)
		files++
		found := termsIn(p, string(text))
		for e := range exempt {
			if p == e || strings.HasSuffix(e, "/") && strings.HasPrefix(p, e) {
				needed[e] = needed[e] || len(found) > 0
				return err
			}
		}
		findings = append(findings, found...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for e := range exempt {
		if !needed[e] {
			findings = append(findings, e+": this exemption is not needed")
		}
	}
	slices.Sort(findings)
	return findings, files
}

// termsIn returns a finding for each forbidden term in a file.
func termsIn(file, text string) (findings []string) {
	text = publishedNames.ReplaceAllString(strings.ToLower(text), "published")
	for _, term := range forbiddenTerms {
		if !strings.HasPrefix(file, term.under) || !strings.Contains(text, term.stem) {
			continue
		}
		for _, at := range term.pattern.FindAllStringIndex(text, -1) {
			line := 1 + strings.Count(text[:at[0]], "\n")
			findings = append(findings, fmt.Sprintf("%s:%d: %q: say %s", file, line, text[at[0]:at[1]], term.say))
		}
	}
	return findings
}
