package layout_test

import (
	"math"
	"testing"

	"sofipo/core/money"
	"sofipo/document/layout"
)

func TestInWords(t *testing.T) {
	for amount, want := range map[money.Amount]string{
		0:                    "cero pesos 00/100 M.N.",
		5:                    "cero pesos 05/100 M.N.",
		1_00:                 "un peso 00/100 M.N.",
		1_99:                 "un peso 99/100 M.N.",
		16_00:                "dieciséis pesos 00/100 M.N.",
		21_00:                "veintiún pesos 00/100 M.N.",
		22_10:                "veintidós pesos 10/100 M.N.",
		30_00:                "treinta pesos 00/100 M.N.",
		31_00:                "treinta y un pesos 00/100 M.N.",
		100_00:               "cien pesos 00/100 M.N.",
		101_00:               "ciento un pesos 00/100 M.N.",
		555_55:               "quinientos cincuenta y cinco pesos 55/100 M.N.",
		999_00:               "novecientos noventa y nueve pesos 00/100 M.N.",
		1_000_00:             "mil pesos 00/100 M.N.",
		2_500_00:             "dos mil quinientos pesos 00/100 M.N.",
		21_000_00:            "veintiún mil pesos 00/100 M.N.",
		100_000_00:           "cien mil pesos 00/100 M.N.",
		701_001_00:           "setecientos un mil un pesos 00/100 M.N.",
		1_000_000_00:         "un millón de pesos 00/100 M.N.",
		1_000_001_00:         "un millón un pesos 00/100 M.N.",
		31_000_000_00:        "treinta y un millones de pesos 00/100 M.N.",
		1_500_000_00:         "un millón quinientos mil pesos 00/100 M.N.",
		1_000_000_000_00:     "mil millones de pesos 00/100 M.N.",
		1_001_000_000_00:     "mil un millones de pesos 00/100 M.N.",
		1_000_000_000_000_00: "un billón de pesos 00/100 M.N.",
		money.Max: "nueve billones novecientos noventa y nueve mil novecientos noventa y nueve millones " +
			"novecientos noventa y nueve mil novecientos noventa y nueve pesos 99/100 M.N.",
		-2_500_50: "menos dos mil quinientos pesos 50/100 M.N.",
	} {
		if got := layout.InWords(amount); got != want {
			t.Errorf("InWords(%s) = %q, want %q", amount, got, want)
		}
	}
	if got := layout.InWords(math.MinInt64); got == "" {
		t.Error("got no words for the least amount, want some")
	}
}
