package mx

// CLABE is an account number for interbank transfers (Clave Bancaria
// Estandarizada): 3 digits for the bank, 3 for the plaza (city), 11 for the account and
// a check digit.
type CLABE string

var (
	errCLABELength = Error{InvalidLength, "CLABE must have 18 digits, not counting spaces and hyphens"}
	errCLABEShape  = Error{InvalidFormat, "CLABE must have digits only"}
	errCLABEDigit  = Error{InvalidVerificationDigit, "CLABE has a check digit that does not match its other digits; compare it with the document"}
)

// NormalizeCLABE trims s and drops spaces and hyphens. It does not check the result.
func NormalizeCLABE(s string) string { return normalize(s, " \u00a0-") }

// ParseCLABE normalises s and checks its length, digits and check digit. Bank
// and plaza are not looked up: see Catalogue. The error is an Error with one of
// the codes InvalidLength, InvalidFormat, InvalidVerificationDigit.
func ParseCLABE(s string) (CLABE, error) {
	if len(s) > maxInput {
		return "", errCLABELength
	}
	c := CLABE(NormalizeCLABE(s))
	for _, r := range c {
		if r < '0' || r > '9' {
			return "", errCLABEShape
		}
	}
	if len(c) != 18 {
		return "", errCLABELength
	}
	if c[17] != clabeDigit(string(c[:17])) {
		return "", errCLABEDigit
	}
	return c, nil
}

// NewCLABE returns the CLABE of an account from the 3 digits of the bank, the 3 digits of
// the plaza and the 11 digits of the account. The error is that of ParseCLABE.
func NewCLABE(bank, plaza, account string) (CLABE, error) {
	if len(bank) != 3 || len(plaza) != 3 || len(account) != 11 {
		return "", Error{InvalidLength, "CLABE needs 3 digits for the bank, 3 for the plaza and 11 for the account"}
	}
	stem := bank + plaza + account
	return ParseCLABE(stem + string(rune(clabeDigit(stem))))
}

// Bank returns the 3 digits of the bank, "" for the zero CLABE.
func (c CLABE) Bank() string { return c.part(0, 3) }

// Plaza returns the 3 digits of the plaza, "" for the zero CLABE.
func (c CLABE) Plaza() string { return c.part(3, 6) }

// Account returns the 11 digits of the account, "" for the zero CLABE.
func (c CLABE) Account() string { return c.part(6, 17) }

func (c CLABE) part(from, to int) string {
	if len(c) != 18 {
		return ""
	}
	return string(c[from:to])
}

// clabeDigit computes the check digit for the first 17 digits: weights 3, 7, 1,
// each product modulo 10.
func clabeDigit(stem string) byte {
	weights, sum := [3]int{3, 7, 1}, 0
	for i := range len(stem) {
		sum += int(stem[i]-'0') * weights[i%3] % 10
	}
	return byte('0' + (10-sum%10)%10)
}
