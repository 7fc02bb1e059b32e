package imports

import (
	"slices"
	"strings"

	"sofipo/core/fault"
	"sofipo/core/names"
)

// Field is a field of a row.
type Field string

// The fields.
const (
	Number           Field = "id"
	FullName         Field = "full_name"
	GivenNames       Field = "given_names"
	PaternalSurname  Field = "paternal_surname"
	MaternalSurname  Field = "maternal_surname"
	RFC              Field = "rfc"
	Email            Field = "email"
	Since            Field = "created_at"
	ClientNumber     Field = "client"
	ClientRFC        Field = "client_rfc"
	ProductCode      Field = "product"
	Amount           Field = "amount"
	InterestRate     Field = "interest_rate"
	TermMonths       Field = "term_months"
	Periods          Field = "remaining_periods"
	LoanStatus       Field = "status"
	GrantedAt        Field = "granted_at"
	Principal        Field = "balance"
	NextDue          Field = "next_due"
	DaysPastDue      Field = "days_past_due"
	OverduePrincipal Field = "overdue_principal"
	UnpaidInterest   Field = "unpaid_interest"
	UnpaidIVA        Field = "unpaid_iva"
	PenaltyInterest  Field = "penalty_interest"
	LoanNumber       Field = "loan"
	PaidAt           Field = "paid_at"
	Reference        Field = "reference"
	Account          Field = "account"
	DebitSide        Field = "debit"
	CreditSide       Field = "credit"
)

// Personal reports whether the field has data about a person. The value of a rejected row is then
// not kept: no client owns it, so it would outlive the destruction of the person's data.
func (f Field) Personal() bool {
	return slices.Contains([]Field{FullName, GivenNames, PaternalSurname, MaternalSurname, RFC, Email, ClientRFC, Reference}, f)
}

// column is a column that a file may have.
type column struct {
	field    Field
	required bool
	names    string // further names, separated by commas, in the form of names.Plain
	example  [2]string
}

// columns are the columns of each kind, in the order of the template.
var columns = map[Kind][]column{
	Clients: {
		{Number, true, "cliente,numero de cliente,no cliente,no de cliente,clave,clave de cliente,socio,numero de socio,client id", [2]string{"C-0001", "C-0002"}},
		{FullName, false, "nombre,nombre completo,razon social,cliente nombre", [2]string{"", "Ferretería La Peña S.A. de C.V."}},
		{GivenNames, false, "nombres,nombre de pila", [2]string{"María José", ""}},
		{PaternalSurname, false, "apellido paterno,primer apellido,paterno", [2]string{"Núñez", ""}},
		{MaternalSurname, false, "apellido materno,segundo apellido,materno", [2]string{"Peña", ""}},
		{RFC, false, "", [2]string{"NUPM850214QX3", "FPE9803127T4"}},
		{Email, false, "correo,correo electronico,e mail,mail", [2]string{"maria.nunez@example.com", "contacto@example.com"}},
		{Since, false, "fecha de alta,fecha alta,alta,fecha de registro,fecha de ingreso", [2]string{"2019-03-01", "15/08/2020"}},
	},
	Loans: {
		{Number, true, "credito,numero de credito,no credito,no de credito,prestamo,numero de prestamo,contrato,numero de contrato,folio,loan id", [2]string{"CR-1001", "CR-1002"}},
		{ClientNumber, false, "cliente,numero de cliente,no cliente,no de cliente,socio,client id", [2]string{"C-0001", ""}},
		{ClientRFC, false, "rfc,rfc del cliente", [2]string{"", "FPE9803127T4"}},
		{ProductCode, false, "producto", [2]string{"seed", ""}},
		{Amount, true, "monto,monto otorgado,monto original,importe,capital inicial,monto del credito", [2]string{"50,000.00", "120000"}},
		{InterestRate, true, "tasa,tasa anual,tasa de interes,tasa ordinaria", [2]string{"36%", "0.24"}},
		{TermMonths, true, "plazo,plazo en meses,plazo meses,meses", [2]string{"24", "36"}},
		{Periods, false, "pagos restantes,periodos restantes,plazo restante,pagos por vencer", [2]string{"10", ""}},
		{LoanStatus, false, "estatus,estado,situacion", [2]string{"ACTIVE", "PAID_OFF"}},
		{GrantedAt, true, "fecha de otorgamiento,fecha otorgamiento,fecha de entrega,fecha de disposicion,fecha de inicio,fecha inicio,fecha", [2]string{"2025-03-15", "01/02/2022"}},
		{Principal, true, "saldo,saldo capital,saldo de capital,saldo insoluto,capital insoluto,current balance", [2]string{"31,250.50", "0"}},
		{NextDue, false, "proximo vencimiento,proximo pago,fecha de proximo pago,fecha proximo pago", [2]string{"2027-01-15", ""}},
		{DaysPastDue, false, "dias de atraso,dias atraso,dias vencidos,dias de mora,dias mora", [2]string{"45", ""}},
		{OverduePrincipal, false, "capital vencido,saldo vencido,capital exigible", [2]string{"2,900.00", ""}},
		{UnpaidInterest, false, "interes vencido,intereses vencidos,interes no pagado", [2]string{"1,120.35", ""}},
		{UnpaidIVA, false, "iva vencido,iva de intereses,iva de interes,iva por cobrar", [2]string{"179.26", ""}},
		{PenaltyInterest, false, "moratorios,interes moratorio,intereses moratorios", [2]string{"85.00", ""}},
	},
	Payments: {
		{Number, false, "pago,numero de pago,no pago,recibo,numero de recibo,folio,movimiento,payment id", [2]string{"R-55001", "R-55002"}},
		{LoanNumber, true, "credito,numero de credito,no credito,no de credito,prestamo,numero de prestamo,contrato,numero de contrato,loan id", [2]string{"CR-1001", "CR-1001"}},
		{Amount, true, "monto,importe,abono,cantidad,monto pagado", [2]string{"2,650.00", "2650"}},
		{PaidAt, true, "fecha,fecha de pago,fecha pago,fecha del pago,payment date", [2]string{"2025-04-15", "15/05/2025"}},
		{Reference, false, "referencia,concepto", [2]string{"", "Ventanilla"}},
	},
	Balances: {
		{Account, true, "cuenta,cuenta contable,codigo", [2]string{"1102", "4101"}},
		{DebitSide, false, "cargo,cargos,debe,deudor,saldo deudor", [2]string{"1,000,000.00", ""}},
		{CreditSide, false, "abono,abonos,haber,acreedor,saldo acreedor", [2]string{"", "1,000,000.00"}},
		{Principal, false, "saldo,saldo final", [2]string{"", ""}},
	},
}

// FieldsOf lists the fields of a kind, in the order of the template.
func FieldsOf(k Kind) (all []Field) {
	for _, c := range columns[k] {
		all = append(all, c.field)
	}
	return all
}

// Template returns the heading and two example rows of a kind.
func Template(k Kind) (rows [3][]string) {
	for _, c := range columns[k] {
		rows[0] = append(rows[0], string(c.field))
		rows[1], rows[2] = append(rows[1], c.example[0]), append(rows[2], c.example[1])
	}
	return rows
}

// Columns finds the fields of a heading. A column has the name of its field, one of its Spanish
// names, or a name in mapped, which has fields by names; the empty field says that a column is not
// read. Other columns are not read; they are in ignored. It refuses a heading without a required
// column, with a field twice, or with mapped names that it does not have.
func Columns(k Kind, heading []string, mapped map[string]Field) (at map[Field]int, ignored []string, err error) {
	at = map[Field]int{}
	left := map[string]Field{}
	for name, field := range mapped {
		if field != "" && !slices.Contains(FieldsOf(k), field) {
			return nil, nil, fault.Wrong(fault.At("map", FieldKnown, "accepted", FieldsOf(k)))
		}
		left[names.Plain(name)] = field
	}
	for i, head := range heading {
		field, is := left[names.Plain(head)]
		if is {
			delete(left, names.Plain(head))
		} else {
			field, _ = FieldOf(k, head)
		}
		if field == "" {
			if strings.TrimSpace(head) != "" {
				ignored = append(ignored, head)
			}
			continue
		}
		if _, twice := at[field]; twice {
			return nil, nil, fault.Wrong(fault.At(string(field), ColumnOnce))
		}
		at[field] = i
	}
	for name := range left {
		return nil, nil, fault.Wrong(fault.At("map", ColumnKnown, "column", name))
	}
	var flaws fault.Flaws
	for _, c := range columns[k] {
		_, found := at[c.field]
		flaws.Unless(found || !c.required, string(c.field), ColumnMissing)
	}
	return at, ignored, flaws.Err()
}

// FieldOf returns the field of a kind that a column has by its name.
func FieldOf(k Kind, head string) (Field, bool) {
	name := names.Plain(head)
	for _, c := range columns[k] {
		if name == names.Plain(string(c.field)) || slices.Contains(strings.Split(c.names, ","), name) {
			return c.field, true
		}
	}
	return "", false
}
