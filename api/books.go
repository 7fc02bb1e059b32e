package api

import (
	"context"
	"net/http"
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

var booksOperations = slices.Concat(booksQuestions, manualEntryOperations)

// booksQuestions read the books.
var booksQuestions = []operation{
	ofBooks(operation{
		path: "/api/v1/books/accounts", id: "read_accounts_api_v1_books_accounts_get", summary: "Read Chart Of Accounts",
		about: "The chart of accounts of a day, groups and accounts, in the order of their codes.",
	}, func(_ context.Context, s *server, _ view.By, in *chartOnDay) ([]ChartLine, id.ID, error) {
		return chartLines(or(in.Date, s.today())), id.ID{}, nil
	}),
	plain[TrialBalance](operation{
		method: http.MethodGet, path: "/api/v1/books/trial-balance", id: "read_trial_balance_api_v1_books_trial_balance_get",
		tag: booksTag, summary: "Read Trial Balance", permission: accounting.Read, status: http.StatusOK, effect: reads,
		about: "Every account that has a balance or moved in the days: what it had before them, its debits and credits, what it has after them. " +
			"Balances are above zero on the side of the account's nature. With `format=csv` it is a table in Spanish, one row an account.",
	}, trialBalance),
	ofBooks(operation{
		path: "/api/v1/books/accounts/{account}/ledger", id: "read_ledger_api_v1_books_accounts__account__ledger_get", summary: "Read Account Ledger", effect: pages,
		about:    "The postings of an account over the days with the balance after each, in the order of their business dates and of their making. The postings of an entry come together.",
		refusals: []fault.Code{accounting.AccountNotFound},
	}, func(ctx context.Context, s *server, by view.By, in *accountLedger) (LedgerPage, id.ID, error) {
		var page view.LedgerPage
		err := s.onToday(ctx, by, func(today civil.Date) error {
			from, to, err := in.days(today)
			if err == nil {
				page, err = s.View.Ledger(ctx, by, view.LedgerQuery{
					Account: ledger.Account(in.Account), From: from, To: to, Paging: view.Paging{After: given(in.After), Limit: in.Limit},
				})
			}
			return err
		})
		return ledgerOf(page), page.Postings.Next, err
	}),
	ofBooks(operation{
		path: "/api/v1/books/entries/{entry_id}", id: "read_entry_api_v1_books_entries__entry_id__get", summary: "Read Entry",
		about:    "An entry with its postings, what it reverses, what reverses it, and the transaction of a loan or the manual entry that it tells of.",
		refusals: []fault.Code{accounting.EntryNotFound},
	}, func(ctx context.Context, s *server, by view.By, in *entryByID) (Entry, id.ID, error) {
		e, err := s.View.Entry(ctx, by, in.EntryID)
		return entryOf(e), id.ID{}, err
	}),
	ofBooks(operation{
		path: "/api/v1/books/periods", id: "read_periods_api_v1_books_periods_get", summary: "Read Periods",
		about: "Which months are closed, from that of the first entry to the current one.",
	}, func(ctx context.Context, s *server, by view.By, _ *none) (Periods, id.ID, error) {
		var p view.Periods
		err := s.onToday(ctx, by, func(today civil.Date) (err error) {
			p, err = s.View.Periods(ctx, by, today)
			return err
		})
		return periodsOf(p), id.ID{}, err
	}),
}

// manual entryOperations are entries by hand, and the closing of a month.
var manualEntryOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/books/manual-entries", id: "propose_manual_entry_api_v1_books_manual_entries_post",
		tag: booksTag, summary: "Propose Manual entry", status: http.StatusCreated,
		about: "Proposes an entry by hand (póliza), which stands in the books once another person posts it. Its lines balance; " +
			"control accounts, all memorandum accounts among them, are moved by their operations only. A field that does not exist is refused.",
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
		tag: booksTag, summary: "Read Manual entries", permission: accounting.Read, status: http.StatusOK, effect: pages,
		about: "Lists the entries by hand in the order in which they were proposed.",
	}, func(ctx context.Context, v *view.View, by view.By, in *manualEntriesByStatus) ([]byte, id.ID, error) {
		return pageBody(v.ManualEntries(ctx, by, accounting.ManualEntryStatus(given(in.Status)), in.page()))
	}),
	read[accounting.ManualEntry](operation{
		method: http.MethodGet, path: "/api/v1/books/manual-entries/{manual_entry_id}", id: "read_manual_entry_api_v1_books_manual_entries__manual_entry_id__get",
		tag: booksTag, summary: "Read Manual entry", permission: accounting.Read, status: http.StatusOK,
		refusals: []fault.Code{accounting.ManualEntryNotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *manualEntryByID) ([]byte, id.ID, error) {
		return bodyOf(v.ManualEntry(ctx, by, in.ManualEntryID))
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/books/manual-entries/{manual_entry_id}/posting", id: "post_manual_entry_api_v1_books_manual_entries__manual_entry_id__posting_post",
		tag: booksTag, summary: "Post Manual entry", status: http.StatusOK,
		about:    "Posts an entry by hand. Another person than the one who proposed it must do it.",
		refusals: []fault.Code{accounting.ManualEntryNotFound, accounting.ManualEntryDecided, access.FourEyes, accounting.PeriodClosed},
	}, func(in *manualEntryByID) bank.Command[accounting.ManualEntry] {
		return books.DecideEntry{ID: in.ManualEntryID, Post: true}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/books/manual-entries/{manual_entry_id}/rejection", id: "reject_manual_entry_api_v1_books_manual_entries__manual_entry_id__rejection_post",
		tag: booksTag, summary: "Reject Manual entry", status: http.StatusOK,
		about:    "Rejects an entry by hand. Another person than the one who proposed it must do it.",
		refusals: []fault.Code{accounting.ManualEntryNotFound, accounting.ManualEntryDecided, access.FourEyes},
	}, func(in *manualEntryByID) bank.Command[accounting.ManualEntry] {
		return books.DecideEntry{ID: in.ManualEntryID}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/books/periods/{month}/close", id: "close_period_api_v1_books_periods__month__close_post",
		tag: booksTag, summary: "Close Period", status: http.StatusOK,
		about:    "Closes a month that is over, and all before it: no entry and no value date in them is taken any more. A closed month is not opened again.",
		refusals: []fault.Code{accounting.PeriodClosed},
	}, func(in *periodByMonth) bank.Command[accounting.Period] {
		return books.ClosePeriod{Month: civil.On(in.Month.Year, in.Month.Month, 1)}
	}),
}

// ofBooks makes an operation of a question of the books, which may ask for the business date.
func ofBooks[Out, In any](o operation, ask func(ctx context.Context, s *server, by view.By, in *In) (Out, id.ID, error)) operation {
	o.method, o.tag, o.permission, o.status, o.effect = http.MethodGet, booksTag, accounting.Read, http.StatusOK, max(o.effect, reads)
	return plain[Out](o, func(s *server, c *call, in *In) error {
		by, err := c.asks()
		if err != nil {
			return err
		}
		answer, next, err := ask(c.request.Context(), s, by, in)
		if err != nil {
			return err
		}
		c.linkNext(next)
		c.answer(o.status, wire.JSON(nil, answer))
		return nil
	})
}

// or is the value of an optional field, or another when it was left out.
func or[T any](optional *T, otherwise T) T {
	if optional != nil {
		return *optional
	}
	return otherwise
}

type chartOnDay struct {
	Date *civil.Date `query:"date" doc:"The day; the business date if left out."`
}

// ChartLine is a line of the chart of accounts.
type ChartLine struct {
	Code     string     `json:"code" doc:"4 digits; a group of the accounts that begin with it has 1 or 2." example:"1301"`
	Spanish  string     `json:"name_es" doc:"The name in Spanish."`
	English  string     `json:"name_en" doc:"The name in English."`
	Nature   string     `json:"nature" enum:"debit,credit" doc:"The side on which it grows."`
	Kind     string     `json:"kind" enum:"asset,liability,equity,income,expense,memorandum" doc:"The part of the statements that it belongs to."`
	CNBV     string     `json:"cnbv_code,omitempty" doc:"The code in the CNBV's minimum catalogue, 12 digits; absent if none is known."`
	From     civil.Date `json:"valid_from" doc:"The first day on which it is valid."`
	To       civil.Date `json:"valid_to,omitzero" doc:"The last day; absent while it has none."`
	Postable bool       `json:"postable" doc:"It is an account, not a group."`
	Control  bool       `json:"control" doc:"Only the operations of its sub-ledger move it."`
}

func chartLines(on civil.Date) []ChartLine {
	lines := []ChartLine{}
	for _, a := range accounting.Chart(on) {
		lines = append(lines, ChartLine{string(a.Code), a.Spanish, a.English, string(a.Nature), string(a.Kind), a.CNBV, a.From, a.To, a.Postable(), a.Control()})
	}
	return lines
}

// booksRange says which days are looked at.
type booksRange struct {
	From *civil.Date `query:"from" doc:"The first day; that of the month of the last day if left out."`
	To   *civil.Date `query:"to" doc:"The last day; the business date if left out."`
}

// days are the first and the last day.
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
	CNBV   bool   `query:"cnbv" default:"false" doc:"Whether accounts with the same code of the CNBV are one line; those without a code stay by themselves, at the end."`
	Format string `query:"format" default:"json" enum:"json,csv" doc:"json, or csv for a table in Spanish."`
}

func trialBalance(s *server, c *call, in *trialBalanceInput) error {
	by, err := c.asks()
	if err != nil {
		return err
	}
	var balance view.TrialBalance
	ctx := c.request.Context()
	err = s.onToday(ctx, by, func(today civil.Date) error {
		from, to, err := in.days(today)
		if err == nil {
			balance, err = s.View.TrialBalance(ctx, by, from, to, in.CNBV)
		}
		return err
	})
	if err != nil {
		return err
	}
	if in.Format != "csv" {
		c.answer(http.StatusOK, wire.JSON(nil, trialBalanceOf(balance)))
		return nil
	}
	return c.answerFile(document.TrialBalance(balance), csvMedia)
}

type accountLedger struct {
	Account string `path:"account" doc:"The code of an account, not of a group." example:"1301"`
	booksRange
	Limit int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"The most entries to give."`
	After *id.ID `query:"after" doc:"Begin behind the entry with this id; the Link header of each full page has the next."`
}

type entryByID struct {
	EntryID id.ID `path:"entry_id" doc:"The id of the entry."`
}

type proposeManualEntry struct {
	Body ManualEntryCreate `unknown:"refused"`
}

// ManualEntryCreate is an entry by hand as it is proposed.
type ManualEntryCreate struct {
	Date        civil.Date              `json:"entry_date,omitzero" doc:"The business date of the entry, in an open month and not after today, the business date, which is the default."`
	Description string                  `json:"description" maxLength:"500" doc:"What it is for, 1 to 500 characters." example:"Aportación de capital"`
	Lines       []ManualEntryLineCreate `json:"lines" maxItems:"500" doc:"2 to 500 lines that balance."`
}

// ManualEntryLineCreate is a line of an entry by hand: an amount on one side.
type ManualEntryLineCreate struct {
	Account string       `json:"account" doc:"The code of an account of the chart on the day that is no control account." example:"1102"`
	Debit   money.Amount `json:"debit,omitempty" doc:"Pesos, above zero; left out of a credit."`
	Credit  money.Amount `json:"credit,omitempty" doc:"Pesos, above zero; left out of a debit."`
}

type manualEntryByID struct {
	ManualEntryID id.ID `path:"manual_entry_id" doc:"The id of the manual entry."`
}

type manualEntriesByStatus struct {
	Status *string `query:"status" enum:"PROPOSED,POSTED,REJECTED" doc:"Only those in this state."`
	pageInput
}

type periodByMonth struct {
	Month civil.Month `path:"month" doc:"The month as YYYY-MM." example:"2026-10"`
}
