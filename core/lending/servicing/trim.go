package servicing

import "sofipo/core/civil"

// Trim drops the first instalments that are over: their period has ended and they will
// never owe anything again. Later operations give the same result without them. A
// loan that is alive keeps at least its last instalment. The result shares its
// instalments with a.
func Trim(a Account) Account {
	if a.Instalments = a.Instalments[a.Over():]; len(a.Instalments) == 0 {
		a.Instalments = nil
	}
	return a
}

// Over returns the number of instalments at the beginning that are over: see Trim. An
// instalment that owes nothing earns no more interest or penalty interest, so it never
// owes again. The last instalment of a loan that is alive is never over.
func (a *Account) Over() int {
	running := a.running()
	for i := range running {
		if a.owed(i) != (Amounts{}) {
			return i
		}
	}
	return running
}

// FirstOpen returns the number of the first instalment that is not over. If all are
// over it is the number after the last; without instalments it is 0.
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

// Near drops the instalments after the one whose period includes the day, or the
// account's own day if that is later. The result is cheaper to roll to that day, and
// answers what the loan owes and has earned. No operation may be applied to it. It
// shares its instalments with a.
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
