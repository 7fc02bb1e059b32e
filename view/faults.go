package view

import (
	"fmt"

	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/ledger"
)

func errForbidden(p access.Permission) error {
	return fault.New(fault.Forbidden, "Not enough permissions", "Sin permiso para esta operación").With("permission", string(p))
}

func errDatabaseAway(cause error) error {
	away := fault.New(fault.Unavailable, "Service unavailable: the database does not answer", "Servicio no disponible; intente de nuevo")
	away.Cause = cause
	return away
}

func errClientNotFound() error {
	return fault.New(fault.ClientNotFound, "Client not found", "Cliente no encontrado")
}

func errLoanNotFound() error {
	return fault.New(fault.LoanNotFound, "Loan not found", "Préstamo no encontrado")
}

func errMovementNotFound() error {
	return fault.New(fault.MovementNotFound, "Movement not found", "Movimiento no encontrado")
}

func errProductNotFound() error {
	return fault.New(fault.ProductNotFound, "Product not found", "Producto no encontrado")
}

// errNotInForce says that a product has versions, but none on the day.
func errNotInForce(code string, on civil.Date) error {
	return fault.New(fault.ProductNotFound, fmt.Sprintf("Product not found: no version of %s is in force on %s", code, on),
		fmt.Sprintf("Producto no encontrado: ninguna versión de %s está vigente el %s", code, on))
}

func errUserNotFound() error {
	return fault.New(fault.UserNotFound, "User not found", "Usuario no encontrado")
}

func errAccountNotFound(code ledger.Account, on civil.Date) error {
	return fault.New(fault.AccountNotFound, fmt.Sprintf("Account not found: the chart of %s has no account %s", on, code),
		fmt.Sprintf("Cuenta no encontrada: el catálogo del %s no tiene la cuenta %s", on, code))
}

func errEntryNotFound() error {
	return fault.New(fault.EntryNotFound, "Entry not found", "Asiento no encontrado")
}

func errManualEntryNotFound() error {
	return fault.New(accounting.ManualEntryNotFound, "Entry not found", "Póliza no encontrada")
}

// errDropped says that the positions of a closed day were not kept.
func errDropped(day civil.Date) error {
	return fault.New(fault.NoPositions, fmt.Sprintf("There are no positions of %s any more: they were dropped", day),
		fmt.Sprintf("Ya no hay posiciones del %s: se depuraron", day))
}

// errNoPositions says which day has some.
func errNoPositions(asked, last civil.Date) error {
	if last.IsZero() {
		return fault.New(fault.NoPositions, "There are no positions: no day was closed yet", "No hay posiciones: aún no se ha cerrado ningún día")
	}
	return fault.New(fault.NoPositions, fmt.Sprintf("There are no positions of %s; the last closed day is %s", asked, last),
		fmt.Sprintf("No hay posiciones del %s; el último día cerrado es el %s", asked, last)).With("last_closed_day", last)
}

// errPageStart refuses an id after which no page begins.
func errPageStart(what string) error {
	return fault.InFields([]fault.Field{{Loc: []any{"query", "after"}, Message: "must be the id of " + what + ", as the Link header gives it", Type: "value_error"}})
}

// between refuses a day that is outside the two.
func between(name string, day, earliest, latest civil.Date) error {
	if !day.Before(earliest) && !day.After(latest) {
		return nil
	}
	return fault.InFields([]fault.Field{{
		Loc: []any{"query", name}, Message: fmt.Sprintf("must be from %s to %s", earliest, latest), Type: "value_error.date",
		Context: map[string]any{"earliest": earliest, "latest": latest},
	}})
}
