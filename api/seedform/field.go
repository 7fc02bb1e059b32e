package seedform

import (
	"sofipo/core/wire"
)

// AppendJSON appends fields in the JSON form of the seed.
func AppendJSON(b []byte, fields []Field) []byte {
	separator := byte('[')
	for _, f := range fields {
		b = wire.JSON(append(append(b, separator), `{"loc":`...), f.Loc)
		b = wire.Quote(append(b, `,"msg":`...), f.Msg)
		b = wire.Quote(append(b, `,"type":`...), f.Type)
		if len(f.Ctx) > 0 {
			b = appendContext(append(b, `,"ctx":`...), f.Ctx)
		}
		b, separator = append(b, '}'), ','
	}
	return append(b, ']')
}

func appendContext(b []byte, context []Value) []byte {
	separator := byte('{')
	for _, v := range context {
		b = wire.JSON(append(wire.Quote(append(b, separator), v.Name), ':'), v.Value)
		separator = ','
	}
	return append(b, '}')
}
