package console

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sofipo/core/access"
	"sofipo/text"
)

var homeRoutes = []route{
	{"GET " + Root + "{$}", access.Own, (*visit).home},
}

// home is the start page: what waits for the user today.
type home struct {
	Greeting string
	Long     string // the business date in words
}

var homeScreen = declare[home]("home")

var homePhrases = phrases{
	"My day":                 "Mi día",
	"Good morning, {name}":   "Buenos días, {name}",
	"Good afternoon, {name}": "Buenas tardes, {name}",
	"Good evening, {name}":   "Buenas noches, {name}",
}

func (v *visit) home() error {
	return homeScreen.show(v, home{Greeting: v.greeting(), Long: long(v.lang, v.today)})
}

// greeting greets the user by the first name, by the time of day.
func (v *visit) greeting() string {
	name, _, _ := strings.Cut(v.who.User.FullName, " ")
	if name == "" {
		name = v.who.User.Username
	}
	switch hour := v.now.In(v.Location).Hour(); {
	case hour < 12:
		return v.say("Good morning, {name}", "name", name)
	case hour < 19:
		return v.say("Good afternoon, {name}", "name", name)
	}
	return v.say("Good evening, {name}", "name", name)
}

// jobTitle returns the title of the user's role.
func (v *visit) jobTitle() string {
	title := v.who.Role.Title
	if label := text.Of(v.lang, v.who.Role.Name); label != string(v.who.Role.Name) {
		title = label
	}
	return capital(title)
}

// capital returns a text with its first letter in upper case.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
