// Package lang has the type of texts in English and Spanish. Every noun declares its
// texts next to its rules; package text renders them.
package lang

// Text is a text in both languages. A name in braces is a parameter:
// "The loan is {loan_status}". A parameter with two forms chooses the singular or the
// plural by its value: "{count} {count|day|days}".
type Text struct{ EN, ES string }

// Texts has the text of each typed constant: a fault.Code, a fault.Rule, a status, a
// kind or a permission. Constants of different types are different keys, so the texts of
// all nouns fit in one map.
type Texts map[any]Text
