package mx

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Person has the data from which an RFC and a CURP are derived: the names as written in
// the birth certificate, in any case and with accents, and the date of birth. Maternal
// is empty for a person with one surname.
type Person struct {
	Paternal, Maternal, Given string
	Year                      int
	Month                     time.Month
	Day                       int
}

var (
	// Leading particles of a name, and given names too common to tell persons apart.
	rfcSurnameSkips  = wordSet("DE LA LAS MC VON DEL LOS Y MAC VAN MI")
	rfcGivenSkips    = wordSet("DE LA LAS MC VON DEL LOS Y MAC VAN MI JOSE MARIA MA")
	curpSurnameSkips = wordSet("DA DAS DE DEL DER DI DIE DD EL LA LOS LAS LE LES MAC MC VAN VON Y")
	curpGivenSkips   = wordSet("DA DAS DE DEL DER DI DIE DD EL LA LOS LAS LE LES MAC MC VAN VON Y MARIA MA MA. JOSE J J.")

	unaccented = strings.NewReplacer("N\u0303", "Ñ",
		"Á", "A", "À", "A", "Â", "A", "Ä", "A", "Ã", "A", "Å", "A", "É", "E", "È", "E", "Ê", "E", "Ë", "E",
		"Í", "I", "Ì", "I", "Î", "I", "Ï", "I", "Ó", "O", "Ò", "O", "Ô", "O", "Ö", "O", "Õ", "O",
		"Ú", "U", "Ù", "U", "Û", "U", "Ü", "U", "Ç", "C", "Ý", "Y")
)

var (
	errPersonName = Error{InvalidFormat, "name must hold at least one surname and a given name, each beginning with a letter"}
	errPersonDate = Error{InvalidDate, "birth date must be a date of the calendar from 1900 to 2099"}
)

// SuggestRFC derives the RFC that the SAT would probably assign to p. Use it
// as a hint, never to refuse another RFC: the SAT resolves homonyms by hand.
// The error is an Error with code InvalidFormat or InvalidDate.
func SuggestRFC(p Person) (RFC, error) {
	date, err := p.date()
	if err != nil {
		return "", err
	}
	letters := rfcLetters(p)
	stem := letters + date + homoclave(homoclaveSum(plain(p.fullName(), "&")))
	r, err := ParseRFC(stem+string(rfcDigit(stem)), TierStrict)
	if err != nil || len([]rune(letters)) != 4 {
		return "", errPersonName
	}
	return r, nil
}

// SuggestCURP derives the CURP that RENAPO would probably assign to p, of sex
// 'H', 'M' or 'X', born in the state of that CURP code (NE: abroad). Use it
// as a hint: RENAPO resolves homonyms with the 17th character. The error is an Error
// with code InvalidFormat, InvalidState or InvalidDate.
func SuggestCURP(p Person, sex byte, state string) (CURP, error) {
	date, err := p.date()
	if err != nil {
		return "", err
	}
	if curpStates[state] == "" {
		return "", errCURPState
	}
	if sex != 'H' && sex != 'M' && sex != 'X' {
		return "", Error{InvalidFormat, "sex must be H, M or X"}
	}
	first, last := curpLetters(p)
	homonym := "0"
	if p.Year >= 2000 {
		homonym = "A"
	}
	stem := first + date + string(rune(sex)) + state + last + homonym
	if !curpShape.MatchString(stem + "0") {
		return "", errPersonName
	}
	return CURP(stem + string(rune(curpDigit(stem)))), nil
}

// date returns the date of birth as YYMMDD.
func (p Person) date() (string, error) {
	if p.Year < 1900 || p.Year > 2099 || !realDate(p.Year, p.Month, p.Day) {
		return "", errPersonDate
	}
	return fmt.Sprintf("%02d%02d%02d", p.Year%100, p.Month, p.Day), nil
}

func (p Person) fullName() string { return p.Paternal + " " + p.Maternal + " " + p.Given }

// rfcLetters returns the four letters of p's RFC; fewer or other characters if
// the names give no letters.
func rfcLetters(p Person) string {
	paternal := mainWord(plain(p.Paternal, "&"), rfcSurnameSkips)
	maternal := mainWord(plain(p.Maternal, "&"), rfcSurnameSkips)
	given := mainWord(plain(p.Given, "&"), rfcGivenSkips)
	if len(given) == 0 || len(paternal)+len(maternal) == 0 {
		return ""
	}
	var letters string
	switch {
	case len(paternal) == 0 || len(maternal) == 0:
		letters = firstTwo(append(paternal, maternal...)) + firstTwo(given)
	case len(paternal) <= 2:
		letters = string(paternal[:1]) + string(maternal[:1]) + firstTwo(given)
	default:
		letters = string(paternal[:1]) + vowelAfter(paternal) + string(maternal[:1]) + string(given[:1])
	}
	if rfcForbidden[letters] {
		return letters[:3] + "X"
	}
	return letters
}

// curpLetters returns the first four letters of p's CURP and its three
// consonants; empty strings if a needed name is missing.
func curpLetters(p Person) (first, last string) {
	paternal := mainWord(plain(p.Paternal, "/-."), curpSurnameSkips)
	maternal := mainWord(plain(p.Maternal, "/-."), curpSurnameSkips)
	given := mainWord(plain(p.Given, "/-."), curpGivenSkips)
	if len(paternal) == 0 {
		paternal, maternal = maternal, nil
	}
	if len(given) == 0 || len(paternal) == 0 {
		return "", ""
	}
	first = initial(paternal) + vowelAfter(paternal) + initial(maternal) + initial(given)
	if curpInconvenient[first] {
		first = first[:1] + "X" + first[2:]
	}
	return first, consonantAfter(paternal) + consonantAfter(maternal) + consonantAfter(given)
}

// PlainName returns a name in upper case without accents and signs, words separated by one
// space, as two spellings of the same name are compared.
func PlainName(name string) string { return plain(name, "&") }

// plain returns name in upper case with its accents removed, words separated by
// one space, without any character but A-Z, Ñ, digits and those to keep.
func plain(name, keep string) string {
	name = unaccented.Replace(strings.ToUpper(name))
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case isLetter(r), r == 'Ñ', r >= '0' && r <= '9', strings.ContainsRune(keep, r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, name)), " ")
}

// mainWord returns the first word of name that is not in skips, or the last word.
func mainWord(name string, skips map[string]bool) []rune {
	words := strings.Fields(name)
	for len(words) > 1 && skips[words[0]] {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil
	}
	return []rune(words[0])
}

func isLetter(r rune) bool { return r >= 'A' && r <= 'Z' }

func isVowel(r rune) bool { return strings.ContainsRune("AEIOU", r) }

// firstTwo returns two letters of word, with X for a missing second one.
func firstTwo(word []rune) string { return string(append(word[:len(word):len(word)], 'X')[:2]) }

// initial returns the first letter of word, X if there is none or it is Ñ or a sign.
func initial(word []rune) string {
	if len(word) == 0 || !isLetter(word[0]) {
		return "X"
	}
	return string(word[0])
}

// vowelAfter returns the first vowel after the first letter; X if there is none
// or a sign comes before it.
func vowelAfter(word []rune) string {
	for _, r := range word[1:] {
		switch {
		case isVowel(r):
			return string(r)
		case !isLetter(r) && r != 'Ñ':
			return "X"
		}
	}
	return "X"
}

// consonantAfter returns the first consonant after the first letter; X if there
// is none, or it is Ñ, or a sign comes before it.
func consonantAfter(word []rune) string {
	for _, r := range word[min(1, len(word)):] {
		switch {
		case !isLetter(r):
			return "X"
		case !isVowel(r):
			return string(r)
		}
	}
	return "X"
}

// homoclaveSum returns the weighted sum over the plain full name (surnames
// first) from which the SAT takes the homoclave.
func homoclaveSum(name string) int {
	digits := []int{0}
	for _, r := range name {
		code := homoclaveCode(r)
		digits = append(digits, code/10, code%10)
	}
	sum := 0
	for i := range len(digits) - 1 {
		sum += (digits[i]*10 + digits[i+1]) * digits[i+1]
	}
	return sum
}

// homoclaveCode returns the two-digit code of a character of a plain name.
func homoclaveCode(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r == '&':
		return 10
	case r >= 'A' && r <= 'I':
		return int(r-'A') + 11
	case r >= 'J' && r <= 'R':
		return int(r-'J') + 21
	case r >= 'S' && r <= 'Z':
		return int(r-'S') + 32
	case r == 'Ñ':
		return 40
	}
	return 0
}

// homoclave returns the two characters that belong to a sum of homoclaveSum.
func homoclave(sum int) string {
	const alphabet = "123456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
	sum %= 1000
	return string(alphabet[sum/34]) + string(alphabet[sum%34])
}
