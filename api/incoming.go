package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	banks "sofipo/bank/settlement"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
	"sofipo/core/wire"
	"sofipo/text"
	"sofipo/view"
)

const incomingTag = "Incoming payments"

var (
	_ = mount(65, bankFileOperations)
	_ = mount(66, depositOperations)
	_ = mount(67, moveOperations)
)

const filesPath = "/api/v1/bank-accounts/{account_id}/files"

// bankFileOperations import the payment files of bank accounts.
var bankFileOperations = []operation{
	write(operation{
		method: http.MethodPut, path: "/api/v1/bank-accounts/{account_id}/file-layout", id: "set_bank_layout_api_v1_bank_accounts__account_id__file_layout_put",
		tag: incomingTag, summary: "Set the layout of a bank's files", status: http.StatusOK,
		about:    "Sets how the payment files of a bank account are read: delimiter or fixed columns, encoding, forms of dates and amounts, and the column of each field. Files imported before keep their layout.",
		refusals: []fault.Code{settlement.AccountNotFound, settlement.AccountClosed},
	}, func(in *setLayout) bank.Command[incoming.Layout] {
		return banks.SetLayout{AccountID: in.AccountID, Layout: in.Body.layout()}
	}),
	read[incoming.Layout](operation{
		method: http.MethodGet, path: "/api/v1/bank-accounts/{account_id}/file-layout", id: "read_bank_layout_api_v1_bank_accounts__account_id__file_layout_get",
		tag: incomingTag, summary: "Get the layout of a bank's files", permission: incoming.Read, status: http.StatusOK,
		about:    "Returns how the payment files of a bank account are read.",
		refusals: []fault.Code{settlement.AccountNotFound, incoming.NoLayout},
	}, func(ctx context.Context, v *view.View, by view.By, in *bankAccountByID) ([]byte, id.ID, error) {
		l, err := v.BankLayout(ctx, by, in.AccountID)
		return l.AppendJSON(nil), id.ID{}, err
	}),
	plain[FileImported](operation{
		method: http.MethodPost, path: filesPath, id: "import_bank_file_api_v1_bank_accounts__account_id__files_post",
		tag: incomingTag, summary: "Import a bank's payment file", permission: incoming.Import, status: http.StatusOK, effect: writes, unbounded: true,
		about: "Reads a payment file with the layout of the bank account and takes each row once. A row with a valid payment reference pays its loan on the row's date; " +
			"any other row waits among the unidentified deposits. Bad rows are listed with line, field and reason. " +
			"Rows that were taken before, from this file or another one, change nothing. If an import was interrupted, send the file again and it continues.",
		refusals: []fault.Code{settlement.AccountNotFound, settlement.AccountClosed, incoming.NoLayout},
	}, func(s *server, c *call, in *importFile) error {
		return s.importFile(c, in, filesPath, lending.Importer.Import)
	}),
	plain[FileImported](operation{
		method: http.MethodPost, path: filesPath + "/preview", id: "preview_bank_file_api_v1_bank_accounts__account_id__files_preview_post",
		tag: incomingTag, summary: "Preview the import of a bank's payment file", permission: incoming.Import, status: http.StatusOK, effect: writes, unbounded: true,
		about:    "Returns what the import of the file would do, row by row, and changes nothing.",
		refusals: []fault.Code{settlement.AccountNotFound, settlement.AccountClosed, incoming.NoLayout},
	}, func(s *server, c *call, in *importFile) error {
		return s.importFile(c, in, filesPath+"/preview", lending.Importer.Preview)
	}),
	read[[]incoming.File](operation{
		method: http.MethodGet, path: "/api/v1/bank-files", id: "read_bank_files_api_v1_bank_files_get",
		tag: incomingTag, summary: "List imported files", permission: incoming.Read, status: http.StatusOK, effect: lists,
		about: "Lists the imported payment files in the order in which they were first imported.",
	}, func(ctx context.Context, v *view.View, by view.By, in *pageInput) ([]byte, id.ID, error) {
		return pageBody(v.BankFiles(ctx, by, in.page()))
	}),
}

// depositOperations read incoming payments and resolve unidentified deposits.
var depositOperations = []operation{
	read[[]incoming.Payment](operation{
		method: http.MethodGet, path: "/api/v1/incoming-payments", id: "read_incoming_payments_api_v1_incoming_payments_get",
		tag: incomingTag, summary: "List incoming payments", permission: incoming.Read, status: http.StatusOK, effect: lists,
		about: "Lists the payments taken from files in the order in which they were taken. The status SUSPENSE selects the unidentified deposits.",
	}, func(ctx context.Context, v *view.View, by view.By, in *incomingPayments) ([]byte, id.ID, error) {
		return pageBody(v.IncomingPayments(ctx, by, or(in.Status, ""), or(in.FileID, id.ID{}), in.page()))
	}),
	read[incoming.Payment](operation{
		method: http.MethodGet, path: "/api/v1/incoming-payments/{payment_id}", id: "read_incoming_payment_api_v1_incoming_payments__payment_id__get",
		tag: incomingTag, summary: "Get an incoming payment", permission: incoming.Read, status: http.StatusOK,
		about:    "Returns an incoming payment with what became of it.",
		refusals: []fault.Code{incoming.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *incomingByID) ([]byte, id.ID, error) {
		p, err := v.IncomingPayment(ctx, by, in.PaymentID)
		return p.AppendJSON(nil), id.ID{}, err
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/incoming-payments/{payment_id}/assignment", id: "assign_deposit_api_v1_incoming_payments__payment_id__assignment_post",
		tag: incomingTag, summary: "Assign an unidentified deposit to a loan", status: http.StatusCreated,
		about:    "Pays a loan with an unidentified deposit, on the day on which it arrived unless another value date is given.",
		refusals: []fault.Code{incoming.NotFound, incoming.NotSuspended, loan.NotFound, servicing.NotActive, servicing.OverPayment, accounting.PeriodClosed},
	}, func(in *assignDeposit) bank.Command[incoming.Payment] {
		b := in.Body
		return lending.AssignDeposit{PaymentID: in.PaymentID, LoanID: b.LoanID, ValueDate: b.ValueDate, KeepExcess: b.KeepExcess}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/incoming-payments/{payment_id}/return", id: "return_deposit_api_v1_incoming_payments__payment_id__return_post",
		tag: incomingTag, summary: "Return an unidentified deposit", status: http.StatusCreated,
		about:    "Records that an unidentified deposit was sent back from the bank account in which it arrived. The program does not send the transfer.",
		refusals: []fault.Code{incoming.NotFound, incoming.NotSuspended},
	}, func(in *returnDeposit) bank.Command[incoming.Payment] {
		return banks.ReturnDeposit{PaymentID: in.PaymentID, Reference: in.Body.Reference}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/incoming-payments/{payment_id}/income", id: "take_deposit_to_income_api_v1_incoming_payments__payment_id__income_post",
		tag: incomingTag, summary: "Write an unclaimed deposit to income", status: http.StatusCreated,
		about:    "Writes an unidentified deposit that nobody claimed to income, after the term of the setting SOFIPO_UNCLAIMED_DAYS. Another person than the one who imported it must do so.",
		refusals: []fault.Code{incoming.NotFound, incoming.NotSuspended, incoming.TooEarly},
	}, func(in *depositToIncome) bank.Command[incoming.Payment] {
		return &banks.TakeDepositToIncome{PaymentID: in.PaymentID, Reason: in.Body.Reason}
	}),
}

// moveOperations move payments and return unapplied funds.
var moveOperations = []operation{
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/transactions/{transaction_id}/move",
		id:  "move_payment_api_v1_loans__loan_id__transactions__transaction_id__move_post",
		tag: loansTag, summary: "Move a payment to another loan", status: http.StatusCreated,
		about: "Moves a payment that was registered on the wrong loan: it is reversed there and registered on the other loan with the same amount, value date and method. " +
			"The response is the payment of the other loan. It is refused if the month of the value date is closed.",
		refusals: []fault.Code{loan.NotFound, servicing.TransactionNotFound, servicing.WrongState, servicing.NotActive, servicing.OverPayment, accounting.PeriodClosed},
	}, func(in *movePayment) bank.Command[servicing.Transaction] {
		b := in.Body
		return lending.MovePayment{LoanID: in.LoanID, TransactionID: in.TransactionID, ToLoanID: b.ToLoanID, Reason: b.Reason, KeepExcess: b.KeepExcess}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/loans/{loan_id}/refunds", id: "refund_unapplied_api_v1_loans__loan_id__refunds_post",
		tag: loansTag, summary: "Refund unapplied funds", status: http.StatusCreated,
		about:    "Pays unapplied funds of a loan back to its client, on the current business date.",
		refusals: []fault.Code{loan.NotFound, servicing.NotActive, servicing.AboveUnapplied},
	}, func(in *refundUnapplied) bank.Command[servicing.Transaction] {
		return lending.RefundUnapplied{LoanID: in.LoanID, Amount: in.Body.Amount, Means: in.Body.means()}
	}),
	read[PaymentReferences](operation{
		method: http.MethodGet, path: "/api/v1/loans/{loan_id}/payment-references", id: "read_payment_references_api_v1_loans__loan_id__payment_references_get",
		tag: loansTag, summary: "Get the payment references of a loan", permission: loan.Read, public: true, status: http.StatusOK,
		about:    "Returns the numbers by which a payment finds the loan: one for the concept of a transfer, one for shops. Their last two digits are check digits.",
		refusals: []fault.Code{loan.NotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *loanByID) ([]byte, id.ID, error) {
		number, err := v.LoanNumber(ctx, by, in.LoanID)
		if err != nil {
			return nil, id.ID{}, err
		}
		return wire.JSON(nil, PaymentReferences{settlement.ReferenceOf(settlement.ByTransfer, number), settlement.ReferenceOf(settlement.ByShop, number)}), id.ID{}, nil
	}),
}

// PaymentReferences are the references of a loan.
type PaymentReferences struct {
	Transfer settlement.Reference `json:"transfer" doc:"Reference for the concept of a transfer: 14 digits." example:"10000123456736"`
	Shop     settlement.Reference `json:"shop" doc:"Reference for shops, also as a bar code: 14 digits." example:"20000123456714"`
}

type movePayment struct {
	transactionByID
	Body PaymentMove
}

// PaymentMove is the body of a request that moves a payment.
type PaymentMove struct {
	ToLoanID   id.ID  `json:"to_loan_id" doc:"The loan that the payment is for."`
	Reason     string `json:"reason,omitempty" maxLength:"500" doc:"Reason, recorded in the event, at most 500 characters." example:"Se aplicó al préstamo equivocado"`
	KeepExcess bool   `json:"keep_excess,omitempty" default:"false" doc:"Whether money above the payoff amount of the other loan is kept as its unapplied funds. Otherwise such a payment is refused."`
}

type refundUnapplied struct {
	loanByID
	Body RefundCreate
}

// RefundCreate is the body of a request that refunds unapplied funds.
type RefundCreate struct {
	Amount money.Amount `json:"amount" exclusiveMinimum:"0" maximum:"9999999999999.99"`
	MeansPaid
}

// importer is Importer.Import or Importer.Preview.
type importer func(lending.Importer, context.Context, bank.By, civil.Date, banks.RegisterFile) (lending.Imported, error)

// importFile imports a file or previews its import.
func (s *server) importFile(c *call, in *importFile, path string, run importer) error {
	by, flaws := c.by("POST "+path, in, nil)
	content, err := base64.StdEncoding.DecodeString(in.Body.Content)
	if err != nil {
		flaws = append(flaws, fault.At("content", incoming.Base64))
	}
	if len(flaws) > 0 {
		return fault.Wrong(flaws...)
	}
	// An import may take longer than the write time-out of the server. An error means that
	// there is no time-out.
	_ = http.NewResponseController(c.ResponseWriter).SetWriteDeadline(time.Time{})
	done, err := run(lending.Importer{Bank: s.Bank}, c.request.Context(), by, s.today(), banks.RegisterFile{AccountID: in.AccountID, FileName: in.Body.Name, Content: content})
	if err != nil {
		return c.named(err)
	}
	c.mark(done.Token, false)
	c.answer(http.StatusOK, wire.JSON(nil, importedOf(done)))
	return nil
}

// FileImported is the result of an import or of its preview.
type FileImported struct {
	File incoming.File `json:"file" doc:"The file with the numbers of its rows."`
	Rows []FileRow     `json:"rows" doc:"All rows of money that came in, and all bad rows, by line."`
}

// FileRow is a row of a file with its outcome.
type FileRow struct {
	Line     int                `json:"line" doc:"Line in the file, from 1."`
	Outcome  lending.Outcome    `json:"outcome" enum:"APPLIED,SUSPENSE,KNOWN,BAD" doc:"APPLIED: it paid its loan. SUSPENSE: it, or its part above the payoff amount, is among the unidentified deposits. KNOWN: it was taken before. BAD: it was not taken."`
	Field    string             `json:"field,omitempty" doc:"Wrong field of a bad row. Absent if the whole row is wrong."`
	Reason   string             `json:"reason,omitempty" doc:"What is wrong with a bad row."`
	Date     civil.Date         `json:"value_date,omitzero" doc:"Date of the row. Absent for a row that could not be read."`
	Amount   money.Amount       `json:"amount,omitempty" doc:"Amount of the row in pesos. Absent for a row that could not be read."`
	Payments []incoming.Payment `json:"payments,omitempty" doc:"What was taken: one payment, or two if the part above the payoff amount is in suspense."`
}

func importedOf(i lending.Imported) FileImported {
	return FileImported{i.File, each(i.Rows, func(r lending.ImportedRow) FileRow {
		out := FileRow{Line: r.Line, Outcome: r.Outcome, Date: r.Date, Amount: r.Amount, Payments: r.Payments}
		if r.Outcome == lending.RowBad {
			out.Field, out.Reason = r.Flaw.Name(), text.DetailOf(r.Flaw)
		}
		return out
	})}
}

type bankAccountByID struct {
	AccountID id.ID `path:"account_id"`
}

type setLayout struct {
	bankAccountByID
	Body BankLayout
}

// BankLayout is the body of a request that sets a layout.
type BankLayout struct {
	Method     settlement.Method  `json:"method,omitempty" default:"transfer" enum:"transfer,shop,payroll_deduction,card" doc:"How the clients paid: transfer for a bank's file; shop, payroll_deduction or card for the file of a collector, whose money arrives later."`
	Delimiter  bankfile.Delimiter `json:"delimiter" enum:"comma,semicolon,tab,pipe,fixed" doc:"What separates the columns; fixed for columns with fixed places."`
	Encoding   bankfile.Encoding  `json:"encoding,omitempty" default:"utf-8" enum:"utf-8,latin-1" doc:"Character encoding. UTF-8 may begin with a byte order mark."`
	SkipLines  int                `json:"skip_lines,omitempty" maximum:"100" doc:"Number of lines before the header or, without one, before the first row."`
	Header     bool               `json:"header,omitempty" default:"false" doc:"Whether a line names the columns."`
	DateFormat string             `json:"date_format" maxLength:"10" doc:"Form of dates, with DD, MM and YYYY or YY." example:"DD/MM/YYYY"`
	Decimal    bankfile.Mark      `json:"decimal,omitempty" default:"point" enum:"point,comma" doc:"Decimal mark."`
	Thousands  bankfile.Mark      `json:"thousands,omitempty" default:"none" enum:"none,point,comma,space,apostrophe" doc:"Mark between thousands."`
	Columns    []BankColumn       `json:"columns" minItems:"2" maxItems:"9" doc:"The column of each field. A date and an amount or a credit are needed."`
	Incoming   []string           `json:"incoming,omitempty" maxItems:"20" doc:"Values of the field side for money that came in, in upper or lower case."`
	Excess     bankfile.Excess    `json:"excess,omitempty" default:"unapplied" enum:"unapplied,suspense" doc:"Use of money above the payoff amount: it becomes unapplied funds of the loan, or an unidentified deposit."`
}

// BankColumn is a column of a layout.
type BankColumn struct {
	Field    bankfile.Field `json:"field" enum:"date,amount,credit,debit,side,operation,reference,concept,sender" doc:"What the column has. operation is the bank's own id of the operation."`
	Name     string         `json:"name,omitempty" maxLength:"60" doc:"Title of the column in the header."`
	Position int            `json:"position,omitempty" maximum:"200" doc:"Number of the column, from 1, if there is no name."`
	From     int            `json:"from,omitempty" maximum:"2000" doc:"First character of a column with a fixed place, from 1."`
	To       int            `json:"to,omitempty" maximum:"2000" doc:"Last character of a column with a fixed place."`
}

func (b BankLayout) layout() bankfile.Layout {
	return bankfile.Layout{
		Method: b.Method, Delimiter: b.Delimiter, Encoding: b.Encoding, SkipLines: b.SkipLines, Header: b.Header, DateFormat: b.DateFormat,
		Decimal: b.Decimal, Thousands: b.Thousands, Incoming: b.Incoming, Excess: b.Excess,
		Columns: each(b.Columns, func(c BankColumn) bankfile.Column { return bankfile.Column(c) }),
	}
}

type importFile struct {
	bankAccountByID
	Body BankFile
}

// BankFile is the body of a request that imports a file.
type BankFile struct {
	Name    string `json:"name" minLength:"1" maxLength:"120" doc:"Name of the file." example:"movimientos-2026-09-02.csv"`
	Content string `json:"content" minLength:"1" encoding:"base64" doc:"Bytes of the file in base64. A request has at most 1 MB; the command line takes files up to 8 MB."`
}

type incomingPayments struct {
	Status *incoming.Status `query:"status" enum:"APPLIED,SUSPENSE,ASSIGNED,RETURNED,INCOME" doc:"Only payments with this status."`
	FileID *id.ID           `query:"file_id" doc:"Only payments of this file."`
	pageInput
}

type incomingByID struct {
	PaymentID id.ID `path:"payment_id"`
}

type assignDeposit struct {
	incomingByID
	Body DepositAssignment
}

// DepositAssignment is the body of a request that assigns a deposit.
type DepositAssignment struct {
	LoanID     id.ID      `json:"loan_id"`
	ValueDate  civil.Date `json:"value_date,omitzero" doc:"Value date of the payment. Defaults to the day on which the deposit arrived."`
	KeepExcess bool       `json:"keep_excess,omitempty" default:"false" doc:"Whether money above the payoff amount is kept as unapplied funds. Otherwise a larger deposit is refused."`
}

type returnDeposit struct {
	incomingByID
	Body DepositReturn
}

// DepositReturn is the body of a request that returns a deposit.
type DepositReturn struct {
	Reference string `json:"reference" minLength:"1" maxLength:"64" doc:"Tracking key of the transfer." example:"2026090240014BMOV0000403216610"`
}

type depositToIncome struct {
	incomingByID
	Body DepositIncome
}

// DepositIncome is the body of a request that writes a deposit to income.
type DepositIncome struct {
	Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"Reason, at most 200 characters." example:"No reclamado en tres años"`
}
