package console

import (
	"context"
	"net/url"
	"slices"

	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/screening"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
	"sofipo/view"
)

// line is a list in which something waits for the user. The page at Path lists Count rows.
type line struct {
	Label, Path string
	Count       int
	More        bool // there are more than Count
	Urgent      bool
}

// mostCounted limits what a line counts.
const mostCounted = 100

var linePhrases = phrases{
	"Lists with something to do":                      "Listas con pendientes",
	"Payments due today":                              "Pagos que vencen hoy",
	"Payments due in the next seven days":             "Pagos que vencen en los próximos siete días",
	"Applications under review":                       "Solicitudes en revisión",
	"Applications approved, to be disbursed":          "Solicitudes autorizadas, por entregar",
	"Loans to disburse in the branch":                 "Créditos por entregar en la sucursal",
	"Waiting for your approval":                       "Esperan su autorización",
	"Promises due today":                              "Promesas que vencen hoy",
	"Overdue loans with a broken promise":             "Préstamos con promesa incumplida",
	"Overdue loans to work on":                        "Préstamos con atraso por gestionar",
	"The most overdue ones, {age}":                    "Los de mayor atraso, {age}",
	"Days open until yesterday":                       "Días abiertos hasta ayer",
	"Manual entries waiting for a decision":           "Pólizas manuales por autorizar",
	"Deposits without a loan":                         "Depósitos por identificar",
	"Incomplete or expired files":                     "Expedientes incompletos o vencidos",
	"Files with an expired identification or consent": "Expedientes con identificación o consentimiento vencido",
	"Matches with the lists of persons":               "Coincidencias con listas de personas",
	"Closes forced in the last 30 days":               "Cierres forzados en los últimos 30 días",
	"Operations of today in the audit":                "Operaciones de hoy en la bitácora",
	"Users without a role":                            "Usuarios sin perfil",
	"Parts of the system that need attention":         "Partes del sistema por revisar",
	"Events that the event log did not accept":        "Eventos que el registro no aceptó",
}

// lines returns the lists in which something waits for the user. Each question is one that the
// user may ask, and the one that the page at the address asks.
func (v *visit) lines() (all []line, err error) {
	officer := v.may(loan.Apply) && !v.may(authority.Judge)
	for _, ask := range []struct {
		need  bool
		lines func(add func(line)) error
	}{
		{v.may(event.Operate), v.healthLines},
		{v.mayCloseDays(), v.closeLines},
		{v.may(authority.Read) && (v.may(loan.Approve) || v.may(authority.Judge)), v.approvalLines},
		{officer && v.may(risk.ReadReports), v.dueLines},
		{officer && v.may(loan.Read), v.applicationLines},
		{v.may(settlement.Operate) && v.may(loan.Read), v.disbursementLines},
		{v.may(collections.Work) && v.may(collections.Read), v.collectionLines},
		{v.may(accounting.Write) && v.may(accounting.Read), v.proposedLines},
		{v.may(incoming.Resolve) && v.may(incoming.Read), v.depositLines},
		{v.may(client.WriteFile) && v.may(client.ReadFile) && v.may(client.Read), v.fileLines},
		{v.may(screening.Read), v.alertLines},
		{v.may(accounting.Read) && v.may(event.ReadLog) && !v.may(accounting.CloseDays), v.reviewLines},
		{v.may(staff.Manage) && v.may(staff.Read), v.userLines},
	} {
		if !ask.need {
			continue
		}
		if err := ask.lines(func(l line) {
			if l.Count > 0 {
				all = append(all, l)
			}
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// counting is the first page of a list that is only counted.
var counting = view.Paging{Limit: mostCounted}

func (v *visit) healthLines(add func(line)) error {
	ctx, cancel := context.WithTimeout(v.r.Context(), askTime)
	defer cancel()
	wrong := 0
	for _, h := range v.health(ctx) {
		if h.State.Kind != "good" {
			wrong++
		}
	}
	add(line{Label: v.say("Parts of the system that need attention"), Path: operationsPath, Count: wrong, Urgent: true})
	if v.Operations.Transit != nil && v.Operations.DeadLetters != nil {
		if t, err := v.Operations.Transit(ctx); err == nil {
			add(line{Label: v.say("Events that the event log did not accept"), Path: operationsPath, Count: int(t.Dead), Urgent: true})
		}
	}
	return nil
}

func (v *visit) closeLines(add func(line)) error {
	c, err := v.View.ToClose(v.r.Context(), v.clockDay(), v.need())
	days := c.Days
	if c.Running {
		days--
	}
	add(line{Label: v.say("Days open until yesterday"), Path: daysPath, Count: min(days, mostCounted), More: days > mostCounted})
	return err
}

func (v *visit) approvalLines(add func(line)) error {
	all, err := v.View.Inbox(v.r.Context(), v.by(), view.InboxQuery{Today: v.today, Paging: view.Paging{Limit: rowsPerPage}})
	l := line{Label: v.say("Waiting for your approval"), Path: approvalsPath, More: !all.Next.IsZero()}
	for _, w := range all.Items {
		if w.Kind != view.WaitingManualEntry { // decided where entries are
			l.Count++
		}
	}
	add(l)
	return err
}

func (v *visit) dueLines(add func(line)) error {
	soon, more, err := v.dueSoon()
	if err != nil {
		return err
	}
	today := 0
	for _, c := range soon {
		if c.OldestDue == v.today {
			today++
		}
	}
	add(line{Label: v.say("Payments due today"), Path: duePath + "?when=today", Count: today, More: more})
	add(line{Label: v.say("Payments due in the next seven days"), Path: duePath, Count: len(soon), More: more})
	return nil
}

func (v *visit) applicationLines(add func(line)) error {
	me := v.who.User.Username
	for _, of := range []struct {
		status loan.Status
		label  string
	}{{servicing.Applied, v.say("Applications under review")}, {servicing.Approved, v.say("Applications approved, to be disbursed")}} {
		n, err := v.View.CountLoans(v.r.Context(), v.by(), view.LoanQuery{Owned: view.Owned{Officer: &me}, Status: of.status, Applications: true, Order: view.Newest, Window: view.Window{Limit: mostCounted}})
		if err != nil {
			return err
		}
		add(line{Label: of.label, Path: applicationsPath + "?" + url.Values{"status": {string(of.status)}, "officer": {me}}.Encode(), Count: n.N, More: n.More})
	}
	return nil
}

func (v *visit) disbursementLines(add func(line)) error {
	n, err := v.View.CountLoans(v.r.Context(), v.by(), v.waitingLoans(view.Window{Limit: mostCounted}))
	add(line{Label: v.say("Loans to disburse in the branch"), Path: disbursementPath, Count: n.N, More: n.More})
	return err
}

func (v *visit) collectionLines(add func(line)) error {
	due, err := v.View.PromiseList(v.r.Context(), v.by(), view.PromiseQuery{From: v.today, To: v.today, Status: collections.Open, Paging: counting}, v.today)
	if err != nil {
		return err
	}
	add(line{Label: v.say("Promises due today"), Path: promisesPath, Count: len(due.Items), More: !due.Next.IsZero()})
	list, err := v.View.WorkList(v.r.Context(), v.by(), view.Work{}, v.today, counting)
	if fault.Is(err, accounting.NoDailyPositions) {
		return nil
	}
	if err != nil {
		return err
	}
	broken := 0
	for _, l := range list.Loans.Items { // those with a broken promise come first
		if l.Broken {
			broken++
		}
	}
	more := !list.Loans.Next.IsZero()
	add(line{Label: v.say("Overdue loans with a broken promise"), Path: collectionsPath + "?broken=on", Count: broken, More: more && broken == len(list.Loans.Items), Urgent: true})
	add(line{Label: v.say("Overdue loans to work on"), Path: collectionsPath, Count: len(list.Loans.Items), More: more})
	ages := v.ages()
	for i, b := range slices.Backward(risk.Buckets()) {
		if b.Days().First <= 30 {
			break
		}
		worst, err := v.View.WorkList(v.r.Context(), v.by(), view.Work{Late: view.Late{Bucket: b.String()}}, v.today, counting)
		if err != nil {
			return err
		}
		if n := len(worst.Loans.Items); n > 0 {
			add(line{Label: v.say("The most overdue ones, {age}", "age", ages[i].Label), Path: collectionsPath + "?days=" + url.QueryEscape(b.String()), Count: n, More: !worst.Loans.Next.IsZero()})
			break
		}
	}
	return nil
}

func (v *visit) proposedLines(add func(line)) error {
	all, err := v.View.ListManualEntries(v.r.Context(), v.by(), accounting.Proposed, view.Window{Limit: mostCounted})
	add(line{Label: v.say("Manual entries waiting for a decision"), Path: entriesPath, Count: len(all.Items), More: !all.Next.ID.IsZero()})
	return err
}

func (v *visit) depositLines(add func(line)) error {
	all, err := v.View.IncomingPayments(v.r.Context(), v.by(), incoming.Suspended, id.ID{}, counting)
	add(line{Label: v.say("Deposits without a loan"), Path: incomingPath, Count: len(all.Items), More: !all.Next.IsZero()})
	return err
}

func (v *visit) fileLines(add func(line)) error {
	for _, of := range []struct {
		state view.FileState
		label string
	}{{view.FileExpired, v.say("Files with an expired identification or consent")}, {view.FileIncomplete, v.say("Incomplete or expired files")}} {
		n, err := v.View.CountClients(v.r.Context(), v.by(), view.ClientQuery{File: of.state, Today: v.today, Order: view.ByNameUp, Window: view.Window{Limit: mostCounted}})
		if err != nil {
			return err
		}
		add(line{Label: of.label, Path: clientsPath + "?file=" + string(of.state), Count: n.N, More: n.More})
	}
	return nil
}

func (v *visit) alertLines(add func(line)) error {
	all, err := v.View.Alerts(v.r.Context(), v.by(), view.AlertFilter{Status: screening.Open}, counting)
	add(line{Label: v.say("Matches with the lists of persons"), Path: alertsPath, Count: len(all.Items), More: !all.Next.IsZero(), Urgent: v.may(screening.Decide)})
	return err
}

func (v *visit) reviewLines(add func(line)) error {
	forced, err := v.forcedLately()
	if err != nil {
		return err
	}
	add(line{Label: v.say("Closes forced in the last 30 days"), Path: daysPath + "?forced=on", Count: len(forced)})
	all, err := v.View.Audit(v.r.Context(), v.by(), view.AuditQuery{From: v.begin(v.clockDay()), To: v.begin(v.clockDay().AddDays(1)), Paging: counting})
	add(line{Label: v.say("Operations of today in the audit"), Path: auditPath, Count: len(all.Items), More: !all.Next.IsZero()})
	return err
}

func (v *visit) userLines(add func(line)) error {
	query := v.say("Without a role")
	found, err := v.usersNamed(query)
	add(line{Label: v.say("Users without a role"), Path: usersPath + "?" + url.Values{"q": {query}}.Encode(), Count: len(found)})
	return err
}

// forcedLately returns the closes that were forced in the last 30 days, newest first.
func (v *visit) forcedLately() (lately []settlement.ForcedClose, err error) {
	all, err := v.View.ForcedCloses(v.r.Context(), v.by(), v.today.AddDays(1), rowsPerPage)
	for _, f := range all {
		if !f.Day.Before(v.today.AddDays(-30)) {
			lately = append(lately, f)
		}
	}
	return lately, err
}
