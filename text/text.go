// Package text renders the texts that the nouns declare, in English and in the
// Spanish of Mexico: titles of faults, messages of fields, labels of states.
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
	ES             // the Spanish of Mexico
)

// of picks the language of a text.
func (l Lang) of(t lang.Text) string {
	if l == ES {
		return t.ES
	}
	return t.EN
}

// Title says why something was refused. It is the code itself if no noun declares it.
func Title(l Lang, e *fault.Error) string {
	return Render(l, titleText(e), valuesOf(e))
}

// Message says what is wrong with a field. It is the rule itself if no noun declares it.
func Message(l Lang, f fault.Flaw) string {
	return Render(l, messageText(f), f.Values)
}

// Render fills a text with values.
func Render(l Lang, t lang.Text, values map[string]any) string {
	return expand(l.of(t), values, func(v any) string { return Of(l, v) })
}

// Of is a value as people read it: an amount, a date, the label of a status, a kind, a
// choice, a role or a permission.
func Of(l Lang, constant any) string { return value(l, constant) }

// Detail is Title in English for programs: values are written as in JSON, states
// and choices by their codes.
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

// valuesOf are the parameters of a title: the values, and the refusal that caused it.
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

// expand puts values in the places of a template: {name} is the value, and
// {name|one|many} the first form if the value is 1, else the second. A place
// without a value stays as it is.
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
