package view

import (
	"cmp"
	"context"
	"time"

	tills "sofipo/bank/settlement"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Answers about tills and bank accounts are not cached: every payment in cash changes them.
// Those about tills have the tills and sessions in the reader's scope (see By.ofBranch).

// TillState is a till or vault with its cash.
type TillState struct {
	settlement.Till
	Balance money.Amount
}

const (
	selectTill = `SELECT t.id, t.code, t.name, t.branch_id, t.vault_of, t.vault_id, t.session_id, t.teller, t.opened_on, t.closed, t.created_at,
		coalesce((SELECT sum(p.amount) FROM place_lines p WHERE p.subject = t.id AND p.account = '1101'), 0)::bigint FROM tills t WHERE `
	selectSession = `SELECT s.id, s.till_id, s.branch_id, s.teller, s.business_date, s.opened_at, s.opening, s.closed_at, s.closed_on, s.closed_by, s.expected, s.counted
		FROM till_sessions s WHERE `
)

// Tills returns a page of the tills and vaults with their cash, in the order in which they were
// added. Refused with access.Forbidden.
func (v *View) Tills(ctx context.Context, by By, part Paging) (Page[TillState], error) {
	if err := by.may(settlement.Read); err != nil {
		return Page[TillState]{}, err
	}
	var all []TillState
	args := []any{after(part.After), part.Limit, part.Skip}
	batch := &db.Batch{}
	batch.Query(selectTill+"t.id > $1"+by.ofBranch("t", &args)+" ORDER BY t.id LIMIT $2 OFFSET $3", func(s db.Scanner) error {
		t, err := scanTill(s)
		all = append(all, t)
		return err
	}, args...)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	return pageOf(all, part.Limit, func(t TillState) id.ID { return t.ID }), err
}

func scanTill(s db.Scanner) (t TillState, err error) {
	err = s.Scan(&t.ID, &t.Code, &t.Name, &t.BranchID, &t.VaultOf, &t.VaultID, &t.SessionID, &t.Teller, &t.OpenedOn, &t.Closed, &t.CreatedAt, &t.Balance)
	return t, err
}

// AccountState is a bank account with its balance, and with what others owe it.
type AccountState struct {
	settlement.Account
	Balance  money.Amount // in the books
	Expected money.Amount // cheques, cards, payroll deductions and payments at shops that are not collected yet
	Choice   bool         // the reader may only choose the account: the CLABE and both amounts are left out
}

// BankAccounts returns the institution's bank accounts, the main one first. They belong to no
// branch: a reader who does not see the whole institution gets them as choices. Refused with
// access.Forbidden.
func (v *View) BankAccounts(ctx context.Context, by By) (all []AccountState, err error) {
	if err := by.may(settlement.Read); err != nil {
		return nil, err
	}
	var unnamed, unnamedExpected money.Amount
	batch := &db.Batch{}
	batch.Query(`SELECT a.id, a.code, a.name, a.bank, a.clabe, a.overdraft, a.closed, a.created_at,
		coalesce((SELECT sum(p.amount) FROM place_lines p WHERE p.subject = a.id AND p.account = '1102'), 0)::bigint,
		coalesce((SELECT sum(p.amount) FROM place_lines p WHERE p.subject = a.id AND p.account <> '1102'), 0)::bigint
		FROM bank_accounts a ORDER BY a.id`, func(s db.Scanner) error {
		var a AccountState
		err := s.Scan(&a.ID, &a.Code, &a.Name, &a.Bank, &a.CLABE, &a.Overdraft, &a.Closed, &a.CreatedAt, &a.Balance, &a.Expected)
		all = append(all, a)
		return err
	})
	batch.Query(`SELECT sum(CASE account WHEN '1102' THEN amount ELSE 0 END)::bigint, sum(CASE account WHEN '1102' THEN 0 ELSE amount END)::bigint FROM
		(SELECT 0::bigint AS amount, '1102' AS account
		UNION ALL SELECT amount, account FROM `+tills.MainAmounts+` a WHERE account IN ('1102', '1103', '1431', '1432', '1433')) b`,
		func(s db.Scanner) error { return s.Scan(&unnamed, &unnamedExpected) })
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	for i := range all {
		switch a := &all[i]; {
		case !by.everywhere(settlement.Read):
			a.CLABE, a.Balance, a.Expected, a.Choice = "", 0, 0, true
		case a.ID == settlement.MainAccount:
			a.Balance += unnamed
			a.Expected += unnamedExpected
		}
	}
	return all, err
}

// SessionQuery selects sessions of tills.
type SessionQuery struct {
	TillID id.ID // of all tills if zero
	Open   bool  // only open ones
	Newest bool  // the newest first
	Paging
}

// TillSessions returns a page of sessions, oldest first unless the query says otherwise. Refused
// with access.Forbidden.
func (v *View) TillSessions(ctx context.Context, by By, q SessionQuery) (Page[settlement.Session], error) {
	if err := by.may(settlement.Read); err != nil {
		return Page[settlement.Session]{}, err
	}
	from, where, order := after(q.After), "s.id > $1", " ORDER BY s.id LIMIT $5 OFFSET $6"
	if q.Newest {
		from, where, order = before(q.After), "s.id < $1", " ORDER BY s.id DESC LIMIT $5 OFFSET $6"
	}
	all, err := v.sessions(ctx, by, where+" AND (s.till_id = $2 OR $3) AND (s.closed_on IS NULL OR NOT $4)", order, from, after(q.TillID), q.TillID.IsZero(), q.Open, q.Limit, q.Skip)
	return pageOf(all, q.Limit, func(s settlement.Session) id.ID { return s.ID }), err
}

// BlockingTills returns the open sessions that block the close of the days before today's
// date. Home pages of managers and accountants show them. Refused with access.Forbidden.
func (v *View) BlockingTills(ctx context.Context, by By, today civil.Date) ([]settlement.Session, error) {
	if err := by.may(settlement.Read); err != nil {
		return nil, err
	}
	return v.sessions(ctx, by, "s.closed_on IS NULL AND s.business_date < $1 AND s.business_date > "+lastDay, " ORDER BY s.id", today)
}

// TillsLeftOpen returns the open sessions of closed days, whose closes were forced. Refused
// with access.Forbidden.
func (v *View) TillsLeftOpen(ctx context.Context, by By) ([]settlement.Session, error) {
	if err := by.may(settlement.Read); err != nil {
		return nil, err
	}
	return v.sessions(ctx, by, "s.closed_on IS NULL AND s.business_date <= "+lastDay, " ORDER BY s.id")
}

// lastDay is the last day whose close has begun, in SQL.
const lastDay = "coalesce((SELECT max(day) FROM business_days), '0001-01-01'::date)"

// ForcedCloses returns at most limit days before a date that were closed although tills were
// open, newest first. Those who may read about tills or days see those of the whole institution,
// whose days they are. Refused with access.Forbidden.
func (v *View) ForcedCloses(ctx context.Context, by By, before civil.Date, limit int64) (all []settlement.ForcedClose, err error) {
	if err := by.may(settlement.Read); err != nil && by.mayReadDays() != nil {
		return nil, err
	}
	columns, batch := tills.ForcedCloses.Columns, &db.Batch{}
	batch.Query("SELECT "+columns.List("")+" FROM forced_closes WHERE day < $1 ORDER BY day DESC LIMIT $2", func(s db.Scanner) error {
		var c settlement.ForcedClose
		err := columns.Scan(s, &c)
		all = append(all, c)
		return err
	}, before, limit)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

// sessions returns the sessions in the reader's scope that meet a condition, in an order.
func (v *View) sessions(ctx context.Context, by By, where, order string, args ...any) (all []settlement.Session, err error) {
	where += by.ofBranch("s", &args)
	batch := &db.Batch{}
	batch.Query(selectSession+where+order, func(row db.Scanner) error {
		s, err := scanSession(row)
		all = append(all, s)
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { all = nil })
	return all, err
}

func scanSession(row db.Scanner) (s settlement.Session, err error) {
	err = row.Scan(&s.ID, &s.TillID, &s.BranchID, &s.Teller, &s.BusinessDate, &s.OpenedAt, &s.Opening, &s.ClosedAt, &s.ClosedOn, &s.ClosedBy, &s.Expected, &s.Counted)
	if s.ClosedOn.IsZero() {
		s.ClosedAt = time.Time{}
	}
	return s, err
}

// SessionReport is a session with all its cash (arqueo).
type SessionReport struct {
	settlement.Session
	Balance   money.Amount          // cash now according to the books; 0 after the close
	Totals    []KindTotal           // cash of the session by kind of journal entry
	CashMoves []settlement.CashMove // other than transactions of loans
	Counts    []settlement.Count
}

// KindTotal is the number and the sum of entries of a kind.
type KindTotal struct {
	Kind     string
	Entries  int64
	Received money.Amount
	Paid     money.Amount
}

// TillSession returns a session with its cash. Refused with settlement.SessionNotFound or
// access.Forbidden.
func (v *View) TillSession(ctx context.Context, by By, sessionID id.ID) (r SessionReport, err error) {
	if err := by.may(settlement.Read); err != nil {
		return r, err
	}
	args := []any{sessionID}
	where, batch := "s.id = $1"+by.ofBranch("s", &args), &db.Batch{}
	batch.Query(selectSession+where, func(row db.Scanner) (err error) {
		r.Session, err = scanSession(row)
		return err
	}, args...)
	batch.Query(`SELECT j.kind, count(*), sum(CASE WHEN p.amount > 0 THEN p.amount ELSE 0 END)::bigint, sum(CASE WHEN p.amount < 0 THEN -p.amount ELSE 0 END)::bigint
		FROM till_sessions s JOIN place_lines p ON p.subject = s.till_id AND p.account = '1101' AND p.business_date >= s.business_date
			AND (s.closed_on IS NULL OR p.business_date <= s.closed_on)
		JOIN journal j ON j.id = p.entry_id AND j.at >= s.opened_at AND (s.closed_on IS NULL OR j.at <= s.closed_at)
		WHERE s.id = $1 GROUP BY j.kind ORDER BY j.kind`, func(row db.Scanner) error {
		var t KindTotal
		err := row.Scan(&t.Kind, &t.Entries, &t.Received, &t.Paid)
		r.Totals = append(r.Totals, t)
		return err
	}, sessionID)
	batch.Query("SELECT id, till_id, session_id, kind, amount, reason, at, actor, entry_id FROM cash_moves WHERE session_id = $1 ORDER BY id", func(row db.Scanner) error {
		var m settlement.CashMove
		err := row.Scan(&m.ID, &m.TillID, &m.SessionID, &m.Kind, &m.Amount, &m.Reason, &m.At, &m.Actor, &m.Entry)
		r.CashMoves = append(r.CashMoves, m)
		return err
	}, sessionID)
	batch.Query("SELECT id, session_id, expected, counted, sheet, at, actor FROM till_counts WHERE session_id = $1 ORDER BY id", func(row db.Scanner) error {
		var c settlement.Count
		var sheet string
		err := row.Scan(&c.ID, &c.SessionID, &c.Expected, &c.Counted, &sheet, &c.At, &c.Actor)
		if err == nil {
			c.Sheet, err = settlement.ParseSheet(sheet)
		}
		r.Counts = append(r.Counts, c)
		return err
	}, sessionID)
	begins := v.detached(batch)
	err = v.ask(ctx, by.Need, batch, func() { r = SessionReport{} })
	for _, t := range r.Totals {
		r.Balance += t.Received - t.Paid
	}
	if err == nil && r.ID.IsZero() {
		return SessionReport{}, fault.Refuse(settlement.SessionNotFound)
	}
	return r, cmp.Or(err, begins.row(sessionID))
}

// MoneyTotal is the sum of what entries of one kind posted to one control account of money.
type MoneyTotal struct {
	Account ledger.Account
	Kind    servicing.Kind // of the operations on loans; empty for other entries, such as moves of cash
	Entries int64
	In      money.Amount // debits
	Out     money.Amount // credits
}

const (
	selectMoney = "SELECT p.account, coalesce(m.kind, ''), count(DISTINCT j.id), sum(p.debit)::bigint, sum(p.credit)::bigint FROM "
	joinMoney   = ` JOIN posted p ON p.entry_id = j.id AND p.account IN ('1101', '1102', '1103', '1431', '1432', '1433')
		LEFT JOIN loan_transactions m ON m.loan_id = j.subject AND m.id = j.reference
		LEFT JOIN tills t ON t.id = p.subject AND p.account = '1101' WHERE `
	groupMoney = " GROUP BY p.account, coalesce(m.kind, '') ORDER BY 1, 2"
)

// MoneyOfBranch returns the totals of a business date of the operations on loans at a branch and
// of the cash in its tills and vaults. There are none for a reader whose scope does not cover the
// branch. Refused with access.Forbidden.
func (v *View) MoneyOfBranch(ctx context.Context, by By, branch id.ID, day civil.Date) ([]MoneyTotal, error) {
	office := "'" + staff.HeadOffice.String() + "'" // for rows without a branch
	if by.may(settlement.Read) == nil && !by.everywhere(settlement.Read) && by.Who.User.BranchID != branch {
		return nil, nil
	}
	begun := func(d *detached) error { return d.from(day) }
	return v.moneyTotals(ctx, by, begun, "journal j"+joinMoney+`j.business_date = $1
		AND CASE WHEN m.id IS NOT NULL THEN coalesce(m.branch_id, `+office+`) WHEN p.account = '1101' THEN coalesce(t.branch_id, `+office+`) END = $2`, day, branch)
}

// MoneyOfSession returns the totals of the cash of a till's session, and of the operations on loans
// by other methods that its teller registered meanwhile. Refused with access.Forbidden.
func (v *View) MoneyOfSession(ctx context.Context, by By, sessionID id.ID) ([]MoneyTotal, error) {
	args := []any{sessionID}
	begun := func(d *detached) error { return d.row(sessionID) }
	return v.moneyTotals(ctx, by, begun, `till_sessions s JOIN journal j ON j.business_date >= s.business_date AND (s.closed_on IS NULL OR j.business_date <= s.closed_on)
			AND j.at >= s.opened_at AND (s.closed_on IS NULL OR j.at <= s.closed_at)`+joinMoney+`s.id = $1
		AND CASE WHEN p.account = '1101' THEN p.subject = s.till_id ELSE coalesce(m.actor, '') = s.teller END`+by.ofBranch("s", &args), args...)
}

// moneyTotals adds up entries. The function refuses those of detached months.
func (v *View) moneyTotals(ctx context.Context, by By, begun func(*detached) error, from string, args ...any) (all []MoneyTotal, err error) {
	if err := by.may(settlement.Read); err != nil {
		return nil, err
	}
	batch := &db.Batch{}
	batch.Query(selectMoney+from+groupMoney, func(s db.Scanner) error {
		var t MoneyTotal
		err := s.Scan(&t.Account, &t.Kind, &t.Entries, &t.In, &t.Out)
		all = append(all, t)
		return err
	}, args...)
	begins := v.detached(batch)
	if err = v.ask(ctx, by.Need, batch, func() { all = nil }); err == nil {
		err = begun(begins)
	}
	return all, err
}

// TillOf returns the till that a user has open, with its cash; nil if there is none. Refused
// with access.Forbidden.
func (v *View) TillOf(ctx context.Context, by By, teller string) (found *TillState, err error) {
	if err := by.may(settlement.Read); err != nil {
		return nil, err
	}
	args := []any{teller}
	where, batch := "t.teller = $1 AND t.teller <> ''"+by.ofBranch("t", &args), &db.Batch{}
	batch.Query(selectTill+where, func(s db.Scanner) error {
		t, err := scanTill(s)
		found = &t
		return err
	}, args...)
	err = v.ask(ctx, by.Need, batch, func() { found = nil })
	return found, err
}

// TillLine is cash that came into a till or went out of it. Either Operation or Move says
// why.
type TillLine struct {
	Entry     id.ID // journal entry
	At        time.Time
	Amount    money.Amount // above 0 for cash that came in
	Operation servicing.Kind
	Receipt   folio.Number
	Loan      folio.Number
	Client    string
	Reversed  bool
	Move      settlement.MoveKind
	Reason    string
	Actor     string
}

// TillLines returns a page of the lines of a session, newest first. Refused with
// access.Forbidden.
func (v *View) TillLines(ctx context.Context, by By, sessionID id.ID, part Paging) (Page[TillLine], error) {
	if err := by.may(settlement.Read); err != nil {
		return Page[TillLine]{}, err
	}
	var all []TillLine
	args := []any{sessionID, before(part.After), part.Limit, part.Skip}
	batch := &db.Batch{}
	batch.Query(`SELECT j.id, j.at, p.amount, coalesce(m.kind, ''), coalesce(m.folio, 0), coalesce(l.number, 0), coalesce(c.full_name, ''), m.reversed_by IS NOT NULL,
			coalesce(k.kind, ''), coalesce(k.reason, ''), coalesce(m.actor, k.actor, '')
		FROM till_sessions s JOIN place_lines p ON p.subject = s.till_id AND p.account = '1101' AND p.business_date >= s.business_date
			AND (s.closed_on IS NULL OR p.business_date <= s.closed_on)
		JOIN journal j ON j.id = p.entry_id AND j.at >= s.opened_at AND (s.closed_on IS NULL OR j.at <= s.closed_at)
		LEFT JOIN loan_transactions m ON m.loan_id = j.subject AND m.id = j.reference
		LEFT JOIN loans l ON l.id = m.loan_id LEFT JOIN clients c ON c.id = m.client_id
		LEFT JOIN cash_moves k ON k.session_id = s.id AND k.id = j.reference
		WHERE s.id = $1 AND p.entry_id < $2`+by.ofBranch("s", &args)+" ORDER BY p.entry_id DESC LIMIT $3 OFFSET $4", func(s db.Scanner) error {
		var m TillLine
		err := s.Scan(&m.Entry, &m.At, &m.Amount, &m.Operation, &m.Receipt, &m.Loan, &m.Client, &m.Reversed, &m.Move, &m.Reason, &m.Actor)
		all = append(all, m)
		return err
	}, args...)
	begins := v.detached(batch)
	err := v.ask(ctx, by.Need, batch, func() { all = nil })
	if err == nil {
		err = begins.row(sessionID)
	}
	return pageOf(all, part.Limit, func(m TillLine) id.ID { return m.Entry }), err
}
