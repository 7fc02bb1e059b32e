package clients

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/infra/files"
)

// StoredBlock is the stored row of a block.
type StoredBlock struct {
	client.Block
	body, files string
}

// Blocks is the table of blocked personal data.
var Blocks = bank.Declare(bank.Table[id.ID, StoredBlock]{
	Name: "client_blocks", Rank: 326,
	Columns: db.Columns[StoredBlock]{
		db.IDField("client_id", func(b *StoredBlock) *id.ID { return &b.ClientID }),
		db.TextField("reason", func(b *StoredBlock) *string { return &b.Reason }),
		db.DayField("blocked_on", func(b *StoredBlock) *civil.Date { return &b.BlockedOn }),
		db.TextField("blocked_by", func(b *StoredBlock) *string { return &b.BlockedBy }),
		db.TimeField("blocked_at", func(b *StoredBlock) *time.Time { return &b.BlockedAt }),
		db.DayField("destroy_from", func(b *StoredBlock) *civil.Date { return &b.DestroyFrom }),
		db.DayField("destroyed_on", func(b *StoredBlock) *civil.Date { return &b.DestroyedOn }),
		db.TextField("destroyed_by", func(b *StoredBlock) *string { return &b.DestroyedBy }),
		db.SealedField("body", db.Sealing[StoredBlock]{Table: "client_blocks", Column: "client_id", Owner: func(b *StoredBlock) string { return b.ClientID.String() }}, func(b *StoredBlock) *string { return &b.body }),
		db.TextField("files", func(b *StoredBlock) *string { return &b.files }),
	},
	Fixed:   []string{"reason", "blocked_on", "blocked_by", "blocked_at", "destroy_from"},
	Of:      func(b *StoredBlock) id.ID { return b.ClientID },
	Compare: bank.ByID,
	Read:    (*StoredBlock).read,
	Write:   (*StoredBlock).store,
})

var blockOf = bank.DeclareLookup(bank.Lookup[id.ID, StoredBlock, id.ID]{Table: Blocks, Column: "client_id"})

func (b *StoredBlock) store() {
	b.body, b.files = "", strings.Join(b.Files, " ")
	if b.State() == client.DataDestroyed {
		return
	}
	body, err := json.Marshal(b.Personal)
	if err != nil {
		panic(err) // cannot happen: texts, dates and numbers
	}
	b.body = string(body)
}

func (b *StoredBlock) read() error {
	b.Files = strings.Fields(b.files)
	if b.body == "" {
		return nil
	}
	return json.Unmarshal([]byte(b.body), &b.Personal)
}

// NeedBlock requests what Block needs.
func NeedBlock(n *bank.Needs, clientID id.ID) {
	needFile(n, clientID)
	notesOf.Need(n, clientID)
	blockOf.Need(n, clientID)
}

// Block stages that the personal data of a client are blocked. They are in the block afterwards,
// and nowhere else: the client has neither a file nor documents nor notes, nobody finds the client
// by them, and they are free for a new client. The block has the reason, the first day of
// destruction and the remarks that the caller took out of other tables. Refused with
// client.NotFound or client.Withheld.
func Block(b *bank.Book, made client.Block) (client.Block, error) {
	e, err := open(b, made.ClientID)
	if err != nil {
		return made, err
	}
	owner := e.owner
	made.BlockedOn, made.BlockedBy, made.BlockedAt = b.Today(), b.Actor(), b.Now()
	made.Personal.FullName, made.Personal.Email, made.Personal.RFC, made.Personal.Documents = owner.FullName, owner.Email, owner.RFC, e.Documents
	if e.stored {
		record := Files.At(b, owner.ID).Record
		made.Personal.Record = &record
		Files.Remove(b, StoredFile{Record: e.Record})
	}
	for _, d := range e.Documents {
		made.Files = append(made.Files, d.SHA256)
		Documents.Remove(b, d)
	}
	for n := range Notes.All(b) {
		if n.ClientID == owner.ID {
			made.Personal.Notes = append(made.Personal.Notes, *n)
		}
	}
	for _, n := range made.Personal.Notes {
		Notes.Remove(b, n)
	}
	if err := claim(b, owner.Claims(), nil); err != nil {
		return made, err
	}
	findBy(b, owner.ID, nil)
	Clients.Change(b, owner.Withhold(client.DataBlocked))
	Blocks.Add(b, StoredBlock{Block: made})
	b.Publish(client.BlockedEvent(owner, made))
	return made, nil
}

// Lookups of the client of a loan, locked against a block.
var borrower = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, id.ID]{Table: Clients, Column: "id", Share: true,
	Via: &bank.Via{Table: "loans", Column: "id", Columns: []string{"client_id"}, Own: []string{"id"}}})

// NeedBorrower requests the client of a loan for Find. Until the end of the transaction nobody
// blocks the client's data.
func NeedBorrower(n *bank.Needs, loanID id.ID) { borrower.Need(n, loanID) }

// uploadTime is more than a request may take from the upload of a document to its commit.
const uploadTime = 10 * time.Minute

// DeleteFiles deletes the documents of destroyed data from the store of files, and returns their
// number. It leaves out those that another client has too, and leaves those that were uploaded in
// the last minutes to a later call, because another client may be about to have them. If it is
// interrupted, the next call continues.
func DeleteFiles(ctx context.Context, b *bank.Bank, by bank.By, store files.Keeper) (deleted int, err error) {
	before := time.Now().Add(-uploadTime) // uploads before this time are committed, or never will be
	var due []StoredBlock
	columns := Blocks.Columns.Pick("client_id", "files")
	batch := &db.Batch{}
	batch.Before(func() { due = nil })
	batch.Query("SELECT "+columns.List("")+" FROM client_blocks WHERE destroyed_on IS NOT NULL AND files <> ''", func(s db.Scanner) error {
		var one StoredBlock
		err := columns.Scan(s, &one)
		one.Files = strings.Fields(one.files)
		due = append(due, one)
		return err
	})
	if err := b.DB().ReadPrimary(ctx, batch); err != nil {
		return 0, fmt.Errorf("reading the files to delete: %w", err)
	}
	for _, one := range due {
		used, err := usedElsewhere(ctx, b, one)
		if err != nil {
			return deleted, err
		}
		recent := false
		for _, hash := range one.Files {
			if slices.Contains(used, hash) {
				continue
			}
			switch err := store.Delete(ctx, hash, before); {
			case errors.Is(err, files.ErrRecent):
				recent = true
			case err != nil:
				return deleted, err
			default:
				deleted++
			}
		}
		if recent {
			continue
		}
		if _, err := bank.Do(ctx, b, by, ForgetFiles{one.ClientID}); err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

// usedElsewhere returns the hashes of a block that a document of another client has, or a block
// that is not destroyed.
func usedElsewhere(ctx context.Context, b *bank.Bank, of StoredBlock) (used []string, err error) {
	batch := &db.Batch{}
	batch.Before(func() { used = nil })
	each := func(s db.Scanner) error {
		var hashes string
		err := s.Scan(&hashes)
		used = append(used, strings.Fields(hashes)...)
		return err
	}
	batch.Query("SELECT sha256 FROM client_documents WHERE sha256 = ANY($1::text[])", each, of.Files)
	for _, hash := range of.Files {
		batch.Query("SELECT files FROM client_blocks WHERE destroyed_on IS NULL AND files LIKE $1", each, "%"+hash+"%")
	}
	if err := b.DB().ReadPrimary(ctx, batch); err != nil {
		return nil, fmt.Errorf("reading the documents of others: %w", err)
	}
	return used, nil
}

// StoreAway returns the refusal for a store of files that does not answer. Content that is
// missing or damaged is an internal error, which the log has.
func StoreAway(err error) error {
	if errors.Is(err, files.ErrMissing) || errors.Is(err, files.ErrDamaged) {
		return fmt.Errorf("document: %w", err)
	}
	return bank.Unavailable(client.FilesAway, err)
}
