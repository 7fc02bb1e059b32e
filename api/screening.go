package api

import (
	"context"
	"net/http"

	"sofipo/api/seedform"
	"sofipo/bank"
	screens "sofipo/bank/screening"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/screening"
	"sofipo/view"
)

const screeningTag = "Screening"

var _ = mount(132, screeningOperations)

var screeningOperations = []operation{
	read[[]screening.List](operation{
		method: http.MethodGet, path: "/api/v1/screening/lists", id: "read_screening_lists_api_v1_screening_lists_get",
		tag: screeningTag, summary: "List the screening lists", permission: screening.Read, status: http.StatusOK,
		about: "Lists the lists of persons with which clients are compared, each with its version in force.",
	}, func(ctx context.Context, v *view.View, by view.By, _ *rowsInput) ([]byte, id.ID, error) {
		all, err := v.ScreeningLists(ctx, by)
		return appendAll(nil, all), id.ID{}, err
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/screening/lists/{list}/versions", id: "import_screening_list_api_v1_screening_lists__list__versions_post",
		tag: screeningTag, summary: "Import a screening list", status: http.StatusCreated,
		about: "Replaces the entries of a list by those of a CSV file in UTF-8, as the next version. The heading has any of the columns full_name, or given_names, " +
			"paternal_surname and maternal_surname; rfc, curp, birth_date, list, reference; also in Spanish (nombre_completo, nombres, apellido_paterno, " +
			"apellido_materno, fecha_nacimiento, lista, referencia). A file with bad rows is refused with each row's line and field, and nothing is imported, unless " +
			"skip_bad_rows is true. The same file again changes nothing. All clients are then compared with the list in the background.",
		refusals: []fault.Code{screening.EffectStays},
	}, func(in *importList) bank.Command[screening.Version] {
		return &screens.ImportList{List: in.List, Title: given(in.Title), Effect: given(in.Effect), SkipBad: in.SkipBad, Content: in.Body.Content}
	}),
	read[[]screening.Version](operation{
		method: http.MethodGet, path: "/api/v1/screening/lists/{list}/versions", id: "read_screening_versions_api_v1_screening_lists__list__versions_get",
		tag: screeningTag, summary: "List the versions of a list", permission: screening.Read, status: http.StatusOK, effect: lists,
		about: "Lists the imported versions of a list, oldest first: what each added and removed, the rows that were left out, and the result of the comparison with all clients.",
	}, func(ctx context.Context, v *view.View, by view.By, in *versionsOfList) ([]byte, id.ID, error) {
		return pageBody(v.ScreeningVersions(ctx, by, in.List, in.page()))
	}),
	read[[]screening.Alert](operation{
		method: http.MethodGet, path: "/api/v1/screening/alerts", id: "read_screening_alerts_api_v1_screening_alerts_get",
		tag: screeningTag, summary: "List screening alerts", permission: screening.Read, status: http.StatusOK, effect: lists,
		about: "Lists the matches of people with lists, oldest first. An alert without client_id is of a person whose registration was refused.",
	}, func(ctx context.Context, v *view.View, by view.By, in *alertsInput) ([]byte, id.ID, error) {
		which := view.AlertFilter{Status: given(in.Status), List: given(in.List), ClientID: given(in.ClientID)}
		return pageBody(v.Alerts(ctx, by, which, in.page()))
	}),
	read[screening.Entry](operation{
		method: http.MethodGet, path: "/api/v1/screening/alerts/{alert_id}/entry", id: "read_alert_entry_api_v1_screening_alerts__alert_id__entry_get",
		tag: screeningTag, summary: "Read the entry of an alert", permission: screening.Read, status: http.StatusOK,
		about:    "Returns the entry of the list that the person of an alert matches.",
		refusals: []fault.Code{screening.AlertNotFound},
	}, func(ctx context.Context, v *view.View, by view.By, in *alertByID) ([]byte, id.ID, error) {
		return bodyOf(v.AlertEntry(ctx, by, in.AlertID))
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/screening/alerts/{alert_id}/decision", id: "decide_screening_alert_api_v1_screening_alerts__alert_id__decision_post",
		tag: screeningTag, summary: "Decide on a screening alert", status: http.StatusOK,
		about: "Records that the person is another one than the list's (cleared), so that operations may go on, or the same (confirmed). " +
			"Somebody other than the person whose operation raised the alert decides it.",
		refusals: []fault.Code{screening.AlertNotFound, screening.AlertDecided, access.FourEyes},
	}, func(in *decideAlert) bank.Command[screening.Alert] {
		return screens.DecideAlert{ID: in.AlertID, Decision: in.Body.Decision, Reason: in.Body.Reason}
	}),
}

type importList struct {
	List    screening.ListCode `path:"list" doc:"Code of the list: LPB, OFAC, ONU, PEP, 69-B or another one of upper-case letters, digits and hyphens."`
	Title   *string            `query:"title" doc:"Title of the list. Kept if omitted."`
	Effect  *screening.Effect  `query:"effect" enum:"block,warn" doc:"Effect of a match. Only for the first version of a list that the program does not know."`
	SkipBad bool               `query:"skip_bad_rows" default:"false" doc:"Whether to import the good rows of a file that has bad rows. The answer lists the bad ones."`
	Body    seedform.File      `media:"text/csv" most:"16384"`
}

type pageOfRows struct {
	Limit int64  `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of results."`
	After *id.ID `query:"after" doc:"Return results after the one with this id. The Link header has the URL of the next page."`
	tableFormat
}

func (p *pageOfRows) page() view.Paging { return view.Paging{After: given(p.After), Limit: p.Limit} }

type versionsOfList struct {
	List screening.ListCode `path:"list"`
	pageOfRows
}

type alertsInput struct {
	Status   *screening.Status   `query:"status" enum:"open,cleared,confirmed" doc:"Filter by state."`
	List     *screening.ListCode `query:"list" doc:"Filter by list."`
	ClientID *id.ID              `query:"client_id" doc:"Filter by client."`
	pageOfRows
}

type alertByID struct {
	AlertID id.ID `path:"alert_id"`
}

type decideAlert struct {
	alertByID
	Body AlertDecision
}

// AlertDecision is the body of a request that decides on an alert.
type AlertDecision struct {
	Decision screening.Status `json:"decision" enum:"cleared,confirmed" doc:"cleared: another person; confirmed: the person on the list."`
	Reason   string           `json:"reason" maxLength:"500" doc:"Reason of the decision." example:"Otra fecha de nacimiento en la identificación"`
}
