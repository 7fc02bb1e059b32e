package servicing

import (
	"sofipo/core/lending/product"
	"sofipo/core/money"
)

// Amounts has an amount for each component of a debt.
type Amounts struct {
	Principal          money.Amount `json:"principal,omitempty"`
	Interest           money.Amount `json:"interest,omitempty"`
	InterestIVA        money.Amount `json:"iva_interest,omitempty"`
	Fee                money.Amount `json:"fee,omitempty"`
	FeeIVA             money.Amount `json:"iva_fee,omitempty"`
	PenaltyInterest    money.Amount `json:"penalty_interest,omitempty"`
	PenaltyInterestIVA money.Amount `json:"iva_penalty_interest,omitempty"`
	Insurance          money.Amount `json:"insurance,omitempty"`
}

// Of returns the amount of the component, 0 for an unknown one.
func (a Amounts) Of(c product.Component) money.Amount {
	if p := a.at(c); p != nil {
		return *p
	}
	return 0
}

// Sum returns the total of the components.
func (a Amounts) Sum() money.Amount {
	return a.Principal + a.Interest + a.InterestIVA + a.Fee + a.FeeIVA + a.PenaltyInterest + a.PenaltyInterestIVA + a.Insurance
}

// Plus adds component by component.
func (a Amounts) Plus(b Amounts) Amounts {
	return Amounts{
		a.Principal + b.Principal, a.Interest + b.Interest, a.InterestIVA + b.InterestIVA, a.Fee + b.Fee,
		a.FeeIVA + b.FeeIVA, a.PenaltyInterest + b.PenaltyInterest, a.PenaltyInterestIVA + b.PenaltyInterestIVA, a.Insurance + b.Insurance,
	}
}

// Minus subtracts component by component.
func (a Amounts) Minus(b Amounts) Amounts {
	return Amounts{
		a.Principal - b.Principal, a.Interest - b.Interest, a.InterestIVA - b.InterestIVA, a.Fee - b.Fee,
		a.FeeIVA - b.FeeIVA, a.PenaltyInterest - b.PenaltyInterest, a.PenaltyInterestIVA - b.PenaltyInterestIVA, a.Insurance - b.Insurance,
	}
}

func (a *Amounts) at(c product.Component) *money.Amount {
	switch c {
	case product.Principal:
		return &a.Principal
	case product.Interest:
		return &a.Interest
	case product.InterestIVA:
		return &a.InterestIVA
	case product.Fee:
		return &a.Fee
	case product.FeeIVA:
		return &a.FeeIVA
	case product.PenaltyInterest:
		return &a.PenaltyInterest
	case product.PenaltyInterestIVA:
		return &a.PenaltyInterestIVA
	case product.Insurance:
		return &a.Insurance
	}
	return nil
}

// spread subtracts the pool from the amounts in the order until the pool is empty, and
// returns the subtracted amounts.
func (a *Amounts) spread(pool money.Amount, order []product.Component) (taken Amounts) {
	for _, c := range order {
		part := min(pool, *a.at(c))
		*taken.at(c) += part
		*a.at(c) -= part
		pool -= part
	}
	return taken
}
