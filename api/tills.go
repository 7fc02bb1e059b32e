package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"sofipo/bank"
	tills "sofipo/bank/settlement"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
	"sofipo/view"
)

var (
	_ = mount(61, tillOperations)
	_ = mount(62, tillReads)
	_ = mount(63, fundOperations)
)

const tillsTag = "Tills"

// tillOperations open, use, count and close tills.
var tillOperations = []operation{
	writeFound(operation{
		method: http.MethodPost, path: "/api/v1/tills", id: "add_till_api_v1_tills_post",
		tag: tillsTag, summary: "Add a till", status: http.StatusCreated, permission: settlement.Manage,
		about:    "Adds a till to a branch, or the branch's vault. A till is supplied by the vault of its branch, which must exist.",
		refusals: []fault.Code{settlement.TillTaken, settlement.VaultTaken, settlement.NoVault},
	}, func(ctx context.Context, s *server, in *addTill) (bank.Command[settlement.Till], error) {
		branch, err := s.View.OpenBranch(ctx, in.Body.Branch)
		if err == nil && branch.IsZero() {
			err = fault.Wrong(fault.At("branch", staff.UnknownBranch))
		}
		return tills.AddTill{Code: in.Body.Code, Title: in.Body.Name, BranchID: branch, Vault: in.Body.Vault}, err
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/tills/{till_id}", id: "rename_till_api_v1_tills__till_id__put",
		tag: tillsTag, summary: "Rename a till", status: http.StatusOK,
		about:    "Changes the name of a till or vault. The code never changes.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired},
	}, func(in *renameTill) bank.Command[settlement.Till] {
		return tills.RenameTill{TillID: in.TillID, Title: in.Body.Name}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/tills/{till_id}/retire", id: "retire_till_api_v1_tills__till_id__retire_post",
		tag: tillsTag, summary: "Retire a till", status: http.StatusOK,
		about:    "Takes a till out of use for ever. It must have no open session and no cash. A vault stays as long as its branch.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.TillOpen, settlement.VaultStays, settlement.PlaceNotEmpty},
	}, func(in *tillByID) bank.Command[settlement.Till] { return tills.RetireTill{TillID: in.TillID} }),
	write(operation{
		method: http.MethodPost, path: "/api/v1/tills/{till_id}/sessions", id: "open_till_api_v1_tills__till_id__sessions_post",
		tag: tillsTag, summary: "Open a till", status: http.StatusCreated,
		about:    "Opens a till for the user, with cash from its vault. Until the close, only this user can receive and pay cash at it. A user has at most one open till.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.TillOpen, settlement.TellerBusy, settlement.NoVault, settlement.NotEnoughCash},
	}, func(in *openTill) bank.Command[settlement.Session] {
		return tills.OpenTill{TillID: in.TillID, Opening: in.Body.Opening}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/tills/{till_id}/cash-moves", id: "move_cash_api_v1_tills__till_id__cash_moves_post",
		tag: tillsTag, summary: "Record cash in or out", status: http.StatusCreated,
		about:    "Records cash that comes into the user's till, or goes out of it, for another reason than a loan, or to the vault.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.TillClosed, settlement.TillOfAnother, settlement.TillLeftOpen, settlement.NoVault, settlement.NotEnoughCash},
	}, func(in *cashInOrOut) bank.Command[settlement.CashMove] {
		return tills.MoveCash{TillID: in.TillID, Kind: in.Body.Kind, Own: true, Amount: in.Body.Amount, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/tills/{till_id}/vault-transfers", id: "move_vault_cash_api_v1_tills__till_id__vault_transfers_post",
		tag: tillsTag, summary: "Move cash between a till and its vault", status: http.StatusCreated,
		about:    "Moves cash from the vault to an open till, or back. The till may be another user's.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.TillClosed, settlement.TillLeftOpen, settlement.NoVault, settlement.NotEnoughCash},
	}, func(in *vaultTransfer) bank.Command[settlement.CashMove] {
		return tills.MoveCash{TillID: in.TillID, Kind: cmp.Or(in.Body.Kind, settlement.FromVault), Amount: in.Body.Amount, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/tills/{till_id}/counts", id: "count_till_api_v1_tills__till_id__counts_post",
		tag: tillsTag, summary: "Count a till", status: http.StatusCreated,
		about:    "Records a count of the cash in the user's till by denomination (arqueo). The till stays open and nothing is posted.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.TillClosed, settlement.TillOfAnother},
	}, func(in *countTill) bank.Command[settlement.Count] {
		return tills.CountTill{TillID: in.TillID, Sheet: in.Body.sheet()}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/tills/{till_id}/close", id: "close_till_api_v1_tills__till_id__close_post",
		tag: tillsTag, summary: "Close a till", status: http.StatusOK,
		about:    "Closes the user's till with a count of its cash, which goes to the vault. A difference to the books is posted as an overage or a shortage.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.TillClosed, settlement.TillOfAnother, settlement.NoVault},
	}, func(in *countTill) bank.Command[settlement.Session] {
		return tills.CloseTill{TillID: in.TillID, Sheet: in.Body.sheet()}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/tills/{till_id}/forced-close", id: "force_close_till_api_v1_tills__till_id__forced_close_post",
		tag: tillsTag, summary: "Close another user's till", status: http.StatusOK,
		about:    "Closes the till of a user who cannot do it, with a count of its cash and a reason.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.TillClosed, settlement.NoVault},
	}, func(in *forceClose) bank.Command[settlement.Session] {
		return tills.CloseTill{TillID: in.TillID, Sheet: in.Body.sheet(), Forced: true, Reason: in.Body.Reason}
	}),
}

// tillReads are the operations that read tills and their sessions.
var tillReads = []operation{
	tillsRead(operation{
		path: "/api/v1/tills", id: "read_tills_api_v1_tills_get", summary: "List tills", effect: lists,
		about: "Lists the tills and vaults with their cash according to the books.",
	}, func(ctx context.Context, s *server, by view.By, in *pageInput) ([]TillState, id.ID, error) {
		p, err := s.View.Tills(ctx, by, in.page())
		return each(p.Items, func(t view.TillState) TillState { return TillState(t) }), p.Next, err
	}),
	tillsRead(operation{
		path: "/api/v1/till-sessions", id: "read_till_sessions_api_v1_till_sessions_get", summary: "List till sessions", effect: lists,
		about: "Lists the sessions of a till, or of all tills, oldest first.",
	}, func(ctx context.Context, s *server, by view.By, in *sessionsInput) ([]settlement.Session, id.ID, error) {
		p, err := s.View.TillSessions(ctx, by, view.SessionQuery{TillID: or(in.Till, id.ID{}), Open: or(in.Open, false), Paging: in.page()})
		return p.Items, p.Next, err
	}),
	tillsRead(operation{
		path: "/api/v1/till-sessions/blocking-close", id: "read_blocking_tills_api_v1_till_sessions_blocking_close_get", summary: "List tills that block the close",
		about: "Lists the open sessions of earlier days. Those days are not closed until the tills are closed, or a branch manager forces the close.",
	}, func(ctx context.Context, s *server, by view.By, _ *rowsInput) (sessions []settlement.Session, _ id.ID, err error) {
		err = s.onToday(ctx, by, func(today civil.Date) (err error) {
			sessions, err = s.View.BlockingTills(ctx, by, today)
			return err
		})
		return sessions, id.ID{}, err
	}),
	tillsRead(operation{
		path: "/api/v1/till-sessions/left-open", id: "read_tills_left_open_api_v1_till_sessions_left_open_get", summary: "List tills left open",
		about: "Lists the open sessions of days whose close was forced. These tills must be counted and closed before they are used again; they block no further close.",
	}, func(ctx context.Context, s *server, by view.By, _ *rowsInput) ([]settlement.Session, id.ID, error) {
		sessions, err := s.View.TillsLeftOpen(ctx, by)
		return sessions, id.ID{}, err
	}),
	tillsRead(operation{
		path: "/api/v1/till-sessions/{session_id}", id: "read_till_session_api_v1_till_sessions__session_id__get", summary: "Get a till session",
		about:    "Returns a session with its totals, cash moves and counts.",
		refusals: []fault.Code{settlement.SessionNotFound},
	}, func(ctx context.Context, s *server, by view.By, in *sessionByID) (TillReport, id.ID, error) {
		r, err := s.View.TillSession(ctx, by, in.SessionID)
		return TillReport{r.Session, r.Balance, each(r.Totals, func(t view.KindTotal) KindTotal { return KindTotal(t) }), append([]settlement.CashMove{}, r.CashMoves...), append([]settlement.Count{}, r.Counts...)}, id.ID{}, err
	}),
	tillsRead(operation{
		path: "/api/v1/denominations", id: "read_denominations_api_v1_denominations_get", summary: "List denominations",
		about: "Lists the notes and coins that a count accepts.",
	}, func(context.Context, *server, view.By, *rowsInput) ([]settlement.Denomination, id.ID, error) {
		return settlement.Denominations(), id.ID{}, nil
	}),
}

// fundOperations read and change bank accounts, and move money between them and the vaults.
var fundOperations = []operation{
	tillsRead(operation{
		path: "/api/v1/bank-accounts", id: "read_bank_accounts_api_v1_bank_accounts_get", summary: "List bank accounts",
		about: "Lists the institution's bank accounts with their balances in the books. The main account is the first. A role whose scope is not all may only choose an account: its clabe is empty, and balance and expected are 0.",
	}, func(ctx context.Context, s *server, by view.By, _ *rowsInput) ([]AccountState, id.ID, error) {
		all, err := s.View.BankAccounts(ctx, by)
		return each(all, func(a view.AccountState) AccountState { return AccountState{a.Account, a.Balance, a.Expected} }), id.ID{}, err
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/bank-accounts", id: "add_bank_account_api_v1_bank_accounts_post",
		tag: tillsTag, summary: "Add a bank account", status: http.StatusCreated,
		about:    "Adds a bank account of the institution. Payments may name it; without a name they use the main account.",
		refusals: []fault.Code{settlement.AccountTaken},
	}, func(in *addAccount) bank.Command[settlement.Account] {
		b := in.Body
		return tills.AddAccount{Code: b.Code, Title: b.Name, Bank: b.Bank, CLABE: b.CLABE, Overdraft: b.Overdraft}
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/bank-accounts/{account_id}", id: "change_bank_account_api_v1_bank_accounts__account_id__put",
		tag: tillsTag, summary: "Change a bank account", status: http.StatusOK,
		about:    "Changes the name, the bank or the CLABE. Omitted fields keep their value; the code never changes.",
		refusals: []fault.Code{settlement.AccountNotFound, settlement.AccountClosed},
	}, func(in *changeAccount) bank.Command[settlement.Account] {
		return tills.ChangeAccount{AccountID: in.AccountID, Title: in.Body.Name, Bank: in.Body.Bank, CLABE: in.Body.CLABE}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/bank-accounts/{account_id}/close", id: "close_bank_account_api_v1_bank_accounts__account_id__close_post",
		tag: tillsTag, summary: "Close a bank account", status: http.StatusOK,
		about:    "Closes a bank account for ever. It must have no balance and expect no money for cheques, cards, payroll deductions or shops. The main account stays.",
		refusals: []fault.Code{settlement.AccountNotFound, settlement.AccountClosed, settlement.MainAccountStays, settlement.PlaceNotEmpty},
	}, func(in *accountInPath) bank.Command[settlement.Account] {
		return tills.CloseAccount{AccountID: in.AccountID}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/fund-transfers", id: "move_funds_api_v1_fund_transfers_post",
		tag: tillsTag, summary: "Move funds", status: http.StatusCreated,
		about: "Moves money from a vault or bank account to another one. With a method, it records that the bank received " +
			"what was owed for cheques, cards, payroll deductions or payments at shops.",
		refusals: []fault.Code{settlement.TillNotFound, settlement.TillRetired, settlement.AccountNotFound, settlement.AccountClosed, settlement.NotEnoughCash, settlement.NotEnoughMoney},
	}, func(in *moveFunds) bank.Command[settlement.FundTransfer] {
		b := in.Body
		return tills.MoveFunds{
			FromVault: b.FromVault, FromAccount: b.FromAccount, Method: b.Method, ToVault: b.ToVault, ToAccount: b.ToAccount,
			Amount: b.Amount, Reference: b.Reference, Reason: b.Reason,
		}
	}),
	plain[[]settlement.ForcedClose](operation{
		method: http.MethodGet, path: forcedPath, id: "read_forced_closes_api_v1_days_forced_closes_get",
		tag: daysTag, summary: "List forced closes", permission: settlement.Read, status: http.StatusOK, effect: reads,
		about: "Lists the days that a manager closed although tills were open, with the reason, newest first. The Link header has the URL of the next page.",
	}, readForcedCloses),
	plain[DayClosed](operation{
		method: http.MethodPost, path: forcePath, id: "force_close_day_api_v1_days_forced_close_post",
		tag: daysTag, summary: "Close a business day with open tills", permission: settlement.Manage, status: http.StatusOK, effect: writes, unbounded: true,
		about: "Closes the next open day although tills are open. The reason is stored. The tills keep their session, which belongs to its day: " +
			"they must be counted and closed before they are used again, and block no further close.",
		refusals: []fault.Code{accounting.DayClosed, accounting.DayOpen, accounting.CloseRunning, settlement.NoTillsOpen},
	}, forceDay),
}

const (
	forcePath  = "/api/v1/days/forced-close"
	forcedPath = "/api/v1/days/forced-closes"
)

func readForcedCloses(s *server, c *call, in *daysInput) error {
	by, err := c.viewer()
	if err != nil {
		return err
	}
	all, err := s.View.ForcedCloses(c.request.Context(), by, or(in.Before, lastDate), in.Limit)
	if err != nil {
		return err
	}
	if n := len(all); n > 0 && int64(n) == in.Limit {
		c.linkBefore(forcedPath, in.Limit, all[n-1].Day)
	}
	c.answer(http.StatusOK, answerJSON(all))
	return nil
}

// forceDay closes a day although tills are open.
func forceDay(s *server, c *call, in *forceDayInput) error {
	by, flaws := c.by("POST "+forcePath, in, nil)
	if len(flaws) > 0 {
		return fault.Wrong(flaws...)
	}
	_ = http.NewResponseController(c.ResponseWriter).SetWriteDeadline(time.Time{}) // as in closeDay
	done, err := s.Days.ForceDay(context.WithoutCancel(c.request.Context()), by, or(in.Body.Date, civil.Date{}), in.Body.Reason, nil)
	if !done.Day.IsZero() {
		s.View.CloseBegan(done.Day)
	}
	if err != nil {
		return err
	}
	c.mark(done.Token, done.Replayed)
	c.answer(http.StatusOK, done.AppendJSON(nil))
	return nil
}

// tillsRead makes an operation that reads tills.
func tillsRead[Out, In any](o operation, ask func(ctx context.Context, s *server, by view.By, in *In) (Out, id.ID, error)) operation {
	o.tag, o.permission = tillsTag, settlement.Read
	return asked(o, ask)
}

type tillByID struct {
	TillID id.ID `path:"till_id" doc:"Till id."`
}

type addTill struct{ Body TillCreate }

// TillCreate is the body of a request that adds a till.
type TillCreate struct {
	Code   string `json:"code" maxLength:"20" doc:"Unique code: lower-case letters, digits and hyphens." example:"c1"`
	Name   string `json:"name" maxLength:"100" doc:"Name." example:"Caja 1"`
	Branch string `json:"branch" doc:"Code or id of an open branch." example:"001"`
	Vault  bool   `json:"vault,omitempty" doc:"Whether it is the vault of the branch."`
}

type renameTill struct {
	tillByID
	Body TillName
}

// TillName is the body of a request that renames a till.
type TillName struct {
	Name string `json:"name" maxLength:"100" doc:"Name." example:"Caja 1"`
}

type accountInPath struct {
	AccountID id.ID `path:"account_id" doc:"Bank account id."`
}

type changeAccount struct {
	accountInPath
	Body BankAccountChange
}

// BankAccountChange is the body of a request that changes a bank account.
type BankAccountChange struct {
	Name  *string `json:"name,omitempty" maxLength:"100" doc:"Name." example:"Cobranza"`
	Bank  *string `json:"bank,omitempty" maxLength:"100" doc:"Bank." example:"STP"`
	CLABE *string `json:"clabe,omitempty" doc:"CLABE of 18 digits; empty if unknown." example:"646180157000000004"`
}

type openTill struct {
	tillByID
	Body TillOpening `body:"optional"`
}

// TillOpening is the body of a request that opens a till.
type TillOpening struct {
	Opening money.Amount `json:"opening,omitempty" minimum:"0" doc:"Cash taken from the vault, in pesos. Default: 0." example:"2000"`
}

type cashInOrOut struct {
	tillByID
	Body CashInOrOut
}

// CashInOrOut is the body of a request that records cash in or out.
type CashInOrOut struct {
	Kind   settlement.MoveKind `json:"kind" enum:"cash_in,cash_out,to_vault" doc:"cash_in, cash_out or to_vault." example:"cash_out"`
	Amount money.Amount        `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99" doc:"Amount in pesos." example:"150"`
	Reason string              `json:"reason" maxLength:"200" doc:"Reason." example:"Papelería"`
}

type vaultTransfer struct {
	tillByID
	Body VaultTransfer
}

// VaultTransfer is the body of a request that moves cash between a till and its vault.
type VaultTransfer struct {
	Kind   settlement.MoveKind `json:"kind" enum:"from_vault,to_vault" doc:"from_vault or to_vault." example:"to_vault"`
	Amount money.Amount        `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99" doc:"Amount in pesos." example:"5000"`
	Reason string              `json:"reason" maxLength:"200" doc:"Reason." example:"Exceso de efectivo"`
}

type countTill struct {
	tillByID
	Body TillCount
}

// TillCount is a count of cash by denomination.
type TillCount struct {
	Sheet []CountedPieces `json:"sheet" doc:"Notes and coins. Values that are left out were not there; an empty list means no cash."`
}

// CountedPieces is a number of notes or coins of one value.
type CountedPieces struct {
	Value  money.Amount `json:"value" doc:"Value of the note or coin, in pesos." example:"500"`
	Pieces int64        `json:"pieces" minimum:"0" doc:"Number of notes or coins." example:"4"`
}

func (c TillCount) sheet() settlement.Sheet {
	return each(c.Sheet, func(p CountedPieces) settlement.Pieces { return settlement.Pieces(p) })
}

type forceClose struct {
	tillByID
	Body TillForcedClose
}

// TillForcedClose is the body of a request that closes another user's till.
type TillForcedClose struct {
	TillCount
	Reason string `json:"reason" maxLength:"200" doc:"Reason." example:"El cajero no se presentó"`
}

type sessionsInput struct {
	Till *id.ID `query:"till" doc:"Only sessions of this till."`
	Open *bool  `query:"open" doc:"Only open sessions."`
	pageInput
}

type sessionByID struct {
	SessionID id.ID `path:"session_id" doc:"Session id."`
}

// TillState is a till or vault with its cash.
type TillState struct {
	settlement.Till
	Balance money.Amount `json:"balance" doc:"Cash according to the books, in pesos." example:"2500.00"`
}

// TillReport is a session with its cash.
type TillReport struct {
	settlement.Session
	Balance   money.Amount          `json:"balance" doc:"Cash now according to the books, in pesos. 0 after the close." example:"0.00"`
	Totals    []KindTotal           `json:"totals" doc:"Totals by kind of journal entry."`
	CashMoves []settlement.CashMove `json:"cash_moves" doc:"Cash that moved other than by transactions of loans."`
	Counts    []settlement.Count    `json:"counts" doc:"Counts."`
}

// KindTotal is the number and the sum of entries of a kind.
type KindTotal struct {
	Kind     string       `json:"kind" doc:"Kind of the journal entries." example:"payment_received"`
	Entries  int64        `json:"entries" doc:"Number of entries." example:"12"`
	Received money.Amount `json:"received" doc:"Cash received, in pesos." example:"30000.00"`
	Paid     money.Amount `json:"paid" doc:"Cash paid out, in pesos." example:"0.00"`
}

// AccountState is a bank account with its balance.
type AccountState struct {
	settlement.Account
	Balance  money.Amount `json:"balance" doc:"Balance in the books, in pesos." example:"150000.00"`
	Expected money.Amount `json:"expected" doc:"Cheques, cards, payroll deductions and payments at shops that are not collected yet, in pesos." example:"2500.00"`
}

type addAccount struct{ Body BankAccountCreate }

// BankAccountCreate is the body of a request that adds a bank account.
type BankAccountCreate struct {
	Code      string `json:"code" maxLength:"20" doc:"Unique code: lower-case letters, digits and hyphens." example:"cobranza"`
	Name      string `json:"name" maxLength:"100" doc:"Name." example:"Cobranza"`
	Bank      string `json:"bank" maxLength:"100" doc:"Bank." example:"STP"`
	CLABE     string `json:"clabe,omitempty" doc:"CLABE of 18 digits." example:"646180157000000004"`
	Overdraft bool   `json:"overdraft,omitempty" doc:"Whether the balance may be below zero."`
}

type moveFunds struct{ Body FundTransferCreate }

// FundTransferCreate is the body of a request that moves funds.
type FundTransferCreate struct {
	FromVault   id.ID             `json:"from_vault,omitzero" doc:"Vault that gives the cash."`
	FromAccount id.ID             `json:"from_account,omitzero" doc:"Bank account that pays, or for which the method was collected." example:"00000000-0000-7000-8000-000000000002"`
	Method      settlement.Method `json:"method,omitempty" enum:"cheque,card,payroll_deduction,shop" doc:"What was owed for payments by this method and is now at the bank."`
	ToVault     id.ID             `json:"to_vault,omitzero" doc:"Vault that receives the cash." example:"00000000-0000-7000-8000-000000000003"`
	ToAccount   id.ID             `json:"to_account,omitzero" doc:"Bank account that receives the money."`
	Amount      money.Amount      `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99" doc:"Amount in pesos." example:"50000"`
	Reference   string            `json:"reference,omitempty" maxLength:"64" doc:"Reference of the bank."`
	Reason      string            `json:"reason" maxLength:"200" doc:"Reason." example:"Dotación de efectivo"`
}

type forceDayInput struct{ Body DayToForce }

// DayToForce is the body of a request that closes a day with open tills.
type DayToForce struct {
	Date   *civil.Date `json:"date,omitempty" doc:"Day to close. It must be the next open day, which is the default."`
	Reason string      `json:"reason" maxLength:"200" doc:"Reason." example:"El cajero no se presentó"`
}
