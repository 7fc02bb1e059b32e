package codec

import (
	"sofipo/core/civil"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// AppendOutlook adds the encoded outlook to b.
func AppendOutlook(b []byte, o servicing.Outlook) []byte {
	f, start := form{data: append(b, formNumber)}, len(b)
	f.outlook(&o)
	return seal(f.data, start)
}

// ParseOutlook decodes an outlook that AppendOutlook wrote.
func ParseOutlook(b []byte) (o servicing.Outlook, err error) {
	f := unseal(b, "the outlook")
	f.outlook(&o)
	return o, f.err
}

func (f *form) outlook(o *servicing.Outlook) {
	f.begin()
	f.date(&o.Until, epoch)
	f.date(&o.From, o.Until)
	f.date(&o.Start, o.From)
	number(f, &o.Number, 0)
	number(f, &o.Balance, 0)
	number(f, &o.Whole, 0)
	number(f, &o.Paid, 0)
	f.exact(&o.Overdue)
	number(f, &o.Fixed, 0)
	number(f, &o.Rate, 0)
	word(f, &o.DayCount, civil.DayCounts)
	word(f, &o.Rounding, money.Roundings)
	f.end()
}
