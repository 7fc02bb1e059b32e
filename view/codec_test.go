package view_test

import (
	"encoding/json"

	"sofipo/core/client"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/view"
)

// codecs are the codecs of a door, in JSON.
type codecs struct {
	client    *view.Codec[client.Client]
	loan      *view.Codec[loan.Loan]
	loans     *view.Codec[[]loan.Loan]
	products  *view.Codec[[]product.Product]
	statement *view.Codec[view.Statement]
}

func codecsOf(name string) codecs {
	return codecs{codecOf[client.Client](name), codecOf[loan.Loan](name), codecOf[[]loan.Loan](name), codecOf[[]product.Product](name), codecOf[view.Statement](name)}
}

func codecOf[T any](name string) *view.Codec[T] {
	return &view.Codec[T]{
		Name: name,
		Append: func(b []byte, value T) []byte {
			text, err := json.Marshal(value)
			if err != nil {
				panic(err)
			}
			return append(b, text...)
		},
		Parse: func(body []byte) (value T, err error) {
			err = json.Unmarshal(body, &value)
			return value, err
		},
	}
}

// rest has the published keys; other is a door beside it.
var rest, other = codecsOf(""), codecsOf("other")

// system is the program itself; its answers include a token.
func system(need uint64) view.By {
	by := view.System
	by.Need = need
	return by
}

func withName(c client.Client, name string) client.Client {
	c.FullName = name
	return c
}
