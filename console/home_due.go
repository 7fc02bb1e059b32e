package console

import (
	"cmp"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/view"
)

const duePath = Root + "due"

var dueRoutes = []route{
	{"GET " + duePath, risk.ReadReports, (*visit).due},
}

// duePage lists the loans that owe nothing yet and have a payment in the next days.
type duePage struct {
	Tabs []tab
	Rows []dueRow
	More bool // there are more than are listed
}

// dueRow is a loan with its next payment.
type dueRow struct {
	Number, Client, Path string
	Phone, Dial          string
	On                   civil.Date
	Instalment           int
	Amount               money.Amount
}

var dueScreen = declare[duePage]("due")

var duePhrases = phrases{
	"Payments due soon": "Pagos por vencer",
	"Today ({date})":    "Hoy ({date})",
	"No payment is due": "No vence ningún pago",
	"Loans that owe nothing yet appear here before their payment is due. Late ones are in collections.": "Aquí aparecen los préstamos al corriente antes de su vencimiento. Los atrasados están en cobranza.",
	"Only the first loans are listed.": "Solo se muestran los primeros préstamos.",
	"Instalment {n}":                   "Amortización {n}",
}

// dueDays is the number of days for which payments are listed, with today.
const dueDays = 7

// mostDue limits the loans that are read for the payments that are due soon.
const mostDue = 500

// dueSoon returns the loans of the user's scope that owe nothing yet and have a payment in the next
// days. It reports whether there are more.
func (v *visit) dueSoon() (soon []view.Collection, more bool, err error) {
	soon, more, err = v.collectible(v.today.AddDays(dueDays - 1))
	soon = slices.DeleteFunc(soon, func(c view.Collection) bool { return c.OldestDue.Before(v.today) })
	return soon, more, err
}

// collectible returns what is to be collected on a day, if nothing is paid until then.
func (v *visit) collectible(on civil.Date) ([]view.Collection, bool, error) {
	list, err := v.View.Collections(v.r.Context(), v.by(), on, v.clockDay(), view.Paging{Limit: mostDue})
	return list.Loans.Items, !list.Loans.Next.IsZero(), err
}

func (v *visit) due() error {
	onlyToday := v.r.URL.Query().Get("when") == "today"
	page := duePage{Tabs: []tab{
		{Label: v.say("Today ({date})", "date", v.today), Path: duePath + "?when=today", Current: onlyToday},
		{Label: v.say("Next seven days"), Path: duePath, Current: !onlyToday},
	}}
	soon, more, err := v.dueSoon()
	if err != nil {
		return err
	}
	page.More = more
	var loans []id.ID
	days := map[civil.Date]map[id.ID]money.Amount{} // what falls due, by day and loan
	for _, c := range soon {
		if onlyToday && c.OldestDue != v.today {
			continue
		}
		loans = append(loans, c.Loan)
		if days[c.OldestDue] == nil {
			falling, _, err := v.collectible(c.OldestDue)
			if err != nil {
				return err
			}
			days[c.OldestDue] = map[id.ID]money.Amount{}
			for _, f := range falling {
				days[c.OldestDue][f.Loan] = f.Due
			}
		}
		page.Rows = append(page.Rows, dueRow{Number: c.Number, Client: c.Name, Path: loansPath + c.Number, On: c.OldestDue, Instalment: c.Instalment, Amount: days[c.OldestDue][c.Loan]})
	}
	if err := v.addPhones(page.Rows, loans); err != nil {
		return err
	}
	slices.SortStableFunc(page.Rows, func(a, b dueRow) int { return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Client, b.Client)) })
	return dueScreen.show(v, page)
}

// addPhones adds the phones of the clients to the rows of loans, for those who collect.
func (v *visit) addPhones(rows []dueRow, loans []id.ID) error {
	if !v.may(collections.Read) {
		return nil
	}
	where, err := v.whereabouts(loans)
	for i, l := range loans {
		if phones := where[l].Phones; len(phones) > 0 {
			rows[i].Phone, rows[i].Dial = phoneText(phones[0]), phones[0].Number
		}
	}
	return err
}
