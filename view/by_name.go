package view

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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
	begun     []string // known words of names that begin with it; none if there are too many
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
	s := &nameSearch{view: v, by: by, words: words, limit: limit, seen: map[id.ID]bool{}}
	steps := []func(context.Context) error{s.complete, s.begun, s.all, s.ranks}
	if len(words) > 2 {
		steps = []func(context.Context) error{s.all, s.complete, s.begun, s.ranks} // few names have so many words
	}
	for _, find := range steps {
		if err := find(ctx); err != nil {
			return nil, err
		}
		if s.done || len(s.found) >= limit {
			break
		}
	}
	slices.SortFunc(s.found, func(a, b NamedClient) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), strings.Compare(names.Plain(a.Client.FullName), names.Plain(b.Client.FullName)), strings.Compare(a.Client.ID.String(), b.Client.ID.String()))
	})
	return s.found[:min(len(s.found), limit)], nil
}

// nameSearch is a search by name. Each step adds clients of higher ranks than the steps before:
// all of them, or so many that the limit is reached.
type nameSearch struct {
	view  *View
	by    By
	words []word
	limit int

	spelled bool // the words have their spellings
	few     bool // few clients match in all words but the last
	found   []NamedClient
	seen    map[id.ID]bool
	done    bool // found has the clients of all ranks
}

// complete adds the clients whose names have the words as they are.
func (s *nameSearch) complete(ctx context.Context) error {
	if len(s.words) == 1 {
		if done, err := s.sample(ctx, Complete, ""); done || err != nil {
			return err
		}
	}
	return s.match(ctx, Complete)
}

// begun adds the clients whose names have a word that the last word begins. The index finds
// those slowly if many names have one, but then a sample of the clients has enough of them.
func (s *nameSearch) begun(ctx context.Context) error {
	n := len(s.words) - 1
	if !s.words[n].last {
		return nil
	}
	bases := []string{""}
	if !s.view.db.Embedded() {
		bases = slices.Compact(append(bases, matching(s.words[:n], Complete, s.by.scopeWord())))
	}
	for _, base := range bases {
		if done, err := s.sample(ctx, Begun, base); done || err != nil {
			return err
		}
	}
	return s.match(ctx, Begun)
}

// ranks adds the clients whose names match with errors, with one error first.
func (s *nameSearch) ranks(ctx context.Context) error {
	if err := s.spell(ctx); err != nil {
		return err
	}
	err := s.match(ctx, OneError)
	if err == nil && len(s.found) < s.limit && len(s.words) > 1 {
		err = s.match(ctx, Errors)
	}
	return err
}

// match adds the clients whose names match with a rank or better.
func (s *nameSearch) match(ctx context.Context, rank NameRank) error {
	found, err := s.ask(ctx, s.matching(rank), s.limit)
	s.add(found)
	return err
}

// sampled is the number of clients in a sample.
const sampled = 1000

// sample looks for matching names among some clients: those who match a query of the full text
// index, or the newest ones if it is empty. It reports whether the rank is done: the clients
// that it added reach the limit, or there are no others. Otherwise it adds none.
func (s *nameSearch) sample(ctx context.Context, rank NameRank, base string) (done bool, err error) {
	if s.view.db.Embedded() || base == "" && s.by.scopeWord() != "" {
		return false, nil
	}
	patterns := make([]string, len(s.words))
	for i, w := range s.words {
		patterns[i] = "% " + w.text + " %"
		if w.last && rank == Begun {
			patterns[i] = "% " + w.text + "%"
		}
	}
	args, some := []any{patterns}, "ORDER BY c.id DESC"
	if base != "" {
		args, some = append(args, base), "WHERE "+clientWords+" @@ $2::text::tsquery"
	}
	var matching []id.ID
	examined := 0
	batch := &db.Batch{}
	batch.Query("SELECT c.id, ' ' || c.names || ' ' LIKE ALL ($1::text[]) FROM clients c "+some+" LIMIT "+strconv.Itoa(sampled), func(row db.Scanner) error {
		var one id.ID
		var matches bool
		err := row.Scan(&one, &matches)
		if examined++; matches && len(matching) < s.limit {
			matching = append(matching, one)
		}
		return err
	}, args...)
	if err := s.view.ask(ctx, s.by.Need, batch, func() { matching, examined = nil, 0 }); err != nil {
		return false, err
	}
	s.few = base != "" && examined < sampled
	if len(matching) < s.limit && examined == sampled {
		return false, nil
	}
	found, err := s.read(ctx, selectClient+"clients c WHERE c.id = ANY($1::uuid[])", []any{matching})
	s.add(found)
	return true, err
}

// all adds the clients of all ranks, if they are not many and several words may have errors.
func (s *nameSearch) all(ctx context.Context) error {
	if len(s.words) == 1 {
		return nil
	}
	if err := s.spell(ctx); err != nil {
		return err
	}
	few := 10 * s.limit
	found, err := s.ask(ctx, s.matching(Errors), few)
	if err == nil && len(found) < few {
		s.add(found)
		s.done = true
	}
	return err
}

// add adds clients that are not yet found.
func (s *nameSearch) add(found []NamedClient) {
	for _, c := range found {
		if !s.seen[c.Client.ID] {
			s.seen[c.Client.ID] = true
			s.found = append(s.found, c)
		}
	}
}

// matching returns the query of a rank for the full text index; empty if it finds no more than
// that of the rank before.
func (s *nameSearch) matching(rank NameRank) string {
	if s.view.db.Embedded() {
		return matchingSQLite(s.words, rank)
	}
	words, scope := s.words, s.by.scopeWord()
	if len(words) < 3 && !s.few && scope == "" {
		words = slices.Clone(words)
		words[len(words)-1].begun = nil // the other word has many names
	}
	return matching(words, rank, scope)
}

// ask reads at most limit clients that match a query of the full text index.
func (s *nameSearch) ask(ctx context.Context, match string, limit int) ([]NamedClient, error) {
	if match == "" {
		return nil, nil
	}
	args := []any{match, limit}
	query := namedPostgres
	if s.view.db.Embedded() {
		query = namedSQLite + s.by.within(client.Read, "c", &args) + " LIMIT $2"
	}
	return s.read(ctx, query, args)
}

// read reads clients whose names match.
func (s *nameSearch) read(ctx context.Context, query string, args []any) (found []NamedClient, err error) {
	batch := &db.Batch{}
	batch.Query(query, func(row db.Scanner) error {
		c, err := scanClient(row)
		found = append(found, NamedClient{c, rankOf(s.words, c.FullName)})
		return err
	}, args...)
	err = s.view.ask(ctx, s.by.Need, batch, func() { found = nil })
	return found, err
}

// rankOf returns the rank of a name that matches.
func rankOf(words []word, name string) (rank NameRank) {
	has, errors := strings.Fields(names.Plain(name)), 0
	for _, w := range words {
		switch {
		case slices.Contains(has, w.text):
		case w.last && slices.ContainsFunc(has, func(h string) bool { return strings.HasPrefix(h, w.text) }):
			rank = Begun
		default:
			errors++
		}
	}
	switch errors {
	case 0:
		return rank
	case 1:
		return OneError
	}
	return Errors
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

// spell finds, once, the words of names that the words may misspell, and on PostgreSQL those that
// the last word begins: if the other words have few names, its index finds those of them with one
// of some words faster than those with a beginning.
func (s *nameSearch) spell(ctx context.Context) error {
	if s.spelled {
		return nil
	}
	batch := &db.Batch{}
	for i := range s.words {
		w := &s.words[i]
		if likely := names.Misspelt(w.text); len(likely) > 0 {
			batch.Query("SELECT DISTINCT word FROM name_words WHERE word = ANY($1::text[]) ORDER BY word LIMIT "+strconv.Itoa(maxSpellings), func(row db.Scanner) error {
				var spelling string
				err := row.Scan(&spelling)
				w.spellings = append(w.spellings, spelling)
				return err
			}, likely)
		}
		if w.last && !s.view.db.Embedded() {
			batch.Query("SELECT DISTINCT word FROM name_words WHERE word >= $1 AND word < $2 ORDER BY word LIMIT "+strconv.Itoa(maxSpellings+1), func(row db.Scanner) error {
				var begun string
				err := row.Scan(&begun)
				w.begun = append(w.begun, begun)
				return err
			}, w.text, w.text+string(utf8.MaxRune))
		}
	}
	s.spelled = true
	if batch.Empty() {
		return nil
	}
	err := s.view.ask(ctx, s.by.Need, batch, func() {
		for i := range s.words {
			s.words[i].spellings, s.words[i].begun = nil, nil
		}
	})
	if last := &s.words[len(s.words)-1]; len(last.begun) > maxSpellings {
		last.begun = nil
	}
	return err
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

// clientWords is the expression of PostgreSQL's index clients_by_words.
const clientWords = "array_to_tsvector(string_to_array(c.names, ' ') || ARRAY[c.branch_id::text, '@' || c.officer])"

// namedPostgres finds clients by a tsquery.
var namedPostgres = selectClient + "clients c WHERE " + clientWords + " @@ $1::text::tsquery LIMIT $2"

// namedSQLite finds clients by a query of FTS5.
var namedSQLite = selectClient + "client_names n JOIN clients c ON c.number = n.rowid WHERE n.client_names MATCH $1"

// matching returns the tsquery of the names that match with a rank or better; empty if no
// further names match than with the rank before.
func matching(words []word, rank NameRank, scope string) string {
	m := matcher{lexeme: lexeme, begin: func(w string) string { return lexeme(w) + ":*" }, and: " & ", or: " | "}
	query := m.query(words, rank)
	switch {
	case scope == "" || query == "" && len(words) > 0:
		return query
	case query == "":
		return lexeme(scope)
	}
	return lexeme(scope) + " & " + query
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
		if len(w.begun) > 0 {
			begun[i] = "(" + m.either(w.begun) + ")"
		}
		any[i] = begun[i]
		if len(w.spellings) > 0 {
			wrong = append(wrong, i)
			any[i] = "(" + begun[i] + m.or + m.either(w.spellings) + ")"
		}
	}
	switch rank {
	case Complete:
		if len(words) == 0 {
			return ""
		}
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
			one[i] = "(" + m.either(words[i].spellings) + ")"
			either = append(either, m.all(one))
		}
		return strings.Join(either, m.or)
	}
	return m.all(any)
}

func (m matcher) all(parts []string) string { return "(" + strings.Join(parts, m.and) + ")" }

func (m matcher) either(words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = m.lexeme(w)
	}
	return strings.Join(parts, m.or)
}

// lexeme quotes a word for a tsquery.
func lexeme(word string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(word) + "'"
}
