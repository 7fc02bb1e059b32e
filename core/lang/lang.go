// Package lang holds the type of the texts that people read. Every noun declares
// its texts beside its rules, in English and in Spanish; the package text renders
// them.
package lang

// Text is one text in both languages. A name in braces stands for a parameter:
// "The loan is {loan_status}". A parameter with forms picks one by its number:
// "{count} {count|day|days}".
type Text struct{ EN, ES string }

// Texts are texts by the typed constant that they belong to: a fault.Code, a
// fault.Rule, a status, a kind, a permission. Constants of two types never collide,
// so that nouns can be put together in one table.
type Texts map[any]Text
