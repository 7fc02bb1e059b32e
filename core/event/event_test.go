package event

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

func parseID(t testing.TB, s string) id.ID {
	t.Helper()
	x, err := id.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

var today = civil.Date{Year: 2026, Month: 11, Day: 23}

var origin = Origin{Actor: "admin", CorrelationID: "c-1", BusinessDate: today,
	At: time.Date(2026, 11, 23, 3, 22, 34, 10_072_000, time.FixedZone("CST", -6*3600))}

// samples has a fact of every declaration with no field empty.
func samples(t testing.TB) map[string]Fact {
	name, email := "Carlos P. Perez", "carlos@example.com"
	clientID, loanID := parseID(t, "7025e990-e787-409a-aee5-6526149de156"), parseID(t, "13e47e40-4149-41ba-8a98-a1c1af868b20")
	lent := loan.Loan{Amount: 5_000_000, Rate: 150_000, TermMonths: 24, ID: loanID, ClientID: clientID, Status: loan.Active,
		GrantedAt: time.Date(2026, 11, 23, 9, 22, 42, 392_658_000, time.UTC), Balance: 5_000_000}
	lent.Product, lent.ProductVersion, lent.Periods, lent.AppliedBy, lent.ApprovedBy = "seed", 1, 24, "ana", "luis"
	paid := servicing.Movement{Amount: 250_000, ID: parseID(t, "6923f572-501a-42eb-abd4-3d08023b8511"), Number: 1, Kind: servicing.Ordinary,
		At: time.Date(2026, 11, 23, 3, 22, 45, 756_296_000, time.FixedZone("CST", -6*3600)), ValueDate: today, LoanID: loanID, ClientID: clientID}
	for i, c := range product.Components {
		paid.Split.Lines = append(paid.Split.Lines, servicing.Line{Instalment: 1, Component: c, Amount: money.Amount(1) << i})
	}
	after := lent
	after.Balance -= paid.Amount
	reversal := servicing.Movement{Amount: paid.Amount, ID: id.ID{8}, Number: 2, Kind: servicing.Reversal, ValueDate: today}
	renewed := reversal
	renewed.NewTerms = &servicing.NewTerms{Terms: schedule.Terms{AnnualRate: 123_456, Periods: 18}}
	voucher := accounting.Voucher{ID: id.ID{7}, Date: today, Description: "Renta", ProposedBy: "ana", Status: accounting.Proposed,
		Lines: []accounting.Line{{Account: "6101", Debit: 1_500}, {Account: "1102", Credit: 1_500}}}
	decided := voucher
	decided.Status, decided.DecidedBy, decided.EntryID = accounting.Posted, "luis", id.ID{6}
	list := []Fact{
		OfNewClient(client.Client{FullName: "Carlos Perez", Email: "carlos.perez@example.com", RFC: "PEPJ800101HNE", ID: clientID}),
		ClientUpdated{FullName: &name, Email: &email, RFC: "PEPJ800101HNE", ID: clientID},
		ClientDeleted{RFC: "PEPJ800101HNE", ID: clientID},
		OfApplication(lent), OfApproval(lent), OfRejection(lent, "sin capacidad"), OfCancellation(lent, "desistió"),
		OfNewLoan(lent), OfPayment(paid, after), OfReversal(reversal, paid, lent, "cuenta equivocada"), OfRecomputation(paid, after, reversal.ID),
		OfRestructure(renewed, after), OfWriteOff(paid, after), OfRecovery(paid, after),
		OfVoucher(voucher), OfDecision(decided), OfClosing(today), OfDay(today, 2, 3_00, -4_00), OfStage(lent, today, 31, risk.Stage1, risk.Stage2),
		OfNewProduct(product.Seed()), OfNewVersion(product.Seed()), OfRetirement(product.Seed(), today),
		UserAdded{Username: "ana", Role: "teller", ID: clientID},
		UserPasswordChanged{Username: "ana", ID: clientID},
		UserDisabled{Username: "ana", ID: clientID},
	}
	all := map[string]Fact{}
	for _, f := range list {
		all[f.Type()] = f
	}
	return all
}

var field = regexp.MustCompile(`\{(\w+)\}`)

func TestCatalogue(t *testing.T) {
	all := samples(t)
	if len(all) != len(Catalog) || len(byType) != len(Catalog) {
		t.Errorf("%d samples, %d types, %d declarations", len(all), len(byType), len(Catalog))
	}
	for _, d := range Catalog {
		f := all[d.Fact.Type()]
		if f == nil || reflect.TypeOf(f) != reflect.TypeOf(d.Fact) || d.Version < 1 {
			t.Errorf("%s: sample %T, version %d", d.Fact.Type(), f, d.Version)
			continue
		}
		e, err := Wrap(id.ID{5}, f, origin)
		if err != nil {
			t.Error(err)
			continue
		}
		if e.EventType != f.Type() || e.EntityID != f.Entity() || e.Subject != f.Subject() || f.Subject().IsZero() || e.EventID != (id.ID{5}) ||
			e.Version != d.Version || e.Actor != "admin" || e.CorrelationID != "c-1" || e.BusinessDate != origin.BusinessDate || e.Timestamp != "2026-11-23T09:22:34.010072Z" {
			t.Errorf("%+v", e)
		}
		checkFields(t, d, e)
		for _, text := range []string{d.English, d.Spanish} {
			for _, named := range field.FindAllStringSubmatch(text, -1) {
				if names, _ := d.Fields(); !strings.Contains(" "+strings.Join(names, " ")+" ", " "+named[1]+" ") {
					t.Errorf("%s: the text %q names %s, which is not in its payload", d.Fact.Type(), text, named[1])
				}
			}
			if text == "" {
				t.Errorf("%s has no text in one language", d.Fact.Type())
			}
		}
	}
	if _, found := Declared("nothing"); found {
		t.Error("an event that nobody declared was found")
	}
}

// checkFields compares Declaration.Fields with the keys of a full payload, in order, and their types.
func checkFields(t *testing.T, d Declaration, e Envelope) {
	t.Helper()
	names, types := d.Fields()
	var written []string
	dec := json.NewDecoder(strings.NewReader(string(e.Payload)))
	dec.UseNumber()
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for i := 0; dec.More(); i++ {
		key, _ := dec.Token()
		value, _ := dec.Token()
		written = append(written, key.(string))
		kind := map[string]string{"string": "string", "json.Number": "integer"}[reflect.TypeOf(value).String()]
		if i < len(types) && kind != types[i] {
			t.Errorf("%s: field %s is declared %s and written %v", e.EventType, key, types[i], value)
		}
	}
	if !reflect.DeepEqual(names, written) {
		t.Errorf("%s: declared %v, written %v", e.EventType, names, written)
	}
}

type undeclared struct{ ClientDeleted }

func (undeclared) Type() string { return "undeclared" }

func TestWrapRefusesTheUndeclared(t *testing.T) {
	if _, err := Wrap(id.ID{1}, undeclared{}, origin); err == nil || !strings.Contains(err.Error(), "undeclared") {
		t.Error(err)
	}
}

func TestRoutingKey(t *testing.T) {
	for kind, want := range map[string]string{"client_created": "sofipo.client.created", "user_password_changed": "sofipo.user.password.changed"} {
		if got := RoutingKey(kind); got != want {
			t.Error(got)
		}
	}
}

// The seed's payloads: each of its fields is in ours, written the same way.
func TestTheSeedsPayloads(t *testing.T) {
	name := "Carlos P. Perez"
	all := samples(t)
	for _, c := range []struct {
		fact   Fact
		entity string
		seed   string
	}{
		{all["client_created"], "7025e990-e787-409a-aee5-6526149de156",
			`{"full_name": "Carlos Perez", "email": "carlos.perez@example.com", "rfc": "PEPJ800101HNE"}`},
		{ClientUpdated{FullName: &name, ID: id.ID{1}}, "01000000-0000-0000-0000-000000000000", `{"full_name": "Carlos P. Perez"}`},
		{ClientUpdated{ID: id.ID{1}, RFC: "PEPJ800101HNE"}, "01000000-0000-0000-0000-000000000000", `{}`},
		{all["loan_created"], "13e47e40-4149-41ba-8a98-a1c1af868b20",
			`{"amount": "50000.00", "interest_rate": "0.1500", "term_months": 24, "id": "13e47e40-4149-41ba-8a98-a1c1af868b20", "client_id": "7025e990-e787-409a-aee5-6526149de156", "status": "ACTIVE", "granted_at": "2026-11-23 09:22:42.392658+00:00", "current_balance": "50000.00"}`},
		{all["payment_registered"], "6923f572-501a-42eb-abd4-3d08023b8511",
			`{"amount": "2500.00", "id": "6923f572-501a-42eb-abd4-3d08023b8511", "payment_date": "2026-11-23 09:22:45.756296+00:00"}`},
	} {
		e, err := Wrap(id.ID{9}, c.fact, origin)
		if err != nil {
			t.Fatal(err)
		}
		var got, want map[string]any
		if err := json.Unmarshal(e.Payload, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.seed), &want); err != nil {
			t.Fatal(err)
		}
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s: %s is %v, in the seed %v", e.EventType, key, got[key], value)
			}
		}
		if e.EventType == "client_updated" && len(got) != len(want) {
			t.Errorf("client_updated tells what was not changed: %s", e.Payload)
		}
		if e.EntityID.String() != c.entity {
			t.Errorf("%s: entity %s", e.EventType, e.EntityID)
		}
	}
	if all["payment_registered"].Subject() != parseID(t, "13e47e40-4149-41ba-8a98-a1c1af868b20") {
		t.Error("a payment is not ordered by its loan")
	}
}

func TestStale(t *testing.T) {
	clientID, loanID := "7025e990-e787-409a-aee5-6526149de156", "13e47e40-4149-41ba-8a98-a1c1af868b20"
	page, statement := "client_rfc::PEPJ800101HNE", "account_statement::"+clientID
	loans, one := "client_loans::"+clientID, "loan::"+loanID
	bySubject := map[string][]string{"client": {page, statement, loans, ClientList}, "loan": {statement, loans, one}, "product": {"product::seed", ProductList}}
	for kind, f := range samples(t) {
		d, _ := Declared(kind)
		want := bySubject[d.Subject]
		if kind == "client_updated" {
			want = []string{page, statement, ClientList}
		}
		if got := f.Stale(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}

// chained gives n events tied to each other from the start.
func chained(t *testing.T, n int) []Envelope {
	t.Helper()
	var last Link
	var err error
	list := make([]Envelope, n)
	all := samples(t)
	for i := range list {
		f := all[Catalog[i%len(Catalog)].Fact.Type()]
		if list[i], err = Wrap(id.ID{byte(i + 1)}, f, origin); err != nil {
			t.Fatal(err)
		}
		if last, err = list[i].Chain(last); err != nil {
			t.Fatal(err)
		}
		if last.Sequence != int64(i+1) || last.Hash != list[i].Hash || len(last.Hash) != 64 {
			t.Fatalf("link %+v after event %d", last, i+1)
		}
	}
	return list
}

func verify(list []Envelope) error {
	var last Link
	var err error
	for _, e := range list {
		if last, err = e.Verify(last); err != nil {
			return err
		}
	}
	return nil
}

// stored is the envelope as another store may give it back: keys in another
// order, spaces, other escapes.
func stored(t *testing.T, e Envelope) Envelope {
	t.Helper()
	var payload map[string]any
	if err := json.Unmarshal(e.Payload, &payload); err != nil {
		t.Fatal(err)
	}
	keys := make([]string, 0, len(payload))
	for key := range payload {
		keys = append(keys, key)
	}
	var parts []string
	for i := len(keys) - 1; i >= 0; i-- {
		value, _ := json.Marshal(payload[keys[i]])
		text := strings.ReplaceAll(string(value), "a", `\u0061`)
		parts = append(parts, fmt.Sprintf("\t%q :  %s ", keys[i], text))
	}
	e.Payload = json.RawMessage("{ " + strings.Join(parts, ",\n") + "\n}")
	return e
}

func TestVerify(t *testing.T) {
	list := chained(t, 2*len(Catalog))
	if err := verify(list); err != nil {
		t.Fatal(err)
	}
	reordered := make([]Envelope, len(list))
	for i, e := range list {
		reordered[i] = stored(t, e)
		body, _ := json.Marshal(reordered[i])
		var back Envelope
		if err := json.Unmarshal(body, &back); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			reordered[i] = back
		}
	}
	if err := verify(reordered); err != nil {
		t.Errorf("with payloads written in another way: %v", err)
	}
}

// Every field counts: a change of any one is named.
func TestVerifyNamesAChange(t *testing.T) {
	changes := map[string]func(*Envelope){
		"EventType": func(e *Envelope) { e.EventType = "client_deleted" },
		"EntityID":  func(e *Envelope) { e.EntityID[15]++ },
		"Payload": func(e *Envelope) {
			e.Payload = json.RawMessage(strings.Replace(string(e.Payload), "50000.00", "50000.01", 1))
		},
		"Timestamp":     func(e *Envelope) { e.Timestamp = "2026-11-23T09:22:34.010073Z" },
		"EventID":       func(e *Envelope) { e.EventID[0]++ },
		"Version":       func(e *Envelope) { e.Version++ },
		"Subject":       func(e *Envelope) { e.Subject[3]++ },
		"Actor":         func(e *Envelope) { e.Actor = "Admin" },
		"CorrelationID": func(e *Envelope) { e.CorrelationID = "" },
		"BusinessDate":  func(e *Envelope) { e.BusinessDate.Day++ },
		"Hash":          func(e *Envelope) { e.Hash = strings.Repeat("0", 64) },
		"PreviousHash":  func(e *Envelope) { e.PreviousHash = strings.Repeat("0", 64) },
		"Sequence":      func(e *Envelope) { e.Sequence += 2 },
	}
	all := reflect.TypeFor[Envelope]()
	for i := range all.NumField() {
		if changes[all.Field(i).Name] == nil {
			t.Errorf("no change of %s is tried", all.Field(i).Name)
		}
	}
	said := map[string]string{"Sequence": "sequence 7 follows 4: 2 missing", "PreviousHash": "is not tied to the event before it"}
	for name, change := range changes {
		list := chained(t, len(Catalog))
		before := fmt.Sprint(list[4])
		change(&list[4])
		if fmt.Sprint(list[4]) == before {
			t.Errorf("%s: nothing was changed", name)
		}
		want := said[name]
		if want == "" {
			want = fmt.Sprintf("event %s (sequence 5) was changed after it was chained", list[4].EventID)
		}
		if err := verify(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestVerifyNamesAGap(t *testing.T) {
	list := chained(t, 6)
	for want, broken := range map[string][]Envelope{
		"sequence 4 follows 2: 1 missing":          {list[0], list[1], list[3], list[4]},
		"sequence 2 follows 0: 1 missing":          list[1:],
		"sequence 6 follows 2: 3 missing":          {list[0], list[1], list[5]},
		"sequence 2 follows 2: it is there twice":  {list[0], list[1], list[1]},
		"sequence 1 follows 3: it is out of order": {list[0], list[1], list[2], list[0]},
	} {
		if err := verify(broken); err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
	// A forger who also closes the gap in the numbers breaks the tie.
	forged := append([]Envelope{}, list...)
	forged = append(forged[:2], forged[3:]...)
	forged[2].Sequence = 3
	if err := verify(forged); err == nil || !strings.Contains(err.Error(), "is not tied") {
		t.Error(err)
	}
	// And one who forges the tie too changes the event.
	forged[2].PreviousHash = forged[1].Hash
	if err := verify(forged); err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Error(err)
	}
}

// One digest, computed by hand with another program, so that nobody changes the
// canonical form unawares: it would break every chain that stands.
func TestDigestIsPinned(t *testing.T) {
	e := Envelope{EventType: "client_updated", EntityID: id.ID{1}, Payload: json.RawMessage(`{"full_name":"Ñandú \u003cb\u003e \"\\\n","b":1.50,"a":[null,true,{"z":-0.0,"y":1e21}]}`),
		Timestamp: "2026-11-23T09:22:34.010072Z", EventID: id.ID{2}, Sequence: 7, Version: 1, Subject: id.ID{3}, Actor: "<admin>",
		CorrelationID: "c\u2028\f", BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 23}, PreviousHash: "ab", Hash: "not part of it"}
	got, err := e.Digest()
	if err != nil || got != "f1dee1147629ea87ea47f97d2071cd9c5e3f59a49a55c4d40aec90416426da8d" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestDigestRefusesWhatIsNoObject(t *testing.T) {
	for _, payload := range []string{"", "null", "[]", `"x"`, "{", `{"a":}`, `{"a":1}x`, `{"a":01}`, `{"a":1,}`, `{a:1}`, "{\"a\":\"\x01\"}", `{"a":"b}`} {
		if _, err := (Envelope{Payload: json.RawMessage(payload)}).Digest(); err == nil {
			t.Errorf("%q has a digest", payload)
		}
	}
}

func TestAPaymentTellsItsParts(t *testing.T) {
	var got PaymentRegistered
	e, err := Wrap(id.ID{1}, samples(t)["payment_registered"], origin)
	if err == nil {
		err = json.Unmarshal(e.Payload, &got)
	}
	if err != nil || got.Principal != "1.28" || got.Interest != "0.32" || got.Charges != "0.74" || got.IVA != "0.21" || got.Held != "0.00" || got.ValueDate != "2026-11-23" {
		t.Errorf("%+v, %v", got, err)
	}
}
