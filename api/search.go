package api

import (
	"context"
	"net/http"

	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/wire"
	"sofipo/view"
)

var _ = mount(25, []operation{
	read[[]view.Found](operation{
		method: http.MethodGet, path: "/api/v1/search", id: "search_api_v1_search_get",
		tag: "Clients", summary: "Search", permission: client.Read, status: http.StatusOK,
		about: "Finds clients by name, RFC, CURP, phone, email address, CLABE or number (C-104-273), loans and applications by number (P-104-273) or payment reference, and transactions by " +
			"the folio of the receipt (R-104-273) or the reference of the payment. Returns at most 20 results of each kind, within the scope of the user's role. " +
			"A name may have its words in any order, without accents, the last word incomplete, and one typing error in each word of at least three letters; the best matches come first. " +
			"Names are searched if nothing else is found. Other values must be complete. Numbers may be written without letter, hyphens and spaces.",
	}, func(ctx context.Context, v *view.View, by view.By, in *searchInput) ([]byte, id.ID, error) {
		found, err := v.Search(ctx, by, in.Query)
		return wire.JSON(nil, found), id.ID{}, err
	}),
})

type searchInput struct {
	Query string `query:"q" maxLength:"255" doc:"What to find." example:"C-100-014"`
	tableFormat
}
