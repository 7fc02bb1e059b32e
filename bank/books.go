package bank

import (
	"encoding/json"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

var (
	voucherInsert = db.Insert("vouchers", db.ID("id"), db.Day("entry_date"), db.Text("description"), db.Text("lines"), db.Text("status"),
		db.Text("proposed_by"), db.Time("proposed_at"), db.Text("decided_by"), db.Time("decided_at"), db.ID("entry_id"))
	voucherUpdate = db.Update("vouchers", []db.Column{db.ID("id")}, db.Text("status"), db.Text("decided_by"), db.Time("decided_at"), db.ID("entry_id"))
)

// Voucher finds an entry by hand that was asked for.
func (b *Book) Voucher(voucherID id.ID) (accounting.Voucher, error) {
	if r, found := b.vouchers[voucherID]; found {
		return r.value, nil
	}
	return accounting.Voucher{}, fault.New(fault.VoucherNotFound, "Entry not found", "Póliza no encontrada")
}

// AddVoucher stages a proposal.
func (b *Book) AddVoucher(v accounting.Voucher) { put(b, b.vouchers, v.ID, v, added) }

// ChangeVoucher stages a decision.
func (b *Book) ChangeVoucher(v accounting.Voucher) { put(b, b.vouchers, v.ID, v, changed) }

// ClosedThrough is the last day of the last closed period, if it was asked for.
func (b *Book) ClosedThrough() civil.Date { return b.closedThrough }

// CloseThrough stages the closing of the books through a day.
func (b *Book) CloseThrough(day civil.Date) {
	before, closing := b.closedThrough, b.closing
	b.closedThrough, b.closing = day, true
	b.undo = append(b.undo, func() { b.closedThrough, b.closing = before, closing })
}

func (b *Book) loadBooks(batch *db.Batch, n *Needs) {
	if n.period {
		batch.Query("SELECT closed_through FROM books FOR NO KEY UPDATE", func(s db.Scanner) error { return s.Scan(&b.closedThrough) })
	}
	if len(n.vouchers) == 0 {
		return
	}
	batch.Query(`SELECT id, entry_date, description, lines, status, proposed_by, proposed_at, decided_by, decided_at, entry_id
		FROM vouchers WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
		func(s db.Scanner) error {
			var v accounting.Voucher
			var lines string
			if err := s.Scan(&v.ID, &v.Date, &v.Description, &lines, &v.Status, &v.ProposedBy, &v.ProposedAt, &v.DecidedBy, &v.DecidedAt, &v.EntryID); err != nil {
				return err
			}
			err := json.Unmarshal([]byte(lines), &v.Lines)
			b.vouchers[v.ID] = &row[accounting.Voucher]{value: v}
			return err
		}, n.vouchers)
}

func (b *Book) saveBooks(batch *db.Batch) {
	if b.closing {
		batch.Exec("UPDATE books SET closed_through = $1", b.closedThrough)
	}
	inserts, updates := voucherInsert.Rows(), voucherUpdate.Rows()
	for _, r := range sorted(b.vouchers, byID) {
		v := &r.value
		if r.state == changed {
			updates.Add(v.ID, string(v.Status), v.DecidedBy, v.DecidedAt, v.EntryID)
			continue
		}
		lines, err := json.Marshal(v.Lines)
		if err != nil {
			panic(err) // accounts and amounts
		}
		inserts.Add(v.ID, v.Date, v.Description, string(lines), string(v.Status), v.ProposedBy, v.ProposedAt, v.DecidedBy, v.DecidedAt, v.EntryID)
	}
	batch.Save(inserts)
	batch.Save(updates)
}
