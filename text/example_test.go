package text_test

import (
	"errors"
	"fmt"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/text"
)

// A refusal has a code and values. Package text has the sentences, with plural forms.
func ExampleTitle() {
	for _, loans := range []int{1, 2} {
		refusal := fault.Refuse(client.HasLoans, "loans", loans)
		fmt.Println(text.Title(text.EN, refusal))
		fmt.Println(text.Title(text.ES, refusal))
	}
	// Output:
	// Client has loans and cannot be deleted
	// El cliente tiene 1 préstamo y no se puede eliminar
	// Client has loans and cannot be deleted
	// El cliente tiene 2 préstamos y no se puede eliminar
}

// Each field at fault has its own message.
func ExampleMessage() {
	_, err := client.New(client.Client{FullName: "Ana Ruiz", Email: "ana", RFC: "PEPJ800101HNE"}, client.Rules{RFC: mx.DefaultTier})
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		for _, flaw := range refusal.Flaws {
			fmt.Println(flaw.Name()+":", text.Message(text.EN, flaw))
			fmt.Println(flaw.Name()+":", text.Message(text.ES, flaw))
		}
	}
	// Output:
	// email: must be an e-mail address
	// email: Escriba un correo como nombre@ejemplo.mx
}

func ExampleOf() {
	fmt.Println(text.Of(text.EN, money.Amount(34_970_54)))
	fmt.Println(text.Of(text.ES, money.Amount(34_970_54)))
	// Output:
	// 34,970.54
	// $34,970.54
}
