package lending_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"sofipo/bank"
	"sofipo/bank/authority"
	"sofipo/bank/clients"
	institutions "sofipo/bank/institution"
	"sofipo/bank/lending"
	screens "sofipo/bank/screening"
	banks "sofipo/bank/settlement"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/accounting"
	requests "sofipo/core/authority"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/institution"
	"sofipo/core/ledger"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/nouns"
	"sofipo/core/screening"
	"sofipo/core/settlement"
	corestaff "sofipo/core/staff"
	"sofipo/infra/files"
)

// The actions on branches, users, roles, requests, sessions, drafts, the institution, documents
// and lists of persons, and what must hold of them.

// soundOffice checks what must hold of branches, requests and lists.
func (m memory) soundOffice() error {
	return errors.Join(m.soundBranches(m.trial()), m.soundRequests(), m.soundScreening())
}

// branchNamed returns the branch with a code.
func (m memory) branchNamed(code string) (corestaff.Branch, bool) {
	for _, b := range staff.Branches.Rows(m.Memory) {
		if b.Code == code {
			return b, true
		}
	}
	return corestaff.Branch{}, false
}

var branchCodes = rapid.SampledFrom([]string{"002", "002", "003", "001", "009"})

// changeBranches adds, changes or closes a branch, gives it a client, a till or a vault, or empties
// and closes it.
func (h *history) changeBranches(t *rapid.T) {
	code := branchCodes.Draw(t, "branch")
	b, known := h.branchNamed(code)
	open := known && !b.Closed
	var want fault.Code
	switch {
	case !known:
		want = corestaff.BranchNotFound
	case b.Closed:
		want = corestaff.BranchClosed
	}
	var err error
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		if want = ""; known {
			want = corestaff.BranchCodeTaken
		} else if code == "009" {
			t.Skip("stays unknown")
		}
		_, err = give(h, "luis", staff.AddBranch{Code: code, BranchName: "Sucursal Ñ"})
	case 1:
		name := rapid.SampledFrom([]string{"Centro", "Ñoñería"}).Draw(t, "name")
		_, err = give(h, "luis", staff.ChangeBranch{Code: code, BranchName: &name})
	case 2, 3:
		h.empty(t, b, open && rapid.Bool().Draw(t, "empty it"))
		if open && (corestaff.IsHeadOffice(b.ID) || h.inUse(b.ID, h.trial())) {
			want = corestaff.BranchInUse
		}
		_, err = give(h, "luis", &banks.CloseBranch{Code: code})
	case 4:
		c := lending.ReassignClient{ClientID: anyOf(t, "client", append(h.clientIDs(), id.ID{9}))}
		want = ""
		if c.Branch = code; rapid.IntRange(0, 3).Draw(t, "to an officer") == 0 {
			c.Branch, c.Officer = "", "caja1"
			u, known := staff.Users.Row(h.Memory, c.Officer)
			open = known && !u.Disabled
		}
		if !open {
			want = fault.Invalid
		}
		if c.ClientID == (id.ID{9}) {
			want = client.NotFound
		}
		_, err = give(h, "luis", c)
	default:
		h.placesOf(t, b)
		return
	}
	if fault.Is(err, want) != (want != "") || want == "" && err != nil {
		t.Fatalf("branch %s, %+v: got %v, want refusal %q", code, b, err, want)
	}
}

// placesOf adds a till or a vault to a branch, moves money to its vault, or renames or retires one
// of its tills.
func (h *history) placesOf(t *rapid.T, b corestaff.Branch) {
	var own []settlement.Till
	for _, x := range banks.Tills.Rows(h.Memory) {
		if x.BranchID == b.ID && !b.ID.IsZero() && !corestaff.IsHeadOffice(b.ID) {
			own = append(own, x)
		}
	}
	if len(own) == 0 || rapid.IntRange(0, 2).Draw(t, "new") == 0 {
		vault := !slices.ContainsFunc(own, func(x settlement.Till) bool { return !x.VaultOf.IsZero() })
		if rapid.IntRange(0, 5).Draw(t, "other kind") == 0 {
			vault = !vault
		}
		got, err := give(h, "luis", banks.AddTill{Code: fmt.Sprintf("p%d-%s", len(own), b.Code), Title: "Ventanilla", BranchID: b.ID, Vault: vault})
		if may := !b.ID.IsZero() && !b.Closed; err == nil && (!may || got.BranchID != b.ID) || !may && !fault.Is(err, fault.Invalid) {
			t.Fatalf("a till of the branch %+v: got %+v, %v, want it accepted if the branch is open: %t", b, got, err, may)
		}
		return
	}
	x := rapid.SampledFrom(own).Draw(t, "place")
	var err error
	switch rapid.IntRange(0, 4).Draw(t, "use") {
	case 0:
		_, err = give(h, "luis", banks.RenameTill{TillID: x.ID, Title: "Caja Ñ"})
	case 1:
		_, err = give(h, "luis", banks.RetireTill{TillID: x.ID})
		if err == nil && (h.cash(x.ID) != 0 || !x.SessionID.IsZero() || !x.VaultOf.IsZero()) {
			t.Fatalf("%+v with %s was retired, want a refusal", x, h.cash(x.ID))
		}
	default:
		if x.VaultOf.IsZero() {
			t.Skip("no vault")
		}
		_, err = give(h, "luis", banks.MoveFunds{FromAccount: settlement.MainAccount, ToVault: x.ID, Amount: 7_000_00, Reason: "dotación"})
	}
	if x.Closed && !fault.Is(err, settlement.TillRetired) {
		t.Fatalf("%+v: got %v, want %s", x, err, settlement.TillRetired)
	}
}

// empty takes everything out of a branch that keeps it open.
func (h *history) empty(t *rapid.T, b corestaff.Branch, all bool) {
	if !all || corestaff.IsHeadOffice(b.ID) {
		return
	}
	must := func(_ any, err error) {
		if err != nil {
			t.Fatalf("emptying %s: got %v, want no error", b.Code, err)
		}
	}
	for _, c := range clients.Clients.Rows(h.Memory) {
		if c.BranchID == b.ID {
			must(give(h, "luis", lending.ReassignClient{ClientID: c.ID, Branch: "001"}))
		}
	}
	for _, u := range staff.Users.Rows(h.Memory) {
		if u.BranchID == b.ID && !u.Disabled {
			must(give(h, "luis", staff.DisableUser{Username: u.Username}))
		}
	}
	for _, x := range banks.Tills.Rows(h.Memory) {
		if x.BranchID == b.ID && !x.SessionID.IsZero() {
			must(give(h, "luis", banks.CloseTill{TillID: x.ID, Forced: true, Reason: "cierra la sucursal"}))
		}
	}
	for _, x := range banks.Tills.Rows(h.Memory) {
		if cash := h.cash(x.ID); x.BranchID == b.ID && cash > 0 {
			must(give(h, "luis", banks.MoveFunds{FromVault: x.ID, ToAccount: settlement.MainAccount, Amount: cash, Reason: "cierre"}))
		}
	}
}

// inUse reports whether a branch has users who can log in, clients, loans that are not ended, open
// tills or cash.
func (m memory) inUse(branch id.ID, sums map[id.ID]map[ledger.Account]money.Amount) bool {
	for _, u := range staff.Users.Rows(m.Memory) {
		if u.BranchID == branch && !u.Disabled {
			return true
		}
	}
	for _, c := range clients.Clients.Rows(m.Memory) {
		if c.BranchID == branch {
			return true
		}
	}
	for _, l := range lending.Loans.Rows(m.Memory) {
		if l.BranchID == branch && l.Status != servicing.Rejected && l.Status != servicing.Cancelled && l.Status != servicing.PaidOff {
			return true
		}
	}
	return slices.ContainsFunc(banks.Tills.Rows(m.Memory), func(t settlement.Till) bool {
		return t.BranchID == branch && (!t.SessionID.IsZero() || sums[t.ID][accounting.Cash] != 0)
	})
}

// soundBranches checks that a closed branch has nothing, and that a loan belongs to the branch of
// its client.
func (m memory) soundBranches(sums map[id.ID]map[ledger.Account]money.Amount) error {
	for _, b := range staff.Branches.Rows(m.Memory) {
		if !b.Closed {
			continue
		}
		if m.inUse(b.ID, sums) {
			return fmt.Errorf("branch %s is closed and has users, clients, loans, open tills or cash, want none", b.Code)
		}
		for _, t := range banks.Tills.Rows(m.Memory) {
			if t.BranchID == b.ID && !t.Closed {
				return fmt.Errorf("branch %s is closed and its till %s is not, want it retired", b.Code, t.Code)
			}
		}
	}
	for _, l := range lending.Loans.Rows(m.Memory) {
		if c, _ := clients.Clients.Row(m.Memory, l.ClientID); c.BranchID != l.BranchID {
			return fmt.Errorf("loan %s belongs to branch %s, its client to %s", l.ID, l.BranchID, c.BranchID)
		}
	}
	return nil
}

// changeUsers adds a user or changes one, of few names.
func (h *history) changeUsers(t *rapid.T) {
	name := rapid.SampledFrom([]string{"caja1", "caja2"}).Draw(t, "user")
	before, known := staff.Users.Row(h.Memory, name)
	home, _ := staff.Branches.Row(h.Memory, before.BranchID)
	var err error
	var want fault.Code
	if !known {
		want = corestaff.NotFound
	}
	code := branchCodes.Draw(t, "branch")
	if rapid.Bool().Draw(t, "head office") {
		code = "001"
	}
	b, exists := h.branchNamed(code)
	elsewhere := !exists || b.Closed
	switch rapid.IntRange(0, 8).Draw(t, "what") {
	case 0, 1:
		if want = ""; known {
			want = corestaff.NameTaken
		} else if elsewhere {
			want = fault.Invalid
		}
		_, err = give(h, "luis", staff.AddUser{Username: name, Password: "hash", Role: "teller", Branch: code})
	case 2:
		if known && home.Closed {
			want = corestaff.BranchClosed
		}
		_, err = give(h, "luis", staff.ChangePassword{Username: name, Password: before.Password + "+"})
	case 3:
		_, err = give(h, "luis", staff.DisableUser{Username: name})
	case 4:
		if known && home.Closed {
			want = corestaff.BranchClosed
		}
		_, err = give(h, "luis", staff.EnableUser{Username: name})
	case 5:
		if known && elsewhere {
			want = fault.Invalid
		}
		_, err = give(h, "luis", staff.ChangeUser{Username: name, Branch: &code})
	case 6:
		role := rapid.SampledFrom([]access.Role{"cajero", access.Teller}).Draw(t, "role")
		if _, defined := staff.Roles.Row(h.Memory, string(role)); known && role == "cajero" && !defined {
			want = fault.Invalid
		}
		_, err = give(h, "luis", staff.AssignRole{Username: name, Role: role})
	case 7:
		_, err = give(h, "luis", staff.EndSessions{Username: name})
	default:
		if rapid.Bool().Draw(t, "password") {
			_, err = give(h, name, staff.ChangeOwnPassword{Username: name, Password: before.Password + "-"})
		} else {
			_, err = give(h, name, staff.ChangePreferences{Username: name, Preferences: corestaff.Preferences{Language: "es", Roomy: !before.Preferences.Roomy}})
		}
	}
	if fault.Is(err, want) != (want != "") || want == "" && err != nil {
		t.Fatalf("%s of branch %+v: got %v, want refusal %q", name, home, err, want)
	}
}

// useConsole opens or ends a session, or saves or removes a draft.
func (h *history) useConsole(t *rapid.T) {
	name := rapid.SampledFrom([]string{"caja1", "caja2"}).Draw(t, "user")
	var may bool
	var err error
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0, 1:
		c := staff.OpenSession{Username: rapid.SampledFrom([]string{name, name, "caja1"}).Draw(t, "whose"), Device: strings.Repeat("Ñ", rapid.SampledFrom([]int{1, 100, 101}).Draw(t, "length"))}
		u, known := staff.Users.Row(h.Memory, name)
		var got corestaff.Session
		got, err = give(h, name, c)
		may = known && !u.Disabled && c.Username == name
		if may && (!got.Open(h.clock, u.PasswordAt) || got.Username != name) {
			t.Fatalf("got %+v, want an open session of %s", got, name)
		}
	case 2:
		s := row(t, "session", staff.Sessions.Rows(h.Memory))
		var got corestaff.Session
		got, err = give(h, name, staff.EndSession{ID: s.ID})
		if may = s.Username == name; may && (got.EndedAt.IsZero() || !s.EndedAt.IsZero() && !got.EndedAt.Equal(s.EndedAt)) {
			t.Fatalf("ending %+v: got %+v, want it ended once", s, got)
		}
	case 3:
		d := row(t, "draft", staff.Drafts.Rows(h.Memory))
		_, err = give(h, name, staff.RemoveDraft{ID: d.ID})
		if may = d.Username == name; may {
			if _, left := staff.Drafts.Row(h.Memory, d.ID); left {
				t.Fatalf("got the draft %+v, want it removed", d)
			}
		}
	default:
		if _, known := staff.Users.Row(h.Memory, name); !known {
			t.Skip("every draft has a user")
		}
		c := staff.SaveDraft{Kind: "application", Body: fmt.Sprintf(`{"amount":"%d","note":"Ñ"}`, rapid.IntRange(1, 9).Draw(t, "amount"))}
		may = true
		if drafts := staff.Drafts.Rows(h.Memory); len(drafts) > 0 && (len(drafts) > 3 || rapid.Bool().Draw(t, "again")) {
			d := row(t, "draft", drafts)
			c.ID, may = d.ID, d.Username == name
		}
		var got corestaff.Draft
		got, err = give(h, name, c)
		if stored, _ := staff.Drafts.Row(h.Memory, got.ID); may && (stored.Body != c.Body || stored.Username != name) {
			t.Fatalf("got the draft %+v, want %q of %s", stored, c.Body, name)
		}
	}
	if may != (err == nil) {
		t.Fatalf("%s: got %v, want it accepted: %t", name, err, may)
	}
}

// row draws a row.
func row[V any](t *rapid.T, what string, rows []V) V {
	if len(rows) == 0 {
		t.Skip("there is none: ", what)
	}
	return rapid.SampledFrom(rows).Draw(t, what)
}

// fileChange files the definition of a role or its assignment to a user.
func (h *history) fileChange(t *rapid.T) {
	actor := actors.Draw(t, "filer")
	order, _ := bank.OrderOf(staff.AssignRole{Username: rapid.SampledFrom([]string{"caja1", "caja2"}).Draw(t, "user"), Role: "cajero"})
	if rapid.IntRange(0, 2).Draw(t, "define") > 0 {
		r := corestaff.Role{Name: "cajero", Title: rapid.SampledFrom([]string{"Cajero", "Cajera Ñ"}).Draw(t, "title"), Scope: rapid.SampledFrom(corestaff.Scopes()).Draw(t, "scope")}
		r.Permissions = nouns.Permissions()[:rapid.IntRange(0, 5).Draw(t, "permissions")]
		r.Limits.Approval = 1_000_00
		order, _ = bank.OrderOf(staff.DefineRole{Role: r})
	}
	before := len(staff.Roles.Rows(h.Memory))
	got, err := give(h, actor, authority.FileRequest{Order: order, Reason: "nueva función"})
	if err == nil && (got.State != requests.Waiting || got.FiledBy != actor || len(staff.Roles.Rows(h.Memory)) != before) {
		t.Fatalf("got %+v, want a request of %s that changes no role", got, actor)
	}
}

// decideRequest approves, rejects or withdraws any request. Who filed it only withdraws it.
func (h *history) decideRequest(t *rapid.T) {
	r := row(t, "request", authority.Requests.Rows(h.Memory))
	actor, waits := actors.Draw(t, "decides"), r.On(h.today()).State == requests.Waiting
	var got requests.Request
	var err error
	to := rapid.SampledFrom([]requests.State{requests.Approved, requests.Approved, requests.Rejected, requests.Withdrawn}).Draw(t, "to")
	switch to {
	case requests.Approved:
		order, parsed := bank.ParseOrder(r.Operation, r.Command)
		if parsed != nil {
			t.Fatalf("parsing %s: got %v, want no error", r.Operation, parsed)
		}
		var carried authority.Carried
		carried, err = give(h, actor, authority.ApproveRequest{ID: r.ID, Order: order})
		got = carried.Request
	case requests.Rejected:
		got, err = give(h, actor, authority.RejectRequest{ID: r.ID, Reason: "no procede"})
	default:
		got, err = give(h, actor, authority.WithdrawRequest{ID: r.ID})
	}
	own := r.FiledBy == actor
	may := waits && own == (to == requests.Withdrawn)
	if err == nil && (!may || got.State != to || got.DecidedBy != actor) || may && to != requests.Approved && err != nil || waits && own && to != requests.Withdrawn && !fault.Is(err, access.FourEyes) && !fault.Is(err, requests.RequestOutdated) {
		t.Fatalf("%s makes %+v %s: got %+v, %v, want it done: %t", actor, r, to, got, err, may)
	}
}

// soundRequests checks that nobody decided an own request, and that each decision has its person.
func (m memory) soundRequests() error {
	for _, r := range authority.Requests.Rows(m.Memory) {
		decided := r.State == requests.Approved || r.State == requests.Rejected
		if decided && (r.DecidedBy == "" || r.DecidedBy == r.FiledBy) || r.State == requests.Withdrawn && r.DecidedBy != r.FiledBy || r.State == requests.Waiting && r.DecidedBy != "" {
			return fmt.Errorf("request %s of %s is %s by %q", r.ID, r.FiledBy, r.State, r.DecidedBy)
		}
	}
	return nil
}

// logos are images that can be the logo of the institution, and one that cannot.
var logos = [][]byte{square(16, color.NRGBA{R: 200, A: 255}), square(20, color.NRGBA{B: 90, A: 128}), []byte("no image")}

func square(side int, c color.NRGBA) []byte {
	picture := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		picture.SetNRGBA(i%side, i/side, c)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// changeInstitution changes the data or the logo of the institution.
func (h *history) changeInstitution(t *rapid.T) {
	var err error
	var want fault.Code
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0, 1, 2:
		c := &institutions.ChangeInstitution{Institution: institution.Institution{Name: rapid.SampledFrom([]string{"Caja Ñ", "Sofipo <b>", ""}).Draw(t, "name")}, Initial: rapid.IntRange(0, 2).Draw(t, "initial") == 0}
		c.Phones = rapid.SampledFrom([][]string{nil, {"55 5555 5555"}}).Draw(t, "phones")
		_, recorded := institutions.Institutions.Row(h.Memory, institution.ID)
		switch {
		case c.Institution.Name == "":
			want = fault.Invalid
		case recorded && c.Initial:
			want = institution.Recorded
		}
		_, err = give(h, actors.Draw(t, "by"), c)
		if stored, _ := institutions.Institutions.Row(h.Memory, institution.ID); err == nil && (stored.Name != c.Institution.Name || !slices.Equal(stored.Phones, c.Phones)) {
			t.Fatalf("got the institution %+v, want %+v", stored, c.Institution)
		}
	case 3, 4:
		c := &institutions.ChangeLogo{Content: rapid.SampledFrom(logos).Draw(t, "logo")}
		if len(c.Content) < 10 {
			want = fault.Invalid
		}
		_, err = give(h, "luis", c)
	default:
		if _, stored := institutions.Logos.Row(h.Memory, institution.ID); !stored {
			want = institution.LogoAbsent
		}
		_, err = give(h, "luis", institutions.RemoveLogo{})
	}
	if fault.Is(err, want) != (want != "") || want == "" && err != nil {
		t.Fatalf("got %v, want refusal %q", err, want)
	}
}

// soundInstitution checks that the logo is an image with the stored size and hash.
func (m memory) soundInstitution() error {
	for _, l := range institutions.Logos.Rows(m.Memory) {
		again, err := institution.NewLogo(l.Content)
		if err != nil || again.Hash != l.Hash || again.Width != l.Width || again.Height != l.Height || again.Media != l.Media || !bytes.Equal(again.Content, l.Content) {
			return fmt.Errorf("logo: got %s, %d x %d, %s, stored are %s, %d x %d, %s: %w", again.Media, again.Width, again.Height, again.Hash, l.Media, l.Width, l.Height, l.Hash, err)
		}
	}
	return nil
}

// addDocument stores a document and adds it to the file of a client.
func (h *history) addDocument(t *rapid.T) {
	of := anyOf(t, "client", append(h.clientIDs(), id.ID{9}))
	content, media := []byte("%PDF-1.4 comprobante"), "application/pdf"
	if rapid.Bool().Draw(t, "photograph") {
		content, media = logos[0], "image/png"
	}
	hash, err := h.store.Save(context.Background(), content)
	if err != nil {
		t.Fatal(err)
	}
	got, err := give(h, "ana", &clients.AddDocument{Document: client.Document{ClientID: of, Kind: client.ProofOfAddress, Name: "recibo ñ", MediaType: media, Size: len(content), SHA256: hash}})
	if known := of != (id.ID{9}); known != (err == nil) || known && (got.SHA256 != hash || got.AddedBy != "ana") {
		t.Fatalf("got %+v, %v, want it added: %t", got, err, known)
	}
}

// soundDocuments compares the documents with the store of files.
func (m memory) soundDocuments(store files.Store) error {
	for _, d := range clients.Documents.Rows(m.Memory) {
		content, err := store.Load(context.Background(), d.SHA256)
		if err != nil || len(content) != d.Size || !client.Sniffed(d.MediaType, content) {
			return fmt.Errorf("document %+v: got %d bytes, %w", d, len(content), err)
		}
	}
	return nil
}

// changeLists imports a list of persons, compares a client with the lists, completes a comparison
// or decides on an alert.
func (h *history) changeLists(t *rapid.T) {
	list := rapid.SampledFrom([]screening.ListCode{"LPB", "LPB", "PEP", "PROPIA"}).Draw(t, "list")
	stored, known := screens.Lists.Row(h.Memory, list)
	switch rapid.IntRange(0, 6).Draw(t, "what") {
	case 0, 1, 2:
		rows := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Nadie Conocido,", "Ácido Ñandú,", "Pérez Ñandú José,", ",PEPJ800101002", ",PEPJ800101004", ",PEPJ800101007", "Otra Persona,", "Juan,PEPJ800101003"}), 1, 2, rapid.ID[string]).Draw(t, "rows")
		c := &screens.ImportList{List: list, Title: "Lista Ñ", Content: []byte("full_name,rfc\n" + strings.Join(rows, "\n"))}
		c.Effect = rapid.SampledFrom([]screening.Effect{"", "", screening.Block, screening.Warn}).Draw(t, "effect")
		got, err := give(h, actors.Draw(t, "importer"), c)
		switch {
		case known && c.Effect != "" && c.Effect != stored.Effect:
			if !fault.Is(err, screening.EffectStays) {
				t.Fatalf("%+v imported with %s: got %v, want %s", stored, c.Effect, err, screening.EffectStays)
			}
		case !known && list == "PROPIA" && c.Effect == "":
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("a new list without an effect: got %v, want %s", err, fault.Invalid)
			}
		case err != nil || got.Entries != len(rows) || got.Number < stored.Version || got.Number > stored.Version+1:
			t.Fatalf("got %+v, %v, want %d entries and the next version of %+v", got, err, len(rows), stored)
		}
	case 3:
		of := anyOf(t, "client", append(h.clientIDs(), id.ID{9}))
		if _, err := give(h, "luis", clients.ScreenClient{ID: of}); (err == nil) != (of != id.ID{9}) {
			t.Fatalf("comparing %s: got %v, want %s only for an unknown client", of, err, client.NotFound)
		}
	case 4:
		c := screens.CompleteScreening{List: list, Version: stored.Version + rapid.IntRange(0, 1).Draw(t, "next")}
		if got, err := give(h, "luis", c); (err == nil) != (known && c.Version == stored.Version) {
			t.Fatalf("version %d of %+v compared: got %+v, %v, want a refusal unless it exists", c.Version, stored, got, err)
		}
	default:
		a := row(t, "alert", screens.Alerts.Rows(h.Memory))
		c := screens.DecideAlert{ID: a.ID, Decision: rapid.SampledFrom([]screening.Status{screening.Cleared, screening.Confirmed}).Draw(t, "decision"), Reason: "homónimo"}
		actor := actors.Draw(t, "compliance")
		got, err := give(h, actor, c)
		if may := actor != a.RaisedBy && a.Status != c.Decision; may != (err == nil) || may && (got.Status != c.Decision || got.DecidedBy != actor) {
			t.Fatalf("%s decides %s on %+v: got %+v, %v, want it decided: %t", actor, c.Decision, a, got, err, may)
		}
	}
}

// blocked reports whether a list of blocked persons has a client, and compliance has not cleared the
// match. If certain, only the RFC counts. It does not use the code of the program.
func (m memory) blocked(c client.Client, certain bool) bool {
	words := func(name string) string {
		all := strings.Fields(name)
		slices.Sort(all)
		return strings.Join(all, " ")
	}
	for _, e := range screens.Entries.Rows(m.Memory) {
		l, _ := screens.Lists.Row(m.Memory, e.List)
		byRFC := e.RFC != "" && e.RFC == c.RFC && !mx.RFC(c.RFC).IsGeneric()
		byName := e.Name != "" && words(e.Name) == words(c.FullName) && !certain
		if e.RemovedIn > 0 || l.Effect != screening.Block || !byRFC && !byName {
			continue
		}
		cleared := func(a screening.Alert) bool {
			return a.EntryID == e.ID && a.ClientID == c.ID && a.Status == screening.Cleared && (!byRFC || a.Basis == screening.OnRFC)
		}
		if !slices.ContainsFunc(screens.Alerts.Rows(m.Memory), cleared) {
			return true
		}
	}
	return false
}

// soundScreening compares the lists with their versions, entries and keys, and checks that each
// alert was decided by somebody else than whose operation raised it.
func (m memory) soundScreening() error {
	inForce, versions := map[screening.ListCode]int{}, map[screening.ListCode]int{}
	keys := 0
	for _, e := range screens.Entries.Rows(m.Memory) {
		if e.RemovedIn == 0 {
			inForce[e.List]++
			keys += len(screening.Person{Name: e.Name, RFC: e.RFC, CURP: e.CURP}.Values())
		}
	}
	for _, v := range screens.Versions.Rows(m.Memory) {
		versions[v.List]++
	}
	for _, l := range screens.Lists.Rows(m.Memory) {
		if l.Entries != inForce[l.Code] || l.Version != versions[l.Code] {
			return fmt.Errorf("list %+v: got %d entries in force and %d versions", l, inForce[l.Code], versions[l.Code])
		}
	}
	if stored := len(screens.Keys.Rows(m.Memory)); stored != keys {
		return fmt.Errorf("got %d keys of lists, want %d", stored, keys)
	}
	seen := map[string]bool{}
	for _, a := range screens.Alerts.Rows(m.Memory) {
		match := a.EntryID.String() + a.Subject
		if decided := a.Status != screening.Open; seen[match] || decided != (a.DecidedBy != "") || decided && a.DecidedBy == a.RaisedBy {
			return fmt.Errorf("alert %+v: got it again, or decided by the person who raised it", a)
		}
		seen[match] = true
	}
	return nil
}
