package document

import (
	"fmt"

	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/document/layout"
)

// Quote returns the quote of a loan on a product.
func (i Issuer) Quote(p product.Product, s schedule.Schedule) File {
	quote := layout.Quote{Credit: layout.Credit{
		Institution: layout.Institution{Letterhead: i.Institution}, Product: p.Name, Contract: s, PenaltyInterest: p.PenaltyInterest.Rate,
	}, Issued: i.Today}
	return File{Name: fmt.Sprintf("simulacion-%s-%s", p.Code, i.Today), PDF: quote.PDF}
}
