package document

import (
	"iter"
	"strings"

	"sofipo/document/layout"
	"sofipo/text"
)

// Column is a column of a list: a member of the rows, or a member of an object within them.
type Column struct {
	Path []string // names of the member in JSON, from the outside
	Kind layout.Kind
}

// List returns a list as a table. Each row has a value for each column.
func (i Issuer) List(title string, columns []Column, rows iter.Seq2[layout.Row, error]) File {
	headings := make([]layout.Heading, len(columns))
	for n, c := range columns {
		headings[n] = layout.Heading{Name: heading(c.Path), Column: strings.Join(spanish(c.Path), "_"), Kind: c.Kind, Data: c.Kind == layout.ID}
	}
	name := strings.ReplaceAll(layout.ColumnName(title), "_", "-") + "-" + i.Today.String()
	return i.report(name, title, "al "+text.Of(text.ES, i.Today), headings, rows)
}

// Named reports whether a member of JSON has a name in Spanish.
func Named(member string) bool { return memberNames[member] != "" }

// heading returns the name of a column for people: "Contacto: canal".
func heading(path []string) string {
	names := make([]string, len(path))
	for i, member := range path {
		names[i] = memberNames[member]
		if i > 0 && !strings.HasPrefix(names[i], "IVA") && !strings.HasPrefix(names[i], "RFC") {
			names[i] = lowerFirst(names[i])
		}
	}
	return strings.Join(names, ": ")
}

// spanish returns the names of a column for programs: contacto, canal.
func spanish(path []string) []string {
	names := make([]string, len(path))
	for i, member := range path {
		names[i] = layout.ColumnName(memberNames[member])
	}
	return names
}

func lowerFirst(s string) string {
	for i, r := range s {
		if i > 0 {
			return strings.ToLower(s[:i]) + s[i:]
		}
		_ = r
	}
	return strings.ToLower(s)
}

// memberNames are the names of the members of lists in Spanish.
var memberNames = map[string]string{
	"account": "Cuenta", "action": "Operación", "activated_by": "Activó", "actor": "Usuario", "added": "Agregados", "added_at": "Fecha de alta",
	"added_by": "Dio de alta", "address": "Domicilio", "address_kind": "Tipo de domicilio", "alerts": "Alertas", "allocation": "Orden de aplicación",
	"alone": "Sin segunda persona", "amount": "Importe", "amounts": "Importes", "annual_rate": "Tasa anual", "api_key_id": "Id de la llave de API",
	"api_key_name": "Llave de API", "applied": "Aplicados", "applied_by": "Solicitó", "approval": "Autorización",
	"approval_limit": "Límite de autorización", "approved_by": "Autorizó", "asked": "Exigible", "at": "Fecha y hora", "attempts": "Intentos",
	"back_dating": "Fecha valor anterior", "back_dating_days": "Días de fecha valor anterior", "bad": "Con error", "balance": "Saldo", "bank": "Banco",
	"bank_account": "Id de la cuenta bancaria", "bank_account_id": "Id de la cuenta bancaria", "base": "Base", "basis": "Coincidencia por",
	"began_at": "Inicio", "behind": "Eventos pendientes", "branch": "Id de la sucursal", "branch_id": "Id de la sucursal",
	"business_date": "Fecha contable", "cancellation": "Cancelación", "cancellation_reason": "Motivo de la cancelación", "capitalise": "Capitaliza",
	"capitalised_interest": "Intereses capitalizados", "cat_time": "Plazos del CAT", "changed_at": "Fecha del cambio", "changed_by": "Cambió",
	"channel": "Canal", "clabe": "CLABE", "classification": "Clasificación", "client_id": "Id del cliente", "client_name": "Cliente",
	"clients": "Clientes", "closed": "Cerrado", "closed_at": "Fecha de cierre", "closed_by": "Cerró", "closed_on": "Día de cierre",
	"cnbv_code": "Código CNBV", "code": "Clave", "collateral": "Garantía", "collector": "Gestor", "command": "Orden", "concept": "Concepto",
	"confirmed": "Avisos confirmados", "confirmed_at": "Fecha de confirmación", "confirmed_by": "Confirmó", "contact": "Contacto",
	"contacted_at": "Fecha del contacto", "control": "De control", "correlation_id": "Id de correlación", "counted": "Contado",
	"created_at": "Fecha de registro", "created_by": "Registró", "current": "Actual", "current_balance": "Saldo de capital", "date": "Fecha",
	"day": "Día", "day_count": "Base de días", "days": "Días", "days_late": "Días de atraso", "days_past_due": "Días de atraso",
	"dead_letters": "Entregas fallidas", "decided_at": "Fecha de la decisión", "decided_by": "Decidió", "decided_on": "Día de la decisión",
	"decision_reason": "Motivo de la decisión", "description": "Descripción", "device": "Dispositivo", "disabled": "Inhabilitado",
	"disbursed_on": "Día de la disposición", "disbursement": "Disposición", "disbursement_date": "Fecha de la disposición", "due_date": "Vencimiento",
	"duration_ms": "Duración en ms", "early_write_off": "Castigo anticipado", "edited_by": "Editó", "effect": "Efecto",
	"effective_from": "Vigente desde", "effective_to": "Vigente hasta", "email": "Correo electrónico", "ended_at": "Fin",
	"entity_id": "Id de la entidad", "entries": "Registros", "entry_date": "Fecha de la póliza", "entry_id": "Id de la póliza",
	"entry_kind": "Tipo de póliza", "epoch": "Época", "error": "Error", "event_id": "Id del evento", "event_type": "Tipo de evento",
	"events": "Eventos", "excess": "Excedente", "expected": "Esperado", "expires_at": "Vence", "expires_on": "Día de vencimiento",
	"export": "Archivo entregado", "exposure": "Exposición", "fee": "Comisión", "fees": "Comisiones", "fields": "Campos", "file": "Archivo",
	"file_id": "Id del archivo", "filed_at": "Fecha de la solicitud", "filed_by": "Solicitó", "first_due_date": "Primer vencimiento",
	"first_failed": "Primer intento fallido", "folio": "Folio", "frequency": "Frecuencia", "from": "Desde", "from_unapplied": "A favor usado",
	"full_name": "Nombre", "grace": "Gracia", "grace_days": "Días de gracia", "granted_at": "Fecha de otorgamiento", "hash": "Huella",
	"holiday_rule": "Días inhábiles", "id": "Id", "imported_at": "Fecha de importación", "imported_by": "Importó", "incomplete": "Por completar",
	"inflation": "Inflación", "instalment": "Amortización", "insurance": "Seguro", "interest": "Intereses",
	"interest_follows": "Intereses según el saldo", "interest_periods": "Periodos de gracia de intereses", "interest_rate": "Tasa de interés",
	"iva": "IVA", "iva_fee": "IVA de comisiones", "iva_interest": "IVA de intereses", "iva_penalty_interest": "IVA de moratorios",
	"iva_rate": "Tasa de IVA", "keep_excess": "Guarda el excedente", "kind": "Tipo", "known": "Ya conocidos", "latitude": "Latitud",
	"level": "Pago fijo", "level_by_periods": "Pago fijo por periodos", "limit": "Límite", "limits": "Límites", "line": "Renglón", "link": "Enlace",
	"list": "Lista", "loan_id": "Id del préstamo", "loan_number": "Préstamo", "loans": "Préstamos", "loans_expected": "Préstamos esperados",
	"longitude": "Longitud", "made_at": "Fecha de registro", "made_by": "Registró", "made_on": "Día de registro", "max_amount": "Importe máximo",
	"max_periods": "Plazo máximo", "max_rate": "Tasa máxima", "method": "Método", "min_amount": "Importe mínimo", "min_periods": "Plazo mínimo",
	"min_rate": "Tasa mínima", "missed": "Eventos no entregados", "mode": "Modalidad", "month": "Mes", "month_end": "Fin de mes", "name": "Nombre",
	"name_en": "Nombre en inglés", "name_es": "Nombre en español", "nature": "Naturaleza", "new_terms": "Nuevas condiciones",
	"next_channel": "Siguiente canal", "next_on": "Siguiente fecha", "note": "Nota", "number": "Número", "officer": "Ejecutivo",
	"old_secret_until": "Secreto anterior hasta", "opened_at": "Apertura", "opened_on": "Día de apertura", "opening": "Fondo inicial",
	"operation": "Operación", "origination": "Comisión por apertura", "origination_payment": "Pago de la comisión por apertura", "outgoing": "Salidas",
	"outside_hours": "Fuera de horario", "overdraft": "Permite sobregiro", "overdue_principal": "Capital exigible vencido", "owed": "Por pagar",
	"paid": "Pagado", "payment_date": "Fecha y hora del pago", "penalty_interest": "Moratorios", "percent": "Porcentaje",
	"period_days": "Días por periodo", "periodic": "Comisión periódica", "periods": "Periodos", "permissions": "Permisos", "phone": "Teléfono",
	"postable": "Acepta registros", "posted_at": "Fecha de registro", "previous_hash": "Huella anterior", "principal": "Capital",
	"principal_periods": "Periodos de gracia de capital", "problem": "Problema", "product": "Producto", "product_version": "Versión del producto",
	"progress": "Avance", "promise": "Promesa", "promised_on": "Fecha prometida", "proposed_at": "Fecha de la propuesta", "proposed_by": "Propuso",
	"provision": "Estimación preventiva", "raised_at": "Fecha de la alerta", "raised_by": "Operación de", "rate": "Tasa", "reason": "Motivo",
	"received": "Recibido", "recorded_at": "Fecha de registro", "recorded_by": "Registró", "reference": "Referencia", "refusal": "Rechazo",
	"rejected": "Rechazados", "removed": "Eliminados", "request": "Petición", "reserve": "Estimación por intereses", "residue": "Residuo",
	"resolved_at": "Fecha de la resolución", "resolved_by": "Resolvió", "restructure": "Reestructura", "result": "Resultado", "reversal": "Reversión",
	"reversed_by": "Id del reverso", "reverses": "Id de lo que revierte", "revoked_at": "Fecha de revocación", "rfc": "RFC", "role": "Rol",
	"rounding": "Redondeo", "rows": "Renglones", "rows_done": "Renglones procesados", "rules": "Versión de las reglas", "scope": "Alcance",
	"screened_at": "Fecha de la revisión", "screened_version": "Versión revisada", "sender": "Ordenante", "sequence": "Secuencia",
	"serial": "Número de sesión", "session": "Id de la sesión", "sha256": "SHA-256", "size": "Tamaño", "split": "Aplicación", "stage": "Etapa",
	"state": "Estado", "status": "Estado", "strategy": "Estrategia", "subject": "Id del asunto", "subtitle": "Detalle", "suspended": "Suspendidos",
	"taken": "Guardados", "taken_at": "Fecha de toma", "taken_by": "Tomó", "taken_on": "Día de toma", "teller": "Cajero",
	"term_months": "Plazo en meses", "terms": "Condiciones", "text": "Texto", "till": "Id de la caja", "tills": "Cajas", "times": "Veces",
	"timestamp": "Fecha y hora", "title": "Título", "to_unapplied": "A favor guardado", "total": "Total", "transaction_id": "Id del movimiento",
	"unapplied_funds": "Saldo a favor", "uploaded_at": "Fecha de subida", "uploaded_by": "Subió", "url": "URL", "used_at": "Último uso",
	"username": "Usuario", "valid_from": "Vigente desde", "valid_to": "Vigente hasta", "valid_until": "Vigente hasta", "value": "Valor",
	"value_date": "Fecha valor", "vault": "Id de la bóveda", "vault_of": "Bóveda de la sucursal", "version": "Versión", "webhook": "Webhook",
	"webhook_id": "Id del webhook", "what": "Qué consultó", "write_off": "Castigo", "written_at": "Fecha de registro", "written_by": "Escribió",
}
