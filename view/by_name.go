package view

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/names"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// maxWords is the maximum number of words by which clients are searched; the words after them
// are ignored.
const maxWords = 8

// maxSpellings is the maximum number of spellings that are searched for a word.
const maxSpellings = 200

// NamedClient is a client found by name.
type NamedClient struct {
	Client client.Client
	Rank   NameRank
}

// NameRank says how well a name matches; lower is better.
type NameRank int

// The ranks. A word is the beginning of a word only if it is the last one in the search.
const (
	Complete NameRank = iota // all words as they are in the name
	Begun                    // the last word is only the beginning of a word
	OneError                 // one word has a typing error
	Errors                   // several words have one
)

// word is a word of a search.
type word struct {
	text      string
	last      bool     // it may be the beginning of a word
	spellings []string // words of names that it misspells
}

// ByName returns at most limit clients whose names have all words of the text, in any order,
// best first, then by name. Each word may have one typing error; see names.Misspelt. If more
// clients match equally well, it returns any of them. Refused with access.Forbidden.
func (v *View) ByName(ctx context.Context, by By, text string, limit int) ([]NamedClient, error) {
	if err := by.may(client.Read); err != nil {
		return nil, err
	}
	words := searched(text)
	if len(words) == 0 || !storable(text) {
		return nil, nil
	}
	if err := v.spell(ctx, by.Need, words); err != nil {
		return nil, err
	}
	var found []NamedClient
	seen := map[id.ID]bool{}
	for rank := Complete; rank <= Errors && len(found) < limit; rank++ {
		match := matching(words, rank, by.scopeWord())
		if v.db.Embedded() {
			match = matchingSQLite(words, rank)
		}
		if match == "" {
			continue
		}
		var more []NamedClient
		batch := &db.Batch{}
		args := []any{match, limit}
		query := namedPostgres
		if v.db.Embedded() {
			query = namedSQLite + by.within(client.Read, "c", &args) + " LIMIT $2"
		}
		batch.Query(query, func(s db.Scanner) error {
			c, err := scanClient(s)
			more = append(more, NamedClient{c, rank})
			return err
		}, args...)
		if err := v.ask(ctx, by.Need, batch, func() { more = nil }); err != nil {
			return nil, err
		}
		slices.SortFunc(more, func(a, b NamedClient) int {
			return cmp.Or(strings.Compare(names.Plain(a.Client.FullName), names.Plain(b.Client.FullName)), strings.Compare(a.Client.ID.String(), b.Client.ID.String()))
		})
		for _, c := range more {
			if !seen[c.Client.ID] && len(found) < limit {
				seen[c.Client.ID] = true
				found = append(found, c)
			}
		}
	}
	return found, nil
}

// searched returns the words of a search, each once.
func searched(text string) (words []word) {
	for _, w := range strings.Fields(names.Plain(text)) {
		if at := slices.IndexFunc(words, func(other word) bool { return other.text == w }); at >= 0 {
			words = slices.Delete(words, at, at+1)
		}
		words = append(words, word{text: w})
	}
	words = words[:min(len(words), maxWords)]
	if n := len(words); n > 0 {
		words[n-1].last = len([]rune(words[n-1].text)) >= names.LeastBeginning
	}
	return words
}

// spell finds the words of names that the words may misspell.
func (v *View) spell(ctx context.Context, need uint64, words []word) error {
	batch := &db.Batch{}
	for i := range words {
		w := &words[i]
		if likely := names.Misspelt(w.text); len(likely) > 0 {
			batch.Query("SELECT DISTINCT word FROM name_words WHERE word = ANY($1::text[]) ORDER BY word LIMIT "+strconv.Itoa(maxSpellings), func(s db.Scanner) error {
				var spelling string
				err := s.Scan(&spelling)
				w.spellings = append(w.spellings, spelling)
				return err
			}, likely)
		}
	}
	if batch.Empty() {
		return nil
	}
	return v.ask(ctx, need, batch, func() {
		for i := range words {
			words[i].spellings = nil
		}
	})
}

// scopeWord is the word by which PostgreSQL's index of names finds the clients in the reader's
// scope; empty if the reader sees all.
func (by By) scopeWord() string {
	switch {
	case by.everywhere(client.Read):
		return ""
	case by.Who.Role.Scope == staff.OfBranch:
		return by.Who.User.BranchID.String()
	}
	return "@" + by.Who.User.Username
}

// namedPostgres finds clients by a tsquery. The expression is that of the index
// clients_by_words.
var namedPostgres = selectClient + `clients c WHERE array_to_tsvector(string_to_array(c.names, ' ') || ARRAY[c.branch_id::text, '@' || c.officer]) @@ $1::text::tsquery LIMIT $2`

// namedSQLite finds clients by a query of FTS5.
var namedSQLite = selectClient + "client_names n JOIN clients c ON c.number = n.rowid WHERE n.client_names MATCH $1"

// matching returns the tsquery of the names that match with a rank or better; empty if no
// further names match than with the rank before.
func matching(words []word, rank NameRank, scope string) string {
	m := matcher{lexeme: lexeme, begin: func(w string) string { return lexeme(w) + ":*" }, and: " & ", or: " | "}
	query := m.query(words, rank)
	if query != "" && scope != "" {
		query = lexeme(scope) + " & " + query
	}
	return query
}

// matchingSQLite is matching for FTS5.
func matchingSQLite(words []word, rank NameRank) string {
	quoted := func(w string) string { return `"` + w + `"` }
	return matcher{lexeme: quoted, begin: func(w string) string { return quoted(w) + "*" }, and: " AND ", or: " OR "}.query(words, rank)
}

// matcher writes queries of a full text index.
type matcher struct {
	lexeme, begin func(word string) string
	and, or       string
}

// query returns the query of a rank.
func (m matcher) query(words []word, rank NameRank) string {
	complete, begun, any := make([]string, len(words)), make([]string, len(words)), make([]string, len(words))
	var wrong []int // words that may have a typing error
	for i, w := range words {
		complete[i] = m.lexeme(w.text)
		begun[i] = complete[i]
		if w.last {
			begun[i] = m.begin(w.text)
		}
		any[i] = begun[i]
		if len(w.spellings) > 0 {
			wrong = append(wrong, i)
			any[i] = "(" + begun[i] + m.or + m.misspelt(w) + ")"
		}
	}
	switch rank {
	case Complete:
		return m.all(complete)
	case Begun:
		if !words[len(words)-1].last {
			return ""
		}
		return m.all(begun)
	case OneError:
		var either []string
		for _, i := range wrong {
			one := slices.Clone(begun)
			one[i] = "(" + m.misspelt(words[i]) + ")"
			either = append(either, m.all(one))
		}
		return strings.Join(either, m.or)
	}
	if len(wrong) < 2 {
		return ""
	}
	return m.all(any)
}

func (m matcher) all(parts []string) string { return "(" + strings.Join(parts, m.and) + ")" }

func (m matcher) misspelt(w word) string {
	parts := make([]string, len(w.spellings))
	for i, s := range w.spellings {
		parts[i] = m.lexeme(s)
	}
	return strings.Join(parts, m.or)
}

// lexeme quotes a word for a tsquery.
func lexeme(word string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(word) + "'"
}
