package seedform

import (
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"sofipo/core/client"
	"sofipo/core/fault"
)

// Unknown is the treatment of parameters and members that an input does not have.
type Unknown uint8

const (
	// Refused refuses unknown names, repeated parameters and malformed queries.
	Refused Unknown = iota
	// Ignored ignores them, as the seed did, except names that a caller has probably mistyped
	// or expects to act (see misleads).
	Ignored
)

// searchWords are the query parameters that other APIs use to search, filter, sort and page.
var searchWords = strings.Fields(`
	q query search find buscar busqueda filter filtro name full_name rfc curp email id client_id cliente loan_id
	from to since until desde hasta date day before status estado sort sort_by order order_by orden
	page pagina per_page page_size size count offset cursor format fields explain`)

// trialWords are the names with which other APIs ask for a trial that changes nothing.
var trialWords = strings.Fields("dry_run preview simulate simular validate_only")

// synonyms are other names, folded, for the names or words of fields.
var synonyms = map[string]string{
	"fecha": "date", "fechavalor": "valuedate", "tipo": "kind", "type": "kind", "monto": "amount", "importe": "amount",
	"plazo": "term", "tasa": "rate", "nombre": "name", "correo": "email",
}

// unknownParameters returns the flaws of the parameters that the input does not have.
func (b *Binder) unknownParameters(raw string, query url.Values) (flaws []fault.Flaw) {
	var parameters []field
	for _, f := range b.fields {
		if f.in == "query" {
			parameters = append(parameters, f)
		}
	}
	names := slices.Sorted(maps.Keys(query))
	if b.unknown == Ignored {
		acting := slices.Concat(namesOf(parameters), b.headers, searchWords, trialWords)
		if b.body != nil {
			acting = append(acting, namesOf(b.body.fields)...)
		}
		names = slices.DeleteFunc(names, func(name string) bool { return !misleads(name, acting) })
		return unknown(KnownParameter, NoParameter, slices.Values(names), parameters)
	}
	for _, f := range parameters {
		if len(query[f.name]) > 1 {
			flaws = append(flaws, fault.At(f.name, Once))
		}
	}
	if _, err := url.ParseQuery(raw); err != nil {
		names = append(names, raw) // net/url leaves malformed pairs out
	}
	return append(flaws, unknown(KnownParameter, NoParameter, slices.Values(names), parameters)...)
}

// unknownMembers returns the flaws of the members of an object that the form does not have.
func (o *form) unknownMembers(given node) []fault.Flaw {
	ignored := func(name string) bool { return o.unknown == Ignored && !misleads(name, o.acting) }
	inFile := func(name string) bool { return o.inFile != "" && ignored(name) && spells(name, fileWords) }
	names := func(wanted func(string) bool) iter.Seq[string] {
		return func(yield func(string) bool) {
			for _, m := range given.members {
				if !o.has(m.name) && wanted(m.name) && !yield(m.name) {
					return
				}
			}
		}
	}
	flaws := unknown(KnownField, NoField, names(func(name string) bool { return !ignored(name) }), o.fields)
	for name := range names(inFile) {
		if len(flaws) >= maxUnknown {
			break
		}
		flaw := broken(FieldElsewhere, "operation", o.inFile)
		flaw.Path = []any{excerpt(strings.ToValidUTF8(name, "?"))}
		flaws = append(flaws, *flaw)
	}
	return flaws
}

// fileWords are the names of the fields of a client's file, and other names for them. A request
// of the seed that has one of them would lose it.
var fileWords = slices.Concat(client.FileFields(), strings.Fields(`
	address tel direccion domicilio calle colonia municipio codigo_postal phone telefono celular mobile birthdate fecha_nacimiento nacimiento sexo gender
	ocupacion ingreso income nacionalidad estado_civil clabe cuenta apellido_paterno apellido_materno nombres first_name last_name surname`))

func (o *form) has(name string) bool {
	for i := range o.fields {
		if o.fields[i].name == name {
			return true
		}
	}
	return false
}

func namesOf(fields []field) []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].name
	}
	return names
}

// unknown returns the flaws of the first names that are not fields. None is the rule of an
// operation without fields.
func unknown(rule, none fault.Rule, names iter.Seq[string], fields []field) (flaws []fault.Flaw) {
	for name := range names {
		if slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			continue
		}
		flaw := broken(none)
		if len(fields) > 0 {
			flaw = broken(rule, "known", namesOf(fields))
		}
		flaw.Path = []any{excerpt(strings.ToValidUTF8(name, "?"))}
		flaws = append(flaws, *flaw)
		if len(flaws) == maxUnknown {
			break
		}
	}
	return flaws
}

// misleads reports whether a caller may expect that a name acts as one of the others: it or its
// synonym is equal except for case and separators, the beginning of it or one of its words (with
// at least three letters), or at most two edits away. A name ends before a bracket or a point:
// filter[name] is filter.
func misleads(name string, others []string) bool {
	if len(name) > maxName {
		return false
	}
	if end := strings.IndexAny(name, "[."); end > 0 {
		name = name[:end]
	}
	plain := fold(name)
	if synonym, found := synonyms[plain]; found {
		plain = synonym
	}
	for _, other := range others {
		whole := fold(other)
		switch {
		case plain == whole:
			return true
		case len(plain) >= minPart && (strings.HasPrefix(whole, plain) || slices.Contains(strings.Split(other, "_"), plain)):
			return true
		case closer(plain, whole):
			return true
		}
	}
	return false
}

// spells reports whether a name is one of the others, except for case, separators and typing
// errors.
func spells(name string, others []string) bool {
	plain := fold(name)
	return len(name) <= maxName && slices.ContainsFunc(others, func(other string) bool { return plain == fold(other) || closer(plain, fold(other)) })
}

const (
	minPart  = 3  // letters of a part of a name that is recognized
	maxEdits = 2  // edits after which a name is still recognized
	maxName  = 64 // bytes; a longer name is not compared
)

// fold removes what differs between client_id, clientId and Client-ID.
func fold(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

// closer reports whether at most maxEdits insertions, deletions and replacements of letters
// turn one name into the other, and fewer than the letters of the shorter one: id is not kind.
func closer(a, b string) bool {
	s, t := []rune(a), []rune(b)
	most := min(maxEdits, len(s)-1, len(t)-1)
	if max(len(s)-len(t), len(t)-len(s)) > most {
		return false
	}
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			edits := diagonal
			if s[i] != t[j] {
				edits = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], edits
		}
	}
	return row[len(t)] <= most
}
