package web

import (
	"golang.org/x/text/language"

	"sofipo/text"
)

var languages = language.NewMatcher([]language.Tag{language.English, language.Spanish})

// Language is that of an answer to a request with the Accept-Language: English,
// unless Spanish is preferred to it.
func Language(accept string) text.Lang {
	if accept == "" {
		return text.EN
	}
	if _, index := language.MatchStrings(languages, accept); index == 1 {
		return text.ES
	}
	return text.EN
}
