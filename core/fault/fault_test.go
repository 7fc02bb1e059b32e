package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
)

func TestError(t *testing.T) {
	cause := errors.New("the connection was refused")
	err := New(Unavailable, "Service unavailable", "Servicio no disponible").With("retry_after", 5)
	err.Cause = cause
	wrapped := fmt.Errorf("while reading: %w", err)
	if !Is(wrapped, Unavailable) || Is(wrapped, Invalid) || Is(nil, Unavailable) || Is(cause, Unavailable) {
		t.Error("Is does not tell the codes apart")
	}
	if !errors.Is(wrapped, cause) || err.Error() != "Service unavailable" || err.Values["retry_after"] != 5 {
		t.Errorf("%v %v", err, err.Values)
	}
}

func TestField(t *testing.T) {
	err := InField("amount", "ensure this value is greater than 0", "value_error.number.not_gt", map[string]any{"limit_value": 0})
	got, _ := json.Marshal(err.Fields)
	want := `[{"loc":["body","amount"],"msg":"ensure this value is greater than 0","type":"value_error.number.not_gt","ctx":{"limit_value":0}}]`
	if string(got) != want || !Is(err, Invalid) || err.Spanish == "" {
		t.Errorf("%s\nwant %s", got, want)
	}
	plain, _ := json.Marshal(InField("email", "no", "value_error.email", nil).Fields[0])
	if string(plain) != `{"loc":["body","email"],"msg":"no","type":"value_error.email"}` {
		t.Errorf("%s", plain)
	}
}
