package risk

import (
	"cmp"
	"maps"
	"slices"

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

// MarshalText writes the String.
func (b Bucket) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// Sums are those of some loans.
type Sums struct {
	Count     int64        `json:"count"`
	Balance   money.Amount `json:"balance"`   // outstanding principal
	Interest  money.Amount `json:"interest"`  // accrued and not collected, in the balance sheet
	Provision money.Amount `json:"provision"` // EPRC, with the interest that is reserved
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
// for one goroutine at a time; parallel slices have one each and are merged. Sums
// must stay within an int64, about 92 thousand million million pesos.
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

// Merge adds all the positions of another portfolio.
func (p *Portfolio) Merge(o Portfolio) {
	for product, from := range o.products {
		to := p.cells(product)
		for b := range from.sums {
			for s := range from.sums[b] {
				to.sums[b][s] = to.sums[b][s].Plus(from.sums[b][s])
			}
		}
		for i := range from.late {
			to.late[i] += from.late[i]
		}
	}
}

// Row is the sums of one product, bucket and stage.
type Row struct {
	Product string `json:"product"`
	Bucket  Bucket `json:"bucket"`
	Stage   Stage  `json:"stage"`
	Sums
}

// Rows are the sums that count loans, by product, bucket and stage in order.
func (p Portfolio) Rows() (all []Row) {
	for product, c := range p.products {
		for b := range c.sums {
			for s, sums := range c.sums[b] {
				if sums != (Sums{}) {
					all = append(all, Row{product, Bucket(b), Stage(s + 1), sums})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Product, b.Product), cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.Stage, b.Stage))
	})
	return all
}

// Products are those that have positions, sorted.
func (p Portfolio) Products() []string { return slices.Sorted(maps.Keys(p.products)) }

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
