package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
)

var structural = Rules{RFC: mx.TierStructural}

var moment = time.Date(2026, 11, 23, 9, 22, 33, 989_649_000, time.UTC)

func parseID(t *testing.T, s string) id.ID {
	t.Helper()
	x, err := id.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// fields returns the names of the fields that the error reports, in order, each
// with its rule.
func fields(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid {
		t.Fatalf("got %v, want the refusal %s", err, fault.Invalid)
	}
	var names []string
	for _, flaw := range f.Flaws {
		names = append(names, fmt.Sprint(flaw.Name(), " ", flaw.Rule))
	}
	return strings.Join(names, ", ")
}

func TestNew(t *testing.T) {
	const control, long, blank, hidden = "full_name printable", "full_name max_length", "full_name blank", "full_name shown"
	names := map[string]string{
		"Carlos Pérez": "", "Ñandú <b>&\"\\": "", strings.Repeat("ñ", 255): "", "Jose\u0301\u00a0Núñez": "", "Γιώργος Юлия Łukasz Nguyễn": "", "3": "", "-": "",
		strings.Repeat("ñ", 256): long, "a\x00b": control, "a\nb": control, "a\u0085b": control, "a\xffb": control, "\x7f": control,
		"": blank, " ": blank, "\u00a0\u2003 ": blank, "\u0301": blank,
		"王小明": hidden, "محمد": hidden, "דוד": hidden, "Ana 🎉": hidden, "a\u200bb": hidden, "a\u200db": hidden, "a\u00adb": hidden, "a\u202eb": hidden, "a\u2028b": hidden,
		"\u200b": hidden, "\ufeffAna": hidden, "\u034f": hidden, "a\ufffdb": hidden, "\ue000": hidden,
	}
	for name, want := range names {
		made, err := New(Client{ID: id.ID{1}, FullName: name, Email: "a@example.com", RFC: "PEPJ800101HNE", CreatedAt: moment}, structural)
		if got := fields(t, err); got != want {
			t.Errorf("name %.20q: got %q, want %q", name, got, want)
		}
		if err == nil && (made.FullName != name || made.ID != (id.ID{1}) || !made.CreatedAt.Equal(moment)) {
			t.Errorf("name %.20q: got %+v, want full name %v, ID %+v, %v", name, made, name, id.ID{1}, moment)
		}
	}
	_, err := New(Client{FullName: "a\x00", Email: "nope", RFC: "short", CreatedAt: moment}, structural)
	if got := fields(t, err); got != control+", email email_form, rfc min_length" {
		t.Errorf("all at once: got %q, want %v", got, control+", email email_form, rfc min_length")
	}
}

// TestEmptyName: the seed accepts the empty name; other blank names are refused.
func TestEmptyName(t *testing.T) {
	for name, want := range map[string]string{"": "", " ": "full_name blank"} {
		_, err := Changes{FullName: &name}.Checked(Rules{EmptyName: true})
		if got := fields(t, err); got != want {
			t.Errorf("name %q: got %q, want %q", name, got, want)
		}
	}
}

func TestEmail(t *testing.T) {
	label := strings.Repeat("d", 63)
	longest := strings.Repeat("l", 64) + "@" + label + "." + label + "." + strings.Repeat("d", 57) + ".mx" // 254
	accepted := map[string]string{
		"carlos.perez@example.com": "carlos.perez@example.com",
		"Ana.Lopez@EXAMPLE.com":    "Ana.Lopez@example.com",
		"a+b_c-d=e'f@x-y.example":  "a+b_c-d=e'f@x-y.example",
		"ñandú@Ñandú.MX":           "ñandú@ñandú.mx",
		"a@xn--nand-6pa0f.mx":      "a@xn--nand-6pa0f.mx",
		"a@test.com":               "a@test.com",
		"a@local.host":             "a@local.host",
		"a@1.2.mx":                 "a@1.2.mx",
		longest:                    longest,
	}
	for email, want := range accepted {
		made, err := New(Client{FullName: "x", Email: email, RFC: "PEPJ800101HNE", CreatedAt: moment}, structural)
		if err != nil || made.Email != want {
			t.Errorf("%q: got %q, %v, want email %v", email, made.Email, err, want)
		}
	}
	refused := []string{
		"", "nope", "@example.com", "a@", "a@b", "a@@example.com", "a b@example.com", "a@exa mple.com", ".a@example.com", "a.@example.com",
		"a..b@example.com", "a@.com", "a@example..com", "a@example.com.", "a@-example.com", "a@example-.com", "a@example.com-", "a@exam_ple.com",
		"a@test.test", "a@x.local", "a@localhost", "a@x.LOCALHOST", "a@x.invalid", "a@x.onion", "a@4.3.2.1.in-addr.arpa",
		"a@127.0.0.1", "a@[127.0.0.1]", `"a b"@example.com`, "Ana <a@example.com>", "a@example.com\n", "a\x00@example.com", "a@exa\x00mple.com",
		"a\u0085@example.com", "a\xff@example.com", "a@\xff.com", "\ta@example.com",
		strings.Repeat("l", 65) + "@example.com", strings.Repeat("ñ", 33) + "@example.com", "a@" + label + "d.com",
		"l" + longest[1:64] + "@" + label + "." + label + "." + strings.Repeat("d", 59) + ".mx",
		strings.Repeat("l", 64) + "@" + strings.Repeat("ñandú.", 30) + "mx", // 275 bytes, 246 characters
	}
	for _, email := range refused {
		_, err := New(Client{FullName: "x", Email: email, RFC: "PEPJ800101HNE", CreatedAt: moment}, structural)
		if got := fields(t, err); got != "email email_form" {
			t.Errorf("%q: got %q, want email email_form", email, got)
		}
	}
}

func TestRFCThroughTheTiers(t *testing.T) {
	const short, long, form, date, digit = "rfc min_length", "rfc max_length", "rfc rfc_form", "rfc rfc_date", "rfc rfc_digit"
	cases := []struct {
		rfc    string
		stored string
		tier   mx.Tier
		want   string
	}{
		{"PEPJ800101HNE", "PEPJ800101HNE", mx.TierStructural, ""},
		{" pepj-800101-hne ", "PEPJ800101HNE", mx.TierStructural, ""},
		{"PEPJ800101HNE", "", mx.TierSATXSD, form},
		{"PEPJ8001019QA", "PEPJ8001019QA", mx.TierStrict, ""},
		{"PEPJ8001019Q9", "", mx.TierStrict, digit},
		{"PEPJ8001019Q9", "PEPJ8001019Q9", mx.TierSATXSD, ""},
		{"ÑÑÑ800101AAA", "ÑÑÑ800101AAA", mx.TierStructural, ""},
		{"123456789012", "123456789012", mx.TierLength, ""},
		{"123456789012", "", mx.TierStructural, form},
		{"PEPJ800230HNE", "", mx.TierStructural, date},
		{"XAXX010101000", "XAXX010101000", mx.TierStrict, ""},
		{"PEPJ800101H", "", mx.TierLength, short},
		{"PEPJ800101HNEE", "", mx.TierLength, long},
		{strings.Repeat("X", 10_000), "", mx.TierLength, long},
		{"", "", mx.TierLength, short},
		{"PEPJ80010\x00HNE", "", mx.TierLength, form},
		{"PEPJ80010\xffHNE", "", mx.TierLength, form},
	}
	for _, c := range cases {
		made, err := New(Client{FullName: "x", Email: "a@example.com", RFC: c.rfc, CreatedAt: moment}, Rules{RFC: c.tier})
		if got := fields(t, err); got != c.want || made.RFC != c.stored {
			t.Errorf("%.20q at %s: got %q stored as %q, want %v, RFC %v", c.rfc, c.tier, got, made.RFC, c.want, c.stored)
		}
	}
}

func TestChange(t *testing.T) {
	before := Client{FullName: "Old", Email: "old@example.com", RFC: "PEPJ800101HNE", ID: id.ID{1}, CreatedAt: moment, Loans: 3}
	name, email, rfc, bad := "New", "New@EXAMPLE.com", " pepj-800102-hne", "a\x00"
	all, renamed, moved, corrected := before, before, before, before
	all.FullName, all.Email, all.RFC = "New", "New@example.com", "PEPJ800102HNE"
	renamed.FullName, moved.Email, corrected.RFC = "New", "New@example.com", "PEPJ800102HNE"
	for _, c := range []struct {
		asked  Changes
		want   Client
		faults string
	}{
		{Changes{}, before, ""},
		{Changes{FullName: &name}, renamed, ""},
		{Changes{Email: &email}, moved, ""},
		{Changes{RFC: &rfc}, corrected, ""},
		{Changes{&name, &email, &rfc}, all, ""},
		{Changes{FullName: &bad, Email: &email}, before, "full_name printable"},
		{Changes{FullName: &name, Email: &bad}, before, "email email_form"},
		{Changes{RFC: &bad}, before, "rfc min_length"},
		{Changes{&bad, &bad, &email}, before, "full_name printable, email email_form, rfc max_length"},
	} {
		checked, err := c.asked.Checked(structural)
		if got := before.Change(checked); got != c.want || fields(t, err) != c.faults {
			t.Errorf("got %+v, %v; want %+v, %s", got, err, c.want, c.faults)
		}
	}
}

// TestClaims: a generic RFC claims nothing.
func TestClaims(t *testing.T) {
	for rfc, want := range map[string]string{
		"PEPJ800101HNE": "rfc PEPJ800101HNE, email a@example.com",
		"XAXX010101000": "email a@example.com", "XEXX010101000": "email a@example.com",
	} {
		var got []string
		for _, c := range (Client{ID: id.ID{1}, RFC: rfc, Email: "a@example.com"}).Claims() {
			got = append(got, fmt.Sprint(c.Kind, " ", c.Value))
			if c.Client != (id.ID{1}) {
				t.Errorf("%s: got the claim of client %s, want %s", rfc, c.Client, id.ID{1})
			}
		}
		if list := strings.Join(got, ", "); list != want {
			t.Errorf("%s: got %q, want %q", rfc, list, want)
		}
	}
}

func TestCanDelete(t *testing.T) {
	if err := (Client{}).CanDelete(); err != nil {
		t.Error(err)
	}
	err := Client{Loans: 1}.CanDelete()
	var refused *fault.Error
	if !errors.As(err, &refused) || refused.Code != HasLoans || refused.Values["loans"] != 1 {
		t.Errorf("a client with a loan: got %v, want client_has_loans with loans 1", err)
	}
}

// The bytes are those of the seed.
func TestAppendJSON(t *testing.T) {
	for want, c := range map[string]Client{
		`{"full_name":"Carlos Perez","email":"carlos.perez@example.com","rfc":"PEPJ800101HNE","id":"7025e990-e787-409a-aee5-6526149de156","created_at":"2026-11-23T09:22:33.989649+00:00"}`: {
			FullName: "Carlos Perez", Email: "carlos.perez@example.com", RFC: "PEPJ800101HNE",
			ID: parseID(t, "7025e990-e787-409a-aee5-6526149de156"), CreatedAt: moment.In(time.FixedZone("CST", -6*3600)), Loans: 2},
		`{"full_name":"Ñandú Ácido","email":"nandu@example.com","rfc":"ÑÑÑ800101AAA","id":"f7b0600a-4d37-48d6-a460-28e99a71489c","created_at":"2026-11-23T09:22:36.541694+00:00"}`: {
			FullName: "Ñandú Ácido", Email: "nandu@example.com", RFC: "ÑÑÑ800101AAA",
			ID: parseID(t, "f7b0600a-4d37-48d6-a460-28e99a71489c"), CreatedAt: time.Date(2026, 11, 23, 9, 22, 36, 541_694_000, time.UTC)},
	} {
		if got := string(c.AppendJSON([]byte("x"))); got != "x"+want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if got, err := json.Marshal(c); err != nil || string(got) != want {
			t.Errorf("json.Marshal: got %s, %v, want %v", got, err, want)
		}
	}
}

// A client accepted by New can be encoded and decoded, and is accepted again unchanged.
func FuzzNew(f *testing.F) {
	f.Add("Ñandú <b>&\"\\", "Ana.Lopez@EXAMPLE.com", "PEPJ800101HNE")
	f.Add("", "ñ@İstanbul.mx", "ñññ800101aaa")
	f.Add("\u2028", "a@b\u0301.com", "xaxx010101000")
	f.Add("Ana", "no e-mail", "PEPJ800101HNE") // refused
	f.Fuzz(func(t *testing.T, name, email, rfc string) {
		made, err := New(Client{ID: id.ID{7}, FullName: name, Email: email, RFC: rfc, CreatedAt: moment}, Rules{RFC: mx.TierLength})
		if err != nil {
			if made != (Client{}) {
				t.Errorf("a refused client: got %+v, want none", made)
			}
			return
		}
		if strings.ContainsRune(made.FullName+made.Email+made.RFC, 0) || !utf8.ValidString(made.FullName+made.Email+made.RFC) || len(made.Email) > 254 {
			t.Errorf("got %+v, want valid UTF-8 without NUL, an e-mail of at most 254 bytes", made)
		}
		var back Client
		if err := json.Unmarshal(made.AppendJSON(nil), &back); err != nil || !back.CreatedAt.Equal(moment) {
			t.Errorf("%+v as JSON and back: got %+v, %v, want the time %v", made, back, err, moment)
		}
		if back.CreatedAt = moment; back != made {
			t.Errorf("as JSON and back: got %+v, want %+v", back, made)
		}
		again, err := New(Client{ID: id.ID{7}, FullName: made.FullName, Email: made.Email, RFC: made.RFC, CreatedAt: moment}, Rules{RFC: mx.TierLength})
		if err != nil || again != made {
			t.Errorf("accepted once more: got %+v, %v, want %+v", again, err, made)
		}
	})
}
