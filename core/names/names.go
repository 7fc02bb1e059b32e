// Package names has the form in which the names of clients are searched, and the spellings
// that differ from a word by one typing error.
package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain returns the words of a name in lower case without accents and signs, separated by one
// space. Hyphens, slashes and the like separate words. An apostrophe and the periods of initials
// do not: "O'Farrill" is one word, and "S.A. de C.V." is "sa de cv". The letter ñ becomes n.
func Plain(name string) string {
	var words []string
	for _, field := range strings.Fields(letters(name)) {
		parts := strings.FieldsFunc(field, func(r rune) bool { return r == '.' })
		if !slices.ContainsFunc(parts, func(p string) bool { return utf8.RuneCountInString(p) > 1 }) {
			parts = []string{strings.Join(parts, "")}
		}
		for _, p := range parts {
			if p != "" {
				words = append(words, p)
			}
		}
	}
	return strings.Join(words, " ")
}

// unaccented replaces the accented lower-case letters of Latin alphabets.
var unaccented = func() *strings.Replacer {
	pairs := strings.Fields("ß ss æ ae œ oe")
	for plain, accented := range map[string]string{
		"a": "àáâãäåāăą", "c": "çćĉċč", "d": "ďđ", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥ", "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ", "l": "ĺļľł",
		"n": "ñńņň", "o": "òóôõöøōŏő", "r": "ŕŗř", "s": "śŝşš", "t": "ţť", "u": "ùúûüũūŭůűų", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range accented {
			pairs = append(pairs, string(r), plain)
		}
	}
	return strings.NewReplacer(pairs...)
}()

// letters returns the letters and digits of a name in lower case without accents, its periods,
// and a space for each other character but apostrophes.
func letters(name string) string {
	return unaccented.Replace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), r >= '0' && r <= '9', r == '.':
			return unicode.ToLower(r)
		case unicode.Is(unicode.M, r), strings.ContainsRune("'’`´ʼ", r):
			return -1
		}
		return ' '
	}, strings.ToLower(name)))
}

// The least lengths, in letters, of a word that may have a typing error, and of the beginning
// of a word.
const (
	LeastMisspelt  = 3
	MostMisspelt   = 40
	LeastBeginning = 2
)

// alphabet has the letters and digits of Spanish names in the form of Plain.
const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

// Misspelt returns the words, in the form of Plain, that become this word by one typing error: one
// letter too many, missing or wrong, or two exchanged neighbours. The word
// itself is not one of them. Words of fewer than LeastMisspelt letters, or more than
// MostMisspelt, have none.
func Misspelt(word string) []string {
	letters := []rune(word)
	n := len(letters)
	if n < LeastMisspelt || n > MostMisspelt {
		return nil
	}
	found := make([]string, 0, (2*n+1)*len(alphabet)+2*n)
	add := func(parts ...[]rune) { found = append(found, string(slices.Concat(parts...))) }
	for i := range n + 1 {
		for _, r := range alphabet {
			add(letters[:i], []rune{r}, letters[i:])
		}
		if i == n {
			break
		}
		add(letters[:i], letters[i+1:])
		for _, r := range alphabet {
			add(letters[:i], []rune{r}, letters[i+1:])
		}
		if i+1 < n {
			add(letters[:i], []rune{letters[i+1], letters[i]}, letters[i+2:])
		}
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(s string) bool { return s == word })
}
