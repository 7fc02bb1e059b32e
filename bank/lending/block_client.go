package lending

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/imports"
	"sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	core "sofipo/core/imports"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/settlement/incoming"
	"sofipo/infra/db"
)

// BlockClient blocks the personal data of a client without open loans and applications: from then
// on only an export shows them. The years after which they may be destroyed count from the block.
// Refused with Invalid, client.NotFound, client.Withheld or client.HasObligations.
type BlockClient struct {
	ClientID id.ID
	Reason   string
}

// Name returns the operation's name.
func (BlockClient) Name() string { return "block_client_data" }

// Permission returns the permission that the actor's role must have.
func (BlockClient) Permission() access.Permission { return client.EraseData }

// Check requires a reason.
func (c BlockClient) Check(bank.Rules) error {
	switch {
	case strings.TrimSpace(c.Reason) == "":
		return fault.Wrong(fault.At("reason", fault.Blank))
	case utf8.RuneCountInString(c.Reason) > client.MaxBlockReason:
		return fault.Wrong(fault.At("reason", fault.MaxLength, "most", client.MaxBlockReason))
	}
	return nil
}

// Needs requests the client and what is known about the client.
func (c BlockClient) Needs(n *bank.Needs) {
	clients.NeedBlock(n, c.ClientID)
	holdingsOf.Need(n, c.ClientID)
	contactsOf.Need(n, c.ClientID)
	notesOf.Need(n, c.ClientID)
	settlement.NeedIncomingOf(n, c.ClientID)
	imports.NeedFindingsOf(n, c.ClientID)
}

// Decide stages the block.
func (c BlockClient) Decide(b *bank.Book) (client.Block, error) {
	if _, err := clients.Find(b, c.ClientID); err != nil {
		return client.Block{}, err
	}
	open := 0
	for h := range c.holdings(b) {
		if servicing.Pending(h.Status) || servicing.Alive(h.Status) || h.Status == servicing.WrittenOff {
			open++
		}
	}
	if open > 0 {
		return client.Block{}, fault.Refuse(client.HasObligations, "loans", open)
	}
	return clients.Block(b, client.Block{
		ClientID: c.ClientID, Reason: c.Reason, DestroyFrom: client.KeptUntil(b.Today(), clients.RetentionYears(b.Rules())),
		Personal: client.Personal{Remarks: c.remarks(b)},
	})
}

// holdings yields the loans of the client as they are now, with what commands before this one in
// the batch changed.
func (c BlockClient) holdings(b *bank.Book) func(func(Holding) bool) {
	return func(yield func(Holding) bool) {
		for h := range Holdings.All(b) {
			if h.ClientID != c.ClientID || Loans.At(b, h.ID) != nil {
				continue
			}
			if !yield(*h) {
				return
			}
		}
		for l := range Loans.All(b) {
			if l.ClientID == c.ClientID && !yield(Holding{l.ID, l.ClientID, l.Status}) {
				return
			}
		}
	}
}

// remarks takes the texts about the client out of the other tables.
func (c BlockClient) remarks(b *bank.Book) (all []client.Remark) {
	add := func(kind string, of id.ID, text string) {
		if text != "" {
			all = append(all, client.Remark{Kind: kind, ID: of, Text: text})
		}
	}
	var contacts []collections.Contact
	for k := range Contacts.All(b) {
		if k.ClientID == c.ClientID {
			contacts = append(contacts, *k)
		}
	}
	for _, k := range contacts {
		add("contact", k.ID, k.Note)
		if k.Latitude != 0 || k.Longitude != 0 {
			add("contact_position", k.ID, fmt.Sprintf("%v,%v", k.Latitude, k.Longitude))
		}
		k.Note, k.Latitude, k.Longitude = "", 0, 0
		Contacts.Change(b, k)
	}
	var notes []collections.Note
	for n := range CollectionNotes.All(b) {
		if n.ClientID == c.ClientID {
			notes = append(notes, *n)
		}
	}
	for _, n := range notes {
		add("collection_note", n.ID, n.Text)
		n.Text = ""
		CollectionNotes.Change(b, n)
	}
	settlement.TakeTexts(b, c.ClientID, func(p incoming.Payment) {
		add("payment_concept", p.ID, p.Concept)
		add("payment_sender", p.ID, p.Sender)
		add("payment_note", p.ID, p.Note)
	})
	imports.TakeValues(b, c.ClientID, func(f core.Finding) { add("import_value", f.ImportID, f.Value) })
	return all
}

// Holding is the part of a loan that says whether it has ended.
type Holding struct {
	ID, ClientID id.ID
	Status       loan.Status
}

// Holdings is the table of loans as BlockClient reads it.
var Holdings = bank.Declare(bank.Table[id.ID, Holding]{
	Name: "loans", Rank: 403,
	Columns: db.Columns[Holding]{
		db.IDField("id", func(h *Holding) *id.ID { return &h.ID }),
		db.IDField("client_id", func(h *Holding) *id.ID { return &h.ClientID }),
		db.TextField("status", func(h *Holding) *loan.Status { return &h.Status }),
	},
	Of:      func(h *Holding) id.ID { return h.ID },
	Compare: bank.ByID,
})

var (
	holdingsOf = bank.DeclareLookup(bank.Lookup[id.ID, Holding, id.ID]{Table: Holdings, Column: "client_id"})
	contactsOf = bank.DeclareLookup(bank.Lookup[id.ID, collections.Contact, id.ID]{Table: Contacts, Column: "loan_id",
		Via: &bank.Via{Table: "loans", Column: "client_id", Columns: []string{"id"}, Own: []string{"loan_id"}}})
	notesOf = bank.DeclareLookup(bank.Lookup[id.ID, collections.Note, id.ID]{Table: CollectionNotes, Column: "loan_id",
		Via: &bank.Via{Table: "loans", Column: "client_id", Columns: []string{"id"}, Own: []string{"loan_id"}}})
)
