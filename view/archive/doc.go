// Package archive writes the whole institution as an archive that other programs can read, and
// checks such an archive.
//
// An archive is a tar file, compressed with gzip: a file of JSON lines for each kind of thing, and
// manifest.json at the end. All files are of one snapshot of the database. docs/archive.md
// describes the files and their members; the declarations in this package are its source.
//
// It is written in constant memory: each file is collected on disk, because tar needs its size
// first.
package archive

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/wire"
	"sofipo/infra/db"
)

// Format is the version of the format. It changes when a file or a member is removed or changes
// its meaning, not when one is added.
const Format = 1

// File describes a file of an archive.
type File struct {
	Name     string // without the extension
	About    string
	Members  []Member
	Personal bool // it is only in archives with personal data

	query func(*db.Batch, *writer)
}

// Member describes a member of the lines of a file.
type Member struct {
	Name, Type, About string
	Personal          bool // it is only in archives with personal data
}

// member is a Member with access to its value in a V.
type member[V any] struct {
	name, about string
	value       func(*V) any
	sealed      string // column that is encrypted; the member has personal data
}

// of returns a member.
func of[V any](name, about string, value func(*V) any) member[V] {
	return member[V]{name: name, about: about, value: value}
}

// secret returns a member with personal data from an encrypted column.
func secret[V any](name, column, about string, value func(*V) any) member[V] {
	return member[V]{name, about, value, column}
}

// source is where the lines of a file come from.
type source[V any] struct {
	from     string         // what follows FROM, with the order
	list     string         // what follows SELECT; empty: the columns
	columns  db.Columns[V]  // what is read
	read     func(*V) error // completes a row; may be nil
	personal bool           // all of it
}

// file returns a file.
func file[V any](name, about string, from source[V], members ...member[V]) File {
	f := File{Name: name, About: about, Personal: from.personal}
	var sealed []string
	for _, m := range members {
		var zero V
		f.Members = append(f.Members, Member{m.name, typeOf(m.value(&zero)), m.about, m.sealed != ""})
		if m.sealed != "" {
			sealed = append(sealed, m.sealed)
		}
	}
	f.query = func(b *db.Batch, w *writer) {
		columns, written := from.columns, members
		if !w.Personal {
			columns, written = columns.Except(sealed...), nil
			for _, m := range members {
				if m.sealed == "" {
					written = append(written, m)
				}
			}
		}
		b.Query("SELECT "+cmp.Or(from.list, columns.List(""))+" FROM "+from.from, func(s db.Scanner) error {
			var v V
			if err := columns.Scan(s, &v); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if from.read != nil {
				if err := from.read(&v); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			return lineOf(w, &v, written)
		})
	}
	return f
}

// lineOf writes a line with the members of a row.
func lineOf[V any](w *writer, v *V, members []member[V]) error {
	w.line = append(w.line[:0], '{')
	for i, m := range members {
		if i > 0 {
			w.line = append(w.line, ',')
		}
		value := m.value(v)
		w.add(m.name, value)
		w.line = appendValue(append(wire.Quote(w.line, m.name), ':'), value)
	}
	return w.endLine()
}

// appendValue adds a value: amounts, rates and other numbers with decimals as strings; a missing
// id, date or time as null; a list without elements as [].
func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return wire.Quote(b, v)
	case money.Amount:
		return append(v.Append(append(b, '"')), '"')
	case id.ID:
		if v.IsZero() {
			return append(b, "null"...)
		}
	case civil.Date:
		if v.IsZero() {
			return append(b, "null"...)
		}
	case time.Time:
		if v.IsZero() {
			return append(b, "null"...)
		}
		return wire.Time(b, v)
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Slice && v.Len() == 0 && v.Type() != reflect.TypeFor[json.RawMessage]() {
		return append(b, "[]"...)
	}
	return appendQuoted(b, wire.JSON(nil, value))
}

// appendQuoted adds JSON with its numbers that have decimals as strings.
func appendQuoted(b, text []byte) []byte {
	for len(text) > 0 {
		switch c := text[0]; {
		case c == '"':
			end := 1
			for text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			b, text = append(b, text[:end+1]...), text[end+1:]
		case c == '-' || c >= '0' && c <= '9':
			end := bytes.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("-+.0123456789eE", r) })
			if end < 0 {
				end = len(text)
			}
			if bytes.IndexByte(text[:end], '.') >= 0 {
				b = append(append(append(b, '"'), text[:end]...), '"')
			} else {
				b = append(b, text[:end]...)
			}
			text = text[end:]
		default:
			b, text = append(b, c), text[1:]
		}
	}
	return b
}

// rawOf returns a value as JSON, so that its own way of writing JSON is not looked for again.
func rawOf(value any) json.RawMessage { return wire.JSON(nil, value) }

// Types of members.
const (
	amountType = "amount"
	rateType   = "rate"
	objectType = "object"
)

// typeOf returns the type of a member by the Go type of its values.
func typeOf(value any) string {
	switch value.(type) {
	case money.Amount:
		return amountType
	case rate.Annual:
		return rateType
	case id.ID:
		return "id"
	case civil.Date:
		return "date"
	case time.Time:
		return "time"
	case json.RawMessage:
		return objectType
	}
	switch reflect.TypeOf(value).Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "list"
	case reflect.Struct, reflect.Pointer:
		return objectType
	}
	return "number"
}
