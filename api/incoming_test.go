package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sofipo/core/access"
)

const mainAccount = "/api/v1/bank-accounts/00000000-0000-7000-8000-000000000002"

const layoutBody = `{"delimiter":"comma","header":true,"date_format":"DD/MM/YYYY","columns":[{"field":"date","name":"Fecha"},` +
	`{"field":"operation","name":"Folio"},{"field":"amount","name":"Importe"},{"field":"concept","name":"Concepto"},{"field":"sender","name":"Ordenante"}]}`

// uploaded is the body of a request that imports a file.
func uploaded(rows ...string) string {
	content := "Fecha,Folio,Importe,Concepto,Ordenante\r\n" + strings.Join(rows, "\r\n")
	return fmt.Sprintf(`{"name":"movimientos.csv","content":%q}`, base64.StdEncoding.EncodeToString([]byte(content)))
}

func (d *door) putAs(role access.Role, path, body string) reply {
	return d.send(http.MethodPut, path, body, append(d.as(role), "Content-Type", "application/json")...)
}

func (d *door) getAs(role access.Role, path string) reply {
	return d.send(http.MethodGet, path, "", d.as(role)...)
}

// TestIncomingPayments: a file is imported, and its deposits without a reference are resolved.
func TestIncomingPayments(t *testing.T) {
	d := open(t, nil)
	day := d.today()
	date := fmt.Sprintf("%02d/%02d/%04d", day.Day, day.Month, day.Year)
	reference := d.want(200, d.getAs(access.Auditor, "/api/v1/loans/"+d.loan+"/payment-references"))["transfer"].(string)
	file := uploaded(date+",1,100.50,PAGO "+reference+",MARIA", date+",2,20,,JUAN", date+",3,30,,JUAN", date+",4,x,,JUAN")

	d.want(409, d.do(access.Accountant, mainAccount+"/files", file))
	d.want(403, d.putAs(access.Officer, mainAccount+"/file-layout", layoutBody))
	d.want(422, d.putAs(access.Accountant, mainAccount+"/file-layout", `{"delimiter":"comma","date_format":"DD","columns":[]}`))
	d.want(200, d.putAs(access.Accountant, mainAccount+"/file-layout", layoutBody))
	d.want(200, d.getAs(access.Auditor, mainAccount+"/file-layout"))
	d.want(422, d.do(access.Accountant, mainAccount+"/files", `{"name":"a","content":"?"}`))
	d.want(403, d.do(access.Officer, mainAccount+"/files", file))
	preview := d.want(200, d.do(access.Accountant, mainAccount+"/files/preview", file))
	done := d.want(200, d.do(access.Accountant, mainAccount+"/files", file))
	for name, answer := range map[string]map[string]any{"preview": preview, "import": done} {
		got := ""
		for _, row := range answer["rows"].([]any) {
			got += fmt.Sprint(row.(map[string]any)["line"], " ", row.(map[string]any)["outcome"], ";")
		}
		if want := "2 APPLIED;3 SUSPENSE;4 SUSPENSE;5 BAD;"; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	bad := done["rows"].([]any)[3].(map[string]any)
	if bad["field"] != "amount" || bad["reason"] == "" {
		t.Errorf("got %v, want the field amount and a reason", bad)
	}
	deposit := func(row int) string {
		payments := done["rows"].([]any)[row].(map[string]any)["payments"].([]any)
		return "/api/v1/incoming-payments/" + payments[0].(map[string]any)["id"].(string)
	}
	d.want(422, d.do(access.Accountant, deposit(1)+"/return", `{"reference":""}`))
	d.want(201, d.do(access.Accountant, deposit(1)+"/return", `{"reference":"T-1"}`))
	d.want(409, d.do(access.Accountant, deposit(1)+"/return", `{"reference":"T-1"}`))
	assigned := d.want(201, d.do(access.Accountant, deposit(2)+"/assignment", `{"loan_id":"`+d.loan+`"}`))
	if assigned["status"] != "ASSIGNED" || assigned["loan_id"] != d.loan {
		t.Errorf("got %v, want it assigned to the loan", assigned)
	}
	d.want(403, d.do(access.Accountant, deposit(2)+"/income", `{"reason":"x"}`))
	if one := d.want(200, d.getAs(access.Auditor, deposit(1))); one["status"] != "RETURNED" {
		t.Errorf("got %v, want it returned", one)
	}
}
