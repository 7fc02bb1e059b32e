package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/core/wire"
	"sofipo/document"
	"sofipo/view"
)

const booksTag = "Books"

var _ = mount(90, booksOperations)

var booksOperations = slices.Concat(bookReads, manualEntryOperations)

// bookReads are the operations that read the books.
var bookReads = []operation{
	booksRead(operation{
		path: "/api/v1/books/accounts", id: "read_accounts_api_v1_books_accounts_get", summary: "Get the chart of accounts",
		about: "Returns the groups and accounts that are valid on a date, ordered by code.",
	}, func(_ context.Context, s *server, _ view.By, in *chartOnDay) ([]ChartLine, id.ID, error) {
		return chartLines(or(in.Date, s.today())), id.ID{}, nil
	}),
	report(operation{
		path: "/api/v1/books/trial-balance", id: "read_trial_balance_api_v1_books_trial_balance_get",
		tag: booksTag, summary: "Get the trial balance", permission: accounting.Read,
		about: "Returns each account with a balance or with postings in the period: opening balance, debits, credits and closing balance. " +
			"A balance is positive on the account's normal side." + inFormats,
	}, trialBalanceAnswer, trialBalanceTable),
	report(operation{
		path: "/api/v1/books/accounts/{account}/ledger", id: "read_ledger_api_v1_books_accounts__account__ledger_get",
		tag: booksTag, summary: "Get an account's ledger", permission: accounting.Read, effect: lists,
		about: "Lists the postings of an account in a period, with the balance after each one, ordered by business date and then by posting time. Postings of the same entry are adjacent." +
			inFormats + " The table includes all postings, regardless of `limit`.",
		refusals: []fault.Code{accounting.AccountNotFound, accounting.JournalDetached},
	}, ledgerAnswer, ledgerTable),
	booksRead(operation{
		path: "/api/v1/books/entries/{entry_id}", id: "read_entry_api_v1_books_entries__entry_id__get", summary: "Get a journal entry",
		about:    "Returns an entry with its postings, the entry it reverses or is reversed by, and its source: a loan transaction or a manual entry.",
		refusals: []fault.Code{accounting.EntryNotFound, accounting.JournalDetached},
	}, func(ctx context.Context, s *server, by view.By, in *entryByID) (Entry, id.ID, error) {
		e, err := s.View.Entry(ctx, by, in.EntryID)
		return entryOf(e), id.ID{}, err
	}),
	booksRead(operation{
		path: "/api/v1/books/periods", id: "read_periods_api_v1_books_periods_get", summary: "List accounting periods",
		about: "Lists the months from the first entry to the current month, with the status of each.",
	}, func(ctx context.Context, s *server, by view.By, _ *rowsInput) (Periods, id.ID, error) {
		var p view.Periods
		err := s.onToday(ctx, by, func(today civil.Date) (err error) {
			p, err = s.View.Periods(ctx, by, today)
			return err
		})
		return periodsOf(p), id.ID{}, err
	}),
}

// manualEntryOperations handle manual entries and close accounting periods.
var manualEntryOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/books/manual-entries", id: "propose_manual_entry_api_v1_books_manual_entries_post",
		tag: booksTag, summary: "Propose a manual entry", status: http.StatusCreated,
		about: "Proposes a manual journal entry (póliza manual). It enters the books when another user posts it. Debits and credits must balance. " +
			"Control accounts, including all memorandum accounts, are refused: only loan operations post to them. Unknown fields are refused.",
		refusals: []fault.Code{accounting.PeriodClosed},
	}, func(in *proposeManualEntry) bank.Command[accounting.ManualEntry] {
		lines := make([]accounting.Line, len(in.Body.Lines))
		for i, l := range in.Body.Lines {
			lines[i] = accounting.Line{Account: ledger.Account(l.Account), Debit: l.Debit, Credit: l.Credit}
		}
		return books.ProposeEntry{Date: in.Body.Date, Description: in.Body.Description, Lines: lines}
	}),
	read[[]accounting.ManualEntry](operation{
		method: http.MethodGet, path: "/api/v1/books/manual-entries", id: "read_manual_entries_api_v1_books_manual_entries_get",
		tag: booksTag, summary: "List manual entries", permission: accounting.Read, status: http.StatusOK, effect: lists,
		about: "Lists manual entries in the order in which they were proposed.",
	}, func(ctx context.Context, v *view.View, by view.By, in *manualEntriesByStatus) ([]byte, id.ID, error) {
		return pageBody(v.ManualEntries(ctx, by, accounting.ManualEntryStatus(given(in.Status)), in.page()))
	}),
	read[accounting.ManualEntry](operation{
		method: http.MethodGet, path: "/api/v1/books/manual-entries/{manual_entry_id}", id: "read_manual_entry_api_v1_books_manual_entries__manual_entry_id__get",
		tag: booksTag, summary: "Get a manual entry", permission: accounting.Read, status: http.StatusOK,
		about:    "Returns a manual entry in any state, with the users who proposed and decided it.",
		refusals: []fault.Code{accounting.ManualEntryNotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *manualEntryByID) ([]byte, id.ID, error) {
		return bodyOf(v.ManualEntry(ctx, by, in.ManualEntryID))
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/books/manual-entries/{manual_entry_id}/posting", id: "post_manual_entry_api_v1_books_manual_entries__manual_entry_id__posting_post",
		tag: booksTag, summary: "Post a manual entry", status: http.StatusOK,
		about:    "Posts a proposed manual entry to the books. The user who proposed it cannot post it.",
		refusals: []fault.Code{accounting.ManualEntryNotFound, accounting.ManualEntryDecided, access.FourEyes, accounting.PeriodClosed},
	}, func(in *manualEntryByID) bank.Command[accounting.ManualEntry] {
		return books.DecideEntry{ID: in.ManualEntryID, Post: true}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/books/manual-entries/{manual_entry_id}/rejection", id: "reject_manual_entry_api_v1_books_manual_entries__manual_entry_id__rejection_post",
		tag: booksTag, summary: "Reject a manual entry", status: http.StatusOK,
		about:    "Rejects a proposed manual entry. The user who proposed it cannot reject it.",
		refusals: []fault.Code{accounting.ManualEntryNotFound, accounting.ManualEntryDecided, access.FourEyes},
	}, func(in *manualEntryByID) bank.Command[accounting.ManualEntry] {
		return books.DecideEntry{ID: in.ManualEntryID}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/books/periods/{month}/close", id: "close_period_api_v1_books_periods__month__close_post",
		tag: booksTag, summary: "Close an accounting period", status: http.StatusOK,
		about:    "Closes a past month and every month before it. A closed month accepts no entries and no value dates, and cannot be reopened.",
		refusals: []fault.Code{accounting.PeriodClosed},
	}, func(in *periodByMonth) bank.Command[accounting.Period] {
		return books.ClosePeriod{Month: civil.On(in.Month.Year, in.Month.Month, 1)}
	}),
}

// booksRead makes an operation that reads the books. The read may use the business date.
func booksRead[Out, In any](o operation, ask func(ctx context.Context, s *server, by view.By, in *In) (Out, id.ID, error)) operation {
	o.tag, o.permission = booksTag, accounting.Read
	return asked(o, ask)
}

// asked makes an operation that reads from the view. The read may use the business date.
func asked[Out, In any](o operation, ask func(ctx context.Context, s *server, by view.By, in *In) (Out, id.ID, error)) operation {
	o.method, o.status, o.effect = http.MethodGet, http.StatusOK, max(o.effect, reads)
	return plain[Out](o, func(s *server, c *call, in *In) error {
		by, err := c.viewer()
		if err != nil {
			return err
		}
		answer, next, err := ask(c.request.Context(), s, by, in)
		if err != nil {
			return err
		}
		c.linkNext(next)
		c.answer(o.status, answerJSON(answer))
		return nil
	})
}

// answerJSON returns an answer as JSON. A list without elements is empty, not null.
func answerJSON(answer any) []byte {
	if list := reflect.ValueOf(answer); list.Kind() == reflect.Slice && list.Len() == 0 {
		return []byte("[]")
	}
	return wire.JSON(nil, answer)
}

// or returns the value of an optional field, or the default if the field was omitted.
func or[T any](optional *T, fallback T) T {
	if optional != nil {
		return *optional
	}
	return fallback
}

type chartOnDay struct {
	Date *civil.Date `query:"date" doc:"Date of the chart. Defaults to the business date."`
	tableFormat
}

// ChartLine is a line of the chart of accounts.
type ChartLine struct {
	Code     string     `json:"code" doc:"Account code of 4 digits. A group code has 1 or 2 digits and covers the accounts that start with it." example:"1301"`
	Spanish  string     `json:"name_es" doc:"Name in Spanish."`
	English  string     `json:"name_en" doc:"Name in English."`
	Nature   string     `json:"nature" enum:"debit,credit" doc:"Normal side of the balance."`
	Kind     string     `json:"kind" enum:"asset,liability,equity,income,expense,memorandum" doc:"Type of account."`
	CNBV     string     `json:"cnbv_code,omitempty" doc:"Code in the CNBV's minimum catalogue of accounts, 12 digits. Absent if unknown."`
	From     civil.Date `json:"valid_from" doc:"First date on which the account is valid."`
	To       civil.Date `json:"valid_to,omitzero" doc:"Last date on which the account is valid. Absent if open-ended."`
	Postable bool       `json:"postable" doc:"Whether entries can post to it. False for groups."`
	Control  bool       `json:"control" doc:"Whether it is a control account: only operations of its sub-ledger can post to it."`
}

func chartLines(on civil.Date) []ChartLine {
	lines := []ChartLine{}
	for _, a := range accounting.Chart(on) {
		lines = append(lines, ChartLine{string(a.Code), a.Spanish, a.English, string(a.Nature), string(a.Kind), a.CNBV, a.From, a.To, a.Postable(), a.Control()})
	}
	return lines
}

// booksRange is a period of business dates.
type booksRange struct {
	From *civil.Date `query:"from" doc:"First date of the period. Defaults to the first day of the month of the last date."`
	To   *civil.Date `query:"to" doc:"Last date of the period. Defaults to the business date."`
}

// days returns the first and last date, with defaults applied.
func (r *booksRange) days(today civil.Date) (from, to civil.Date, err error) {
	to = or(r.To, today)
	from = or(r.From, civil.Date{Year: to.Year, Month: to.Month, Day: 1})
	if from.After(to) {
		err = fault.Wrong(fault.At("from", fault.NotAfter, "latest", to))
	}
	return from, to, err
}

type trialBalanceInput struct {
	booksRange
	CNBV bool `query:"cnbv" default:"false" doc:"Whether to merge accounts with the same CNBV code into one line. Accounts without a code come last."`
	tableFormat
}

func (q reportRequest) trialBalance(in *trialBalanceInput) (balance view.TrialBalance, err error) {
	err = q.onToday(q.ctx, q.by, func(today civil.Date) error {
		from, to, err := in.days(today)
		if err == nil {
			balance, err = q.View.TrialBalance(q.ctx, q.by, from, to, in.CNBV)
		}
		return err
	})
	return balance, err
}

func trialBalanceAnswer(q reportRequest, in *trialBalanceInput) (TrialBalance, id.ID, error) {
	balance, err := q.trialBalance(in)
	return trialBalanceOf(balance), id.ID{}, err
}

func trialBalanceTable(q reportRequest, in *trialBalanceInput) (document.File, error) {
	balance, err := q.trialBalance(in)
	return q.issuer.TrialBalance(balance), err
}

func (q reportRequest) ledger(in *accountLedger, part view.Paging) (page view.LedgerPage, err error) {
	err = q.onToday(q.ctx, q.by, func(today civil.Date) error {
		from, to, err := in.days(today)
		if err == nil {
			page, err = q.View.Ledger(q.ctx, q.by, view.LedgerQuery{Account: ledger.Account(in.Account), From: from, To: to, Paging: part})
		}
		return err
	})
	return page, err
}

func ledgerAnswer(q reportRequest, in *accountLedger) (LedgerPage, id.ID, error) {
	page, err := q.ledger(in, view.Paging{After: given(in.After), Limit: in.Limit})
	return ledgerOf(page), page.Postings.Next, err
}

func ledgerTable(q reportRequest, in *accountLedger) (document.File, error) {
	first, err := q.ledger(in, view.Paging{Limit: 1})
	in.From, in.To = &first.From, &first.To // also for the later pages if the business date changes
	return q.issuer.Ledger(first, func(part view.Paging) (view.Page[view.LedgerLine], error) {
		page, err := q.ledger(in, part)
		return page.Postings, err
	}), err
}

type accountLedger struct {
	Account string `path:"account" doc:"Account code. Group codes are not accepted." example:"1301"`
	booksRange
	Limit int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of entries."`
	After *id.ID `query:"after" doc:"Return entries after the entry with this id. The Link header has the URL of the next page."`
	tableFormat
}

type entryByID struct {
	EntryID id.ID `path:"entry_id" doc:"Entry id."`
}

type proposeManualEntry struct {
	Body ManualEntryCreate
}

// ManualEntryCreate is the body of a request that proposes a manual entry.
type ManualEntryCreate struct {
	Date        civil.Date              `json:"entry_date,omitzero" doc:"Business date of the entry, in an open month and not after the current business date, which is the default."`
	Description string                  `json:"description" maxLength:"500" doc:"Description, 1 to 500 characters." example:"Aportación de capital"`
	Lines       []ManualEntryLineCreate `json:"lines" maxItems:"500" doc:"2 to 500 lines. Total debits must equal total credits."`
}

// ManualEntryLineCreate is one line of a proposed manual entry: a debit or a credit.
type ManualEntryLineCreate struct {
	Account string       `json:"account" doc:"Account code, valid on the entry date. Control accounts are not accepted." example:"1102"`
	Debit   money.Amount `json:"debit,omitempty" doc:"Debit in pesos, above 0. Omit for a credit line."`
	Credit  money.Amount `json:"credit,omitempty" doc:"Credit in pesos, above 0. Omit for a debit line."`
}

type manualEntryByID struct {
	ManualEntryID id.ID `path:"manual_entry_id" doc:"Manual entry id."`
}

type manualEntriesByStatus struct {
	Status *string `query:"status" enum:"PROPOSED,POSTED,REJECTED" doc:"Filter by status."`
	pageInput
}

type periodByMonth struct {
	Month civil.Month `path:"month" doc:"Month as YYYY-MM." example:"2026-10"`
}
