package accounting_test

import (
	"errors"
	"fmt"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// A Sheet sorts the postings of an entry and adds up those of the same account. This is the
// payment of an instalment, with the IVA that becomes payable.
func ExampleSheet() {
	booking := accounting.Booking{ID: id.ID{1}, Day: civil.Date{Year: 2026, Month: 2, Day: 15}, Reference: id.ID{2}, Subject: id.ID{3}}
	sheet := booking.Sheet()
	sheet.Move(accounting.Bank, accounting.LoansPrincipal, 1_799_33)
	sheet.Move(accounting.Bank, accounting.LoansInterest, 625_00)
	sheet.Move(accounting.Bank, accounting.IVAReceivable, 100_00)
	sheet.Move(accounting.IVANotCaused, accounting.IVAPayable, 100_00)

	entry := booking.Entry("payment_received", sheet)
	for _, p := range entry.Postings {
		account, _ := accounting.Find(p.Account, booking.Day)
		fmt.Printf("%s %-44s %8s %8s\n", p.Account, account.English, p.Debit, p.Credit)
	}
	fmt.Println(entry.Check())
	// Output:
	// 1102 Bank and SPEI settlement                      2524.33     0.00
	// 2401 IVA not yet caused                             100.00     0.00
	// 1301 Loans current, principal                         0.00  1799.33
	// 1302 Loans current, accrued interest                  0.00   625.00
	// 1410 IVA receivable on interest and fees              0.00   100.00
	// 2402 IVA payable                                      0.00   100.00
	// <nil>
}

// A manual journal entry that posts to a control account is refused. The flaws name
// each line at fault.
func ExampleManualLedgerEntry() {
	booking := accounting.Booking{ID: id.ID{1}, Day: civil.Date{Year: 2026, Month: 2, Day: 15}, Reference: id.ID{2}}
	_, err := accounting.ManualLedgerEntry(booking, []accounting.Line{
		{Account: accounting.LoansPrincipal, Debit: 100_00},
		{Account: accounting.Bank, Credit: 100_00},
	})
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		for _, flaw := range refusal.Flaws {
			fmt.Println(flaw.Name(), flaw.Rule)
		}
	}
	// Output: lines.0.account not_control
}
