package layout

import (
	"fmt"
	"strings"

	"sofipo/core/money"
)

var (
	units = strings.Fields("cero un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince " +
		"dieciséis diecisiete dieciocho diecinueve veinte veintiún veintidós veintitrés veinticuatro veinticinco " +
		"veintiséis veintisiete veintiocho veintinueve")
	tens     = strings.Fields("cero diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa")
	hundreds = strings.Fields("cero ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos")
)

// InWords returns the amount as Mexican documents write it: "dos mil quinientos pesos
// 00/100 M.N.". The number is in the short masculine form that comes before a
// noun (veintiún pesos, un millón de pesos); millions are counted in the long
// scale (mil millones, un billón).
func InWords(a money.Amount) string {
	sign, n := "", uint64(a)
	if a < 0 {
		sign, n = "menos ", -n
	}
	pesos, centavos := n/100, n%100
	noun := " pesos"
	switch {
	case pesos == 1:
		noun = " peso"
	case pesos > 0 && pesos%1_000_000 == 0:
		noun = " de pesos"
	}
	return fmt.Sprintf("%s%s%s %02d/100 M.N.", sign, cardinal(pesos), noun, centavos)
}

// cardinal is the number before a masculine noun.
func cardinal(n uint64) string {
	switch {
	case n < 30:
		return units[n]
	case n < 100:
		return tens[n/10] + rest(" y ", n%10)
	case n == 100:
		return "cien"
	case n < 1_000:
		return hundreds[n/100] + rest(" ", n%100)
	case n < 2_000:
		return "mil" + rest(" ", n%1_000)
	case n < 1_000_000:
		return cardinal(n/1_000) + " mil" + rest(" ", n%1_000)
	case n < 1_000_000_000_000:
		return millions(n/1_000_000, "millón", "millones") + rest(" ", n%1_000_000)
	default:
		return millions(n/1_000_000_000_000, "billón", "billones") + rest(" ", n%1_000_000_000_000)
	}
}

// millions is a number of millions or billions.
func millions(n uint64, one, many string) string {
	if n == 1 {
		return "un " + one
	}
	return cardinal(n) + " " + many
}

// rest returns the words after a round number. It is empty for 0.
func rest(link string, n uint64) string {
	if n == 0 {
		return ""
	}
	return link + cardinal(n)
}
