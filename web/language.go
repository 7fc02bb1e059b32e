package web

import (
	"golang.org/x/text/language"

	"sofipo/text"
)

var languages = language.NewMatcher([]language.Tag{language.English, language.Spanish})

// Language returns the language of the response to a request with the Accept-Language
// header: Spanish if it is preferred to English, otherwise English.
func Language(accept string) text.Lang {
	if accept == "" {
		return text.EN
	}
	if _, index := language.MatchStrings(languages, accept); index == 1 {
		return text.ES
	}
	return text.EN
}
