package risk

import (
	"sofipo/core/money"
)

// Bucket is one of the classes of days late in which a portfolio is shown, from
// 0. Their bounds are those of the consumer table of the stages.
type Bucket int8

var buckets = [...]Span{{0, 0}, {1, 7}, {8, 30}, {31, 60}, {61, 89}, {90, 120}, {121, 180}, {181, Open}}

// Buckets lists them, from the least late.
func Buckets() (all []Bucket) {
	for b := range buckets {
		all = append(all, Bucket(b))
	}
	return all
}

// BucketOf is the bucket of so many days late; negative days are 0.
func BucketOf(days int) Bucket {
	b := len(buckets) - 1
	for b > 0 && days < buckets[b].First {
		b--
	}
	return Bucket(b)
}

// Days are the days late of the bucket.
func (b Bucket) Days() Span { return buckets[b] }

// String is "0", "1-7" … "181+".
func (b Bucket) String() string { return buckets[b].String() }

// Sums are those of some loans.
type Sums struct {
	Count     int64
	Balance   money.Amount // outstanding principal
	Interest  money.Amount // accrued and not collected, in the balance sheet
	Provision money.Amount // EPRC, with the interest that is reserved
}

// Plus adds sum by sum.
func (s Sums) Plus(o Sums) Sums {
	return Sums{s.Count + o.Count, s.Balance + o.Balance, s.Interest + o.Interest, s.Provision + o.Provision}
}

// Total is principal and interest.
func (s Sums) Total() money.Amount { return s.Balance + s.Interest }

// Position is a loan, whose Count is 1, or the sums of several loans of one
// product, days late and stage.
type Position struct {
	Product string
	Days    int // late
	Stage   Stage
	Sums
}

// Portfolio is the sums of positions by product, bucket and stage. It does not
// depend on the order in which they are added. The zero Portfolio is empty. It is
// for one goroutine at a time. Sums must stay within an int64, about 92 thousand million million pesos.
type Portfolio struct {
	products map[string]*cells
}

// cells are the sums of one product.
type cells struct {
	sums [len(buckets)][Stage3]Sums
	late [len(pars)]money.Amount // principal, by PAR
}

func (p *Portfolio) cells(product string) *cells {
	c := p.products[product]
	if c == nil {
		if p.products == nil {
			p.products = map[string]*cells{}
		}
		c = &cells{}
		p.products[product] = c
	}
	return c
}

// Add counts a position. It returns ErrStage for one that has none.
func (p *Portfolio) Add(x Position) error {
	if !x.Stage.Valid() {
		return ErrStage
	}
	c := p.cells(x.Product)
	s := &c.sums[BucketOf(x.Days)][x.Stage-1]
	*s = s.Plus(x.Sums)
	for i, r := range pars {
		if x.Days >= r.From() {
			c.late[i] += x.Balance
		}
	}
	return nil
}

// Of is the part of one product.
func (p Portfolio) Of(product string) (part Portfolio) {
	if c := p.products[product]; c != nil {
		own := *c
		part.products = map[string]*cells{product: &own}
	}
	return part
}

// Sums are those of all positions.
func (p Portfolio) Sums() Sums { return p.from(Stage1) }

// Overdue are the sums of stage 3.
func (p Portfolio) Overdue() Sums { return p.from(Stage3) }

// from are the sums of the stages from the one given.
func (p Portfolio) from(least Stage) (sum Sums) {
	for _, c := range p.products {
		for b := range c.sums {
			for _, s := range c.sums[b][least-1:] {
				sum = sum.Plus(s)
			}
		}
	}
	return sum
}
