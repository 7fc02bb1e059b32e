package contract

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// replay is a run through the recording.
type replay struct {
	target Target
	tokens *strings.Replacer
	ids    ids
}

// Replay sends every recorded request in order and compares the answers: the status, the
// headers that a client reads, the members and their order, and the values. Loans and
// payments may have additional members at the end. Ids, times and tokens are compared by
// form, money by value.
func Replay(t *testing.T, target Target) {
	r := &replay{target: target, tokens: target.tokens(), ids: ids{}}
	for _, e := range Recorded(t) {
		d, differs := Differences[e.Name]
		if differs {
			e = d.expected(e)
		}
		r.run(t, e)
		for _, then := range d.Then {
			then.Name = e.Name + ", then"
			r.run(t, then)
		}
	}
}

func (r *replay) run(t *testing.T, e Exchange) {
	t.Run(strings.ReplaceAll(e.Name, "/", "|"), func(t *testing.T) {
		got, err := r.send(e)
		if err != nil {
			t.Fatal(err)
		}
		faults := r.compare(e, got)
		if len(faults) > 0 {
			t.Errorf("%s %s %s\n%s\nwant %d %s\ngot  %d %s", e.Method, e.Path, e.Body, strings.Join(faults, "\n"), e.Status, e.Answer, got.status, got.body)
		}
	})
}

// watched are the headers that a client of the seed may read.
var watched = []string{"www-authenticate", "allow", "location", "content-type"}

func (r *replay) compare(e Exchange, got answer) (faults []string) {
	if got.status != e.Status {
		faults = append(faults, fmt.Sprintf("status %d, want %d", got.status, e.Status))
	}
	for _, name := range watched {
		want := strings.TrimPrefix(e.AnswerHeaders[name], "http://127.0.0.1:21010") // a redirect has no host
		if given := got.header.Get(name); given != want && len(e.AnswerHeaders) > 0 {
			faults = append(faults, fmt.Sprintf("%s: %q, want %q", name, given, want))
		}
	}
	if e.Method == http.MethodHead || e.Status == http.StatusTemporaryRedirect {
		if len(got.body) > 0 {
			faults = append(faults, fmt.Sprintf("body %q, want none", got.body))
		}
		return faults
	}
	if e.Answer == "" {
		return faults
	}
	want, err := decode([]byte(e.Answer))
	if err != nil {
		return append(faults, "the recording: "+err.Error())
	}
	given, err := decode(got.body)
	if err != nil {
		return append(faults, err.Error())
	}
	if e.Status >= 400 {
		given, faults = withoutProblem(given, e.Status, faults)
	}
	return r.ids.same("", want, given, faults)
}

// problemMembers are the members of RFC 9457 that follow the seed's detail.
var problemMembers = []string{"type", "title", "status", "code"}

// withoutProblem checks the members of RFC 9457 and returns the others.
func withoutProblem(v value, status int, faults []string) (value, []string) {
	names := v.names()
	if len(names) < 5 || !slices.Equal(names[1:5], problemMembers) {
		return v, append(faults, fmt.Sprintf("members %q, want detail and then %q", names, problemMembers))
	}
	if said := v.members[3].value.number; said != fmt.Sprint(status) {
		faults = append(faults, fmt.Sprintf("status member %s, want %d", said, status))
	}
	if kind, code := v.members[1].value.text, v.members[4].value.text; kind != "urn:sofipo:error:"+code || code == "" {
		faults = append(faults, fmt.Sprintf("type %q and code %q", kind, code))
	}
	v.members = v.members[:1]
	return v, faults
}

// value is a JSON value that keeps the order of its members.
type value struct {
	kind    byte // one of { [ " 0 t n
	members []member
	list    []value
	text    string
	number  string
	truth   bool
}

type member struct {
	name  string
	value value
}

func (v value) names() []string {
	names := make([]string, len(v.members))
	for i, m := range v.members {
		names[i] = m.name
	}
	return names
}

func decode(body []byte) (value, error) {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	v, err := decodeNext(d)
	if err != nil {
		return v, fmt.Errorf("body %q is not JSON: %w", body, err)
	}
	return v, nil
}

func decodeNext(d *json.Decoder) (value, error) {
	token, err := d.Token()
	if err != nil {
		return value{}, err
	}
	switch token := token.(type) {
	case string:
		return value{kind: '"', text: token}, nil
	case json.Number:
		return value{kind: '0', number: token.String()}, nil
	case bool:
		return value{kind: 't', truth: token}, nil
	case json.Delim:
		return decodeInside(d, byte(token))
	}
	return value{kind: 'n'}, nil
}

func decodeInside(d *json.Decoder, kind byte) (value, error) {
	v := value{kind: kind}
	for d.More() {
		var m member
		if kind == '{' {
			name, err := d.Token()
			if err != nil {
				return v, err
			}
			m.name = name.(string)
		}
		var err error
		if m.value, err = decodeNext(d); err != nil {
			return v, err
		}
		if kind == '{' {
			v.members = append(v.members, m)
		} else {
			v.list = append(v.list, m.value)
		}
	}
	_, err := d.Token()
	return v, err
}

var (
	uuidForm  = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	timeForm  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$`)
	tokenForm = regexp.MustCompile(`^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$`)
)

// ids maps recorded ids to this system's ids.
type ids map[string]string

// ours replaces recorded ids by this system's ids, also in upper case without hyphens.
func (known ids) ours(s string) string {
	for recorded, our := range known {
		s = strings.ReplaceAll(s, recorded, our)
		s = strings.ReplaceAll(s, bare(recorded), bare(our))
	}
	return s
}

func bare(uuid string) string { return strings.ToUpper(strings.ReplaceAll(uuid, "-", "")) }

// same compares two values and records new ids.
func (known ids) same(at string, want, got value, faults []string) []string {
	differ := func(want, got any) []string { return append(faults, fmt.Sprintf("%s: %v, want %v", at, got, want)) }
	if want.kind != got.kind {
		return differ(string(want.kind), string(got.kind))
	}
	switch want.kind {
	case '{':
		if !sameNames(want.names(), got.names()) {
			return differ(want.names(), got.names())
		}
		for i, m := range want.members {
			faults = known.same(at+"."+m.name, m.value, got.members[i].value, faults)
		}
	case '[':
		if len(want.list) != len(got.list) {
			return differ(fmt.Sprint(len(want.list), " elements"), len(got.list))
		}
		for i := range want.list {
			faults = known.same(fmt.Sprintf("%s[%d]", at, i), want.list[i], got.list[i], faults)
		}
	case '0':
		if !sameNumber(want.number, got.number) {
			return differ(want.number, got.number)
		}
	case '"':
		if !known.sameText(want.text, got.text) {
			return differ(want.text, got.text)
		}
	case 't':
		if want.truth != got.truth {
			return differ(want.truth, got.truth)
		}
	}
	return faults
}

// grown are the members of those of the seed's objects to which this system adds members. The
// seed's members come first, in this order.
var grown = [][]string{
	{"full_name", "email", "rfc", "id", "created_at"},
	{"amount", "interest_rate", "term_months", "id", "client_id", "status", "granted_at", "current_balance"},
	{"amount", "id", "payment_date"},
}

// sameNames reports whether an object has the members of the recorded one. Clients, loans
// and payments may have more.
func sameNames(want, got []string) bool {
	if slices.ContainsFunc(grown, func(seed []string) bool { return slices.Equal(want, seed) }) && len(got) > len(want) {
		got = got[:len(want)]
	}
	return slices.Equal(want, got)
}

func sameNumber(a, b string) bool {
	x, ok := new(big.Rat).SetString(a)
	y, also := new(big.Rat).SetString(b)
	return ok && also && x.Cmp(y) == 0
}

func (known ids) sameText(want, got string) bool {
	switch {
	case uuidForm.MatchString(want) && uuidForm.MatchString(got):
		if known[want] == "" {
			known[want] = got
		}
		return known[want] == got
	case timeForm.MatchString(want):
		return timeForm.MatchString(got)
	case tokenForm.MatchString(want):
		return tokenForm.MatchString(got)
	}
	return want == got
}
