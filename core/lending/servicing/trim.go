package servicing

import "sofipo/core/civil"

// Trim leaves out the first instalments if they are over: their period has ended
// and they owe nothing, now or later. Whatever is done to the account next comes
// out as if they were there. A loan that is alive keeps its last instalment at
// least. The instalments are shared with the account given.
func Trim(a Account) Account {
	if a.Instalments = a.Instalments[a.Over():]; len(a.Instalments) == 0 {
		a.Instalments = nil
	}
	return a
}

// Over counts the first instalments that are over, see Trim. One that owes nothing bears
// no penalty interest and no interest any more, so that it never owes again. The last
// one of a loan that is alive always owes, or will.
func (a *Account) Over() int {
	running := a.running()
	for i := range running {
		if a.owed(i) != (Amounts{}) {
			return i
		}
	}
	return running
}

// FirstOpen is the number of the first instalment that is not over, or of the one
// that would follow the last; 0 of a loan without instalments.
func FirstOpen(a Account) int {
	switch first := a.Over(); {
	case first < len(a.Instalments):
		return a.Instalments[first].Number
	case first > 0:
		return a.Instalments[first-1].Number + 1
	default:
		return 0
	}
}

// Near leaves out the instalments that follow the one whose period is running on a
// day, or on the account's own day if that is later. The account may be rolled to
// such a day and asked what it owes and has earned, which costs less without the
// rest; it takes no operation. The instalments are shared with the account given.
func Near(a Account, day civil.Date) Account {
	day = civil.Later(day, a.Day)
	for i := range a.Instalments {
		if a.Instalments[i].Until.After(day) {
			a.Instalments = a.Instalments[: i+1 : i+1]
			break
		}
	}
	return a
}
