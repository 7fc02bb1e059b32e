package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/web"
)

// maxForm limits the body of a form without files, in bytes.
const maxForm = 1 << 20

// form is a form with the values that the user sent and what is wrong with them. The zero
// form is empty.
type form struct {
	Values  url.Values
	Flaws   map[string]string // messages by the name of the input
	Problem string            // the refusal as a whole
	Key     string            // idempotency key
	Back    bool              // the values come back after the user signed in again
}

// keyInput is the name of the hidden input with the idempotency key.
const keyInput = "form_key"

// readForm reads a form that was sent.
func readForm(w http.ResponseWriter, r *http.Request) (*form, error) { return readUpload(w, r, 0) }

// mostUnread is how much of a body that is too large is read before the answer, in bytes. A
// browser shows no answer while it still sends.
const mostUnread = 64 << 20

// readUpload reads a form with files of at most some bytes in total.
func readUpload(w http.ResponseWriter, r *http.Request, most int64) (*form, error) {
	whole := r.Body
	r.Body = http.MaxBytesReader(w, whole, maxForm+most)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		if err := r.ParseMultipartForm(maxForm + most); err != nil {
			_, _ = io.CopyN(io.Discard, whole, mostUnread) // the refusal counts
			return nil, fault.Refuse(fault.TooLarge, "most", (maxForm+most)>>10).Because(fault.FileLength)
		}
	} else if err := r.ParseForm(); err != nil {
		return nil, fault.Refuse(fault.TooLarge)
	}
	if len(r.PostForm.Get(keyInput)) > maxKey {
		return nil, fault.Refuse(fault.TooLarge)
	}
	makeStorable(r.PostForm)
	return &form{Values: r.PostForm, Key: r.PostForm.Get(keyInput)}, nil
}

// maxKey limits an idempotency key, in bytes, as the API does.
const maxKey = 255

// makeStorable replaces what the database cannot store, not even for a comparison: NUL and
// invalid UTF-8. It reports whether there was any.
func makeStorable(values url.Values) (changed bool) {
	for _, list := range values {
		for i, value := range list {
			list[i] = strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\x00", "\uFFFD")
			changed = changed || list[i] != value
		}
	}
	return changed
}

type givenBack struct{}

func withGivenBack(ctx context.Context, values url.Values) context.Context {
	return context.WithValue(ctx, givenBack{}, values)
}

// form returns the form of a page: the one that was sent, the one that comes back after the
// user signed in again, or a new one with values to begin with.
func (v *visit) form(initial url.Values) (*form, error) {
	if v.r.Method == http.MethodPost {
		return readForm(v.w, v.r)
	}
	if sent, back := v.r.Context().Value(givenBack{}).(url.Values); back {
		return &form{Values: sent, Key: sent.Get(keyInput), Back: true}, nil
	}
	if initial == nil {
		initial = url.Values{}
	}
	return &form{Values: initial, Key: rand.Text()}, nil
}

// Get returns the first value of an input, without the spaces around it.
func (f *form) Get(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// Is reports whether an input has a value, for choices.
func (f *form) Is(name, value string) bool {
	for _, v := range f.Values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// hash returns the hash of what was sent to a path, which an idempotency key is bound to.
func (f *form) hash(path string) [32]byte {
	return sha256.Sum256([]byte(path + "\n" + f.Values.Encode()))
}

// wrong notes a refusal. It returns false for an error that the user cannot correct on the
// form. The names of fields and inputs are the same, unless names has another one.
func (f *form) wrong(v *visit, err error, names map[string]string) (status int, shown bool) {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || web.Status(refusal.Code) == 0 || refusal.Code == fault.Unavailable {
		return 0, false
	}
	if f.Flaws == nil {
		f.Flaws = map[string]string{}
	}
	for _, flaw := range refusal.Flaws {
		name := flaw.Name()
		if input, other := names[name]; other {
			name = input
		}
		f.Flaws[name] = web.Message(v.lang, flaw)
	}
	if len(refusal.Flaws) == 0 {
		f.Problem = web.Title(v.lang, refusal)
	}
	return web.Status(refusal.Code), true
}

// numberForm is a number as people write it. Commas may separate thousands, and a point begins
// the decimals.
var numberForm = regexp.MustCompile(`^[-−]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?$`)

// number reads a number with at most some decimals, such as 7,000.00, in units of its last one.
// What is not a number breaks the rule. A comma at another place has its own message, because
// 12,50 must not become 1250; and neither may 7.000 become 7.
func (f *form) number(name, given string, places int, rule fault.Rule, flaws *fault.Flaws) int64 {
	_, decimals, pointed := strings.Cut(given, ".")
	switch {
	case f.Get(name) == "":
		return 0
	case numberForm.MatchString(given) && len(decimals) <= places && (places > 0 || !pointed):
		n, err := money.ParseFixed(strings.NewReplacer(",", "", "−", "-").Replace(given), places, int64(money.Max))
		if err == nil {
			return n
		}
	case strings.Contains(given, ",") && strings.Trim(given, "-−0123456789.,") == "":
		rule = web.CommaPlace
	}
	flaws.Add(fault.At(name, rule))
	return 0
}

// signedPesos is an amount with the peso sign, which may stand before or after the minus.
var signedPesos = regexp.MustCompile(`^([-−]?)[ \x{a0}]*\$[ \x{a0}]*([-−]?.*)$`)

// amount reads an amount of money with at most two decimals, such as 7,000.00 or $7000. An empty
// input is 0.
func (f *form) amount(name string, flaws *fault.Flaws) money.Amount {
	given := signedPesos.ReplaceAllString(f.Get(name), "$1$2")
	return money.Amount(f.number(name, given, 2, web.NotAmount, flaws))
}

// date reads a date in the form dd/mm/yyyy or yyyy-mm-dd. An empty input is the zero date.
func (f *form) date(name string, flaws *fault.Flaws) civil.Date {
	given := f.Get(name)
	if given == "" {
		return civil.Date{}
	}
	d, ok := readDate(given)
	if !ok {
		flaws.Add(fault.At(name, web.NotDate))
	}
	return d
}

// percent reads an annual rate in per cent with at most four decimals, such as 36.5 or 36 %. An
// empty input is 0.
func (f *form) percent(name string, flaws *fault.Flaws) rate.Annual {
	return rate.Annual(f.perCent(name, web.NotRate, flaws))
}

// share reads a share from 0 to 100 %, such as 50 or 12.5 %. An empty input is 0.
func (f *form) share(name string, flaws *fault.Flaws) rate.Share {
	n := f.perCent(name, web.NotPercent, flaws)
	flaws.Unless(n >= 0 && n <= int64(rate.One), name, web.NotPercent)
	return rate.Share(n)
}

// perCent reads a number that may end with the sign of per cent, in millionths of the whole.
func (f *form) perCent(name string, rule fault.Rule, flaws *fault.Flaws) int64 {
	return f.number(name, strings.TrimSpace(strings.TrimSuffix(f.Get(name), "%")), 4, rule, flaws)
}

// readDate reads a date in the form dd/mm/yyyy, dd.mm.yyyy or dd-mm-yyyy, whose zeros may be left
// out, or yyyy-mm-dd.
func readDate(s string) (civil.Date, bool) {
	for _, mark := range []string{"/", ".", "-"} {
		parts := strings.Split(s, mark)
		if len(parts) != 3 || len(parts[2]) != 4 {
			continue
		}
		for i, p := range parts[:2] {
			if len(p) == 1 {
				parts[i] = "0" + p
			}
		}
		s = parts[2] + "-" + parts[1] + "-" + parts[0]
		break
	}
	d, err := civil.Parse(s)
	return d, err == nil
}

// mostWhole is the largest whole number that a form accepts.
const mostWhole = 1_000_000

// whole reads a whole number that is not negative, such as 30 or 1,250. An empty input is 0.
func (f *form) whole(name string, flaws *fault.Flaws) int {
	return int(f.wholeTo(name, mostWhole, flaws))
}

// wholeTo reads a whole number from 0 to most. An empty input is 0.
func (f *form) wholeTo(name string, most int64, flaws *fault.Flaws) int64 {
	n := f.number(name, f.Get(name), 0, web.NotWhole, flaws)
	if n < 0 || n > most {
		flaws.Add(fault.At(name, fault.Between, "least", 0, "most", most))
		return 0
	}
	return n
}
