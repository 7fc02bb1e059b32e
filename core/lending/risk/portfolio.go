package risk

import (
	"slices"
	"sync"

	"sofipo/core/money"
)

// Bucket is a range of days past due in reports, from 0. The limits are those of the
// consumer table in the regime of stages.
type Bucket int8

var buckets = [...]Span{{0, 0}, {1, 7}, {8, 30}, {31, 60}, {61, 89}, {90, 120}, {121, 180}, {181, Open}}

// Buckets lists all buckets, from the fewest days.
func Buckets() (all []Bucket) {
	for b := range buckets {
		all = append(all, Bucket(b))
	}
	return all
}

// BucketOf returns the bucket for a number of days past due; negative days count as 0.
func BucketOf(days int) Bucket {
	b := len(buckets) - 1
	for b > 0 && days < buckets[b].First {
		b--
	}
	return Bucket(b)
}

// Thresholds lists the days past due at which a bucket or a PAR begins, from 0.
func Thresholds() (all []int) {
	for _, b := range buckets {
		all = append(all, b.First)
	}
	for _, r := range pars {
		all = append(all, r.From())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Threshold returns the last of the Thresholds that the days past due reach. Loans with the same
// one are in the same bucket and in the same PARs.
func Threshold(days int) (last int) {
	for _, from := range thresholds() {
		if days >= from {
			last = from
		}
	}
	return last
}

var thresholds = sync.OnceValue(Thresholds)

// Days returns the days past due of the bucket.
func (b Bucket) Days() Span { return buckets[b] }

// String is "0", "1-7" … "181+".
func (b Bucket) String() string { return buckets[b].String() }

// Sums has the totals of a group of loans.
type Sums struct {
	Count     int64
	Balance   money.Amount // outstanding principal
	Interest  money.Amount // accrued, uncollected interest in the balance sheet
	Provision money.Amount // EPRC, including interest provisioned in full
}

// Plus adds both totals.
func (s Sums) Plus(o Sums) Sums {
	return Sums{s.Count + o.Count, s.Balance + o.Balance, s.Interest + o.Interest, s.Provision + o.Provision}
}

// Total returns principal plus interest.
func (s Sums) Total() money.Amount { return s.Balance + s.Interest }

// Position is a loan (with Count 1), or the totals of several loans of the same product,
// days past due and stage.
type Position struct {
	Product string
	Days    int // past due
	Stage   Stage
	Sums
}

// Portfolio has the totals of positions by product, bucket and stage. The order in which
// they are added does not matter. The zero value is an empty portfolio. It must not be
// used by several goroutines at once. Totals must fit in an int64 of centavos, about
// 9.2 × 10^16 pesos.
type Portfolio struct {
	products map[string]*cells
}

// cells has the totals of one product.
type cells struct {
	sums [len(buckets)][Stage3]Sums
	late [len(pars)]money.Amount // principal by PAR
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

// Add adds a position. It returns ErrStage for a position without a stage.
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

// Of returns the part of one product.
func (p Portfolio) Of(product string) (part Portfolio) {
	if c := p.products[product]; c != nil {
		own := *c
		part.products = map[string]*cells{product: &own}
	}
	return part
}

// Sums returns the totals of all positions.
func (p Portfolio) Sums() Sums { return p.from(Stage1) }

// Overdue returns the totals of stage 3.
func (p Portfolio) Overdue() Sums { return p.from(Stage3) }

// from returns the totals of a stage and the worse ones.
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
