// Package text renders the texts that the nouns declare, in English and Mexican Spanish:
// the title of a refusal, the message of a field at fault, and the label of a status, a
// kind or another constant. It fills in parameters and chooses plural forms.
//
// There are two styles. Title, Message and Of are for people: amounts have separators and
// statuses have labels ("paid off"). Detail and DetailOf are for programs: English, with
// values as in JSON ("PAID_OFF").
package text

import (
	"errors"
	"strings"

	"sofipo/core/fault"
	"sofipo/core/lang"
	"sofipo/core/nouns"
)

// Lang is a language.
type Lang uint8

// The languages.
const (
	EN Lang = iota // English
	ES             // Mexican Spanish
)

// of returns the text in the language.
func (l Lang) of(t lang.Text) string {
	if l == ES {
		return t.ES
	}
	return t.EN
}

// Title returns the reason of a refusal. It is the code if no noun declares the code.
func Title(l Lang, e *fault.Error) string {
	return Render(l, titleText(e), valuesOf(e))
}

// Message returns what is wrong with a field. It is the rule if no noun declares the rule.
func Message(l Lang, f fault.Flaw) string {
	return Render(l, messageText(f), f.Values)
}

// Render returns a text with its parameters replaced by the values.
func Render(l Lang, t lang.Text, values map[string]any) string {
	return expand(l.of(t), values, func(v any) string { return Of(l, v) })
}

// Of returns a value in the form for people: an amount, a rate, a date, a list, or the
// label of a status, a kind, a choice, a role or a permission.
func Of(l Lang, constant any) string { return value(l, constant) }

// Detail is Title in English for programs: values are written as in JSON.
func Detail(e *fault.Error) string { return expand(titleText(e).EN, valuesOf(e), plain) }

// DetailOf is Message in English for programs.
func DetailOf(f fault.Flaw) string { return expand(messageText(f).EN, f.Values, plain) }

func titleText(e *fault.Error) lang.Text {
	if t, declared := nouns.Text(e.Rule); declared {
		return t
	}
	if t, declared := nouns.Text(e.Code); declared {
		return t
	}
	return lang.Text{EN: string(e.Code), ES: string(e.Code)}
}

func messageText(f fault.Flaw) lang.Text {
	if t, declared := nouns.Text(f.Rule); declared {
		return t
	}
	return lang.Text{EN: string(f.Rule), ES: string(f.Rule)}
}

// valuesOf returns the parameters of a title: the values, and "cause" if the cause is a
// refusal.
func valuesOf(e *fault.Error) map[string]any {
	var cause *fault.Error
	if !errors.As(e.Cause, &cause) {
		return e.Values
	}
	all := map[string]any{"cause": cause}
	for name, v := range e.Values {
		all[name] = v
	}
	return all
}

// expand replaces the parameters of a template: {name} with the value, and
// {name|one|many} with the first form if the value is 1, else with the second. A
// parameter without a value is left unchanged.
func expand(template string, values map[string]any, write func(any) string) string {
	var b strings.Builder
	for rest := template; ; {
		before, place, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		place, rest, _ = strings.Cut(place, "}")
		name, forms, plural := strings.Cut(place, "|")
		v, given := values[name]
		switch one, many, _ := strings.Cut(forms, "|"); {
		case !given:
			b.WriteString("{" + place + "}")
		case !plural:
			b.WriteString(write(v))
		case plain(v) == "1":
			b.WriteString(one)
		default:
			b.WriteString(many)
		}
	}
}
