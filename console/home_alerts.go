package console

import (
	"cmp"

	"sofipo/core/client"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/screening"
	"sofipo/view"
)

const alertsPath = Root + "alerts"

var alertRoutes = []route{
	{"GET " + alertsPath, screening.Read, (*visit).alerts},
}

// alertsPage lists the matches with lists of persons that wait for a decision.
type alertsPage struct {
	Rows  []alertRow
	Pager pager
}

// alertRow is a match of a person with an entry of a list.
type alertRow struct {
	Name, Path string // of the client; no path for a person who is not one
	Number     folio.Number
	List       string
	Basis      string
	State      pill
	When, By   string
	Found      string // the operation that found it
}

var alertsScreen = declare[alertsPage]("alerts")

var alertPhrases = phrases{
	"List matches":                  "Coincidencias",
	"Person":                        "Persona",
	"List":                          "Lista",
	"Matches by":                    "Coincide en",
	"Found":                         "Se encontró",
	"Blocks":                        "Impide operar",
	"Warns":                         "Avisa",
	"RFC or CURP":                   "RFC o CURP",
	"Name and birth date":           "Nombre y fecha de nacimiento",
	"No match waits for a decision": "Ninguna coincidencia espera resolución",
	"A person who matches an entry of a list appears here.": "Aquí aparece quien coincide con un registro de una lista.",
}

func (v *visit) alerts() error {
	part, err := v.paging()
	if err != nil {
		return err
	}
	found, err := v.View.Alerts(v.r.Context(), v.by(), view.AlertFilter{Status: screening.Open}, part)
	if err != nil {
		return err
	}
	lists, err := v.View.ScreeningLists(v.r.Context(), v.by())
	if err != nil {
		return err
	}
	titles := map[screening.ListCode]string{}
	for _, l := range lists {
		titles[l.Code] = l.Title
	}
	var clients []id.ID
	for _, a := range found.Items {
		clients = append(clients, a.ClientID)
	}
	names := map[id.ID]view.Named{}
	if v.may(client.Read) && len(clients) > 0 {
		if names, err = v.View.NamesOf(v.r.Context(), v.by(), clients, nil); err != nil {
			return err
		}
	}
	var page alertsPage
	for _, a := range found.Items {
		row := alertRow{
			Name: a.Name, List: cmp.Or(titles[a.List], string(a.List)), Basis: v.basis(a.Basis), State: pill{"warn", v.say("Warns")},
			When: v.at(a.RaisedAt), By: v.person(a.RaisedBy), Found: v.actionText(a.Operation),
		}
		if a.Effect == screening.Block {
			row.State = pill{"bad", v.say("Blocks")}
		}
		if n, known := names[a.ClientID]; known {
			row.Name, row.Number, row.Path = n.Client, n.Number, pathOfClient(n.Number)
		}
		page.Rows = append(page.Rows, row)
	}
	page.Pager = v.pagerTo(len(page.Rows), found.Next)
	return alertsScreen.show(v, page)
}

// basis says in what a person matches an entry.
func (v *visit) basis(b screening.Basis) string {
	switch b {
	case screening.OnName:
		return v.say("Name")
	case screening.OnNameBirth:
		return v.say("Name and birth date")
	}
	return v.say("RFC or CURP")
}
