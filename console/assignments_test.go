package console

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/text"
)

// TestAnAssignmentThatPanics: the others are assigned, the one that panicked is shown without the cause,
// and the log has it.
func TestAnAssignmentThatPanics(t *testing.T) {
	var log bytes.Buffer
	v := &visit{server: &server{Options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}, r: httptest.NewRequest("GET", "/console/", nil), lang: text.ES}
	a := &assigning{items: []assigned{{Number: "P-1"}, {Number: "P-2"}, {Number: "P-3"}}, each: func(_ context.Context, _ *visit, _ bank.By, it *assigned) (uint64, error) {
		if it.Number == "P-2" {
			panic("broken")
		}
		return 7, nil
	}}
	a.run(v)
	if len(a.refused) != 1 || a.refused[0].Number != "P-2" || a.refused[0].Reason != "Algo falló aquí" || a.done != 2 || a.token != 7 {
		t.Errorf("got %d done, the token %d and the refusals %+v, want 2 done, the token 7, and P-2 refused", a.done, a.token, a.refused)
	}
	if got := log.String(); !strings.Contains(got, "broken") {
		t.Errorf("got the log %q, want the panic in it", got)
	}
}
