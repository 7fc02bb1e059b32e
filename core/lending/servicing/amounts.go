package servicing

import (
	"sofipo/core/lending/product"
	"sofipo/core/money"
)

// Amounts are centavos by component.
type Amounts struct {
	Principal     money.Amount `json:"principal,omitempty"`
	Interest      money.Amount `json:"interest,omitempty"`
	InterestIVA   money.Amount `json:"iva_interest,omitempty"`
	Commission    money.Amount `json:"commission,omitempty"`
	CommissionIVA money.Amount `json:"iva_commission,omitempty"`
	Moratorium    money.Amount `json:"moratorium,omitempty"`
	MoratoriumIVA money.Amount `json:"iva_moratorium,omitempty"`
	Insurance     money.Amount `json:"insurance,omitempty"`
}

// Of is the amount of the component, 0 for an unknown one.
func (a Amounts) Of(c product.Component) money.Amount {
	if p := a.at(c); p != nil {
		return *p
	}
	return 0
}

// Sum is the total of the components.
func (a Amounts) Sum() money.Amount {
	return a.Principal + a.Interest + a.InterestIVA + a.Commission + a.CommissionIVA + a.Moratorium + a.MoratoriumIVA + a.Insurance
}

// Plus adds component by component.
func (a Amounts) Plus(b Amounts) Amounts {
	return Amounts{
		a.Principal + b.Principal, a.Interest + b.Interest, a.InterestIVA + b.InterestIVA, a.Commission + b.Commission,
		a.CommissionIVA + b.CommissionIVA, a.Moratorium + b.Moratorium, a.MoratoriumIVA + b.MoratoriumIVA, a.Insurance + b.Insurance,
	}
}

// Minus subtracts component by component.
func (a Amounts) Minus(b Amounts) Amounts {
	return Amounts{
		a.Principal - b.Principal, a.Interest - b.Interest, a.InterestIVA - b.InterestIVA, a.Commission - b.Commission,
		a.CommissionIVA - b.CommissionIVA, a.Moratorium - b.Moratorium, a.MoratoriumIVA - b.MoratoriumIVA, a.Insurance - b.Insurance,
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
	case product.Commission:
		return &a.Commission
	case product.CommissionIVA:
		return &a.CommissionIVA
	case product.Moratorium:
		return &a.Moratorium
	case product.MoratoriumIVA:
		return &a.MoratoriumIVA
	case product.Insurance:
		return &a.Insurance
	}
	return nil
}

// spread takes the pool out of the amounts in the order, each as far as it goes,
// and gives what was taken.
func (a *Amounts) spread(pool money.Amount, order []product.Component) (taken Amounts) {
	for _, c := range order {
		part := min(pool, *a.at(c))
		*taken.at(c) += part
		*a.at(c) -= part
		pool -= part
	}
	return taken
}
