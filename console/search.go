package console

import (
	"errors"

	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

const searchPath = Root + "search"

var searchRoutes = []route{
	{"GET " + searchPath, client.Read, (*visit).search},
}

// search is the page with what a text finds in the whole institution.
type search struct {
	Query   string
	Problem string
	Results []result
}

// result is something found. Path is empty if nothing shows it yet.
type result struct{ Kind, Number, Name, Detail, Path string }

var searchScreen = declare[search]("search")

var searchPhrases = phrases{
	"Search":                 "Buscar",
	"Results for “{query}”":  "Resultados de «{query}»",
	"{n} {n|result|results}": "{n} {n|resultado|resultados}",
	"Nothing was found":      "No se encontró nada",
	"Write a name, the number of a client, loan or receipt, an RFC, a CURP, a telephone, an e-mail address or a CLABE.": "Escriba un nombre, el número de un cliente, préstamo o recibo, un RFC, una CURP, un teléfono, un correo o una CLABE.",
	"Application": "Solicitud", "Detail": "Detalle", "Kind": "Tipo",
}

// search goes straight to the only result.
func (v *visit) search() error {
	page := search{Query: v.r.URL.Query().Get("q")}
	found, err := v.View.Search(v.r.Context(), v.by(), page.Query)
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal) && len(refusal.Flaws) > 0:
		page.Problem = web.Message(v.lang, refusal.Flaws[0])
	case err != nil:
		return err
	}
	for _, f := range found {
		page.Results = append(page.Results, v.result(f))
	}
	if len(page.Results) == 1 && page.Results[0].Path != "" {
		return v.goTo(page.Results[0].Path)
	}
	return searchScreen.show(v, page)
}

func (v *visit) result(f view.Found) result {
	r := result{Name: f.Name, Number: folio.Loan.Print(f.Number), Path: loansPath + folio.Loan.Print(f.Loan)}
	switch f.Kind {
	case view.FoundClient:
		r.Kind, r.Number, r.Detail, r.Path = v.say("Client"), folio.Client.Print(f.Number), f.RFC, pathOfClient(f.Number)
	case view.FoundTransaction:
		r.Kind, r.Number, r.Detail = v.say("Receipt"), folio.Receipt.Print(f.Number), capital(text.Of(v.lang, f.Operation))+", "+text.Of(v.lang, f.Amount)
		r.Path = receiptPath(f.Loan, f.Number)
	case view.FoundApplication:
		r.Kind, r.Detail = v.say("Application"), capital(text.Of(v.lang, f.Status))+", "+text.Of(v.lang, f.Amount)
	default:
		r.Kind, r.Detail = v.say("Loan"), capital(text.Of(v.lang, f.Status))+", "+text.Of(v.lang, f.Amount)
	}
	return r
}
