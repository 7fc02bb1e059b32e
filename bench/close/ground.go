package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bench/machine"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/test/stack"
)

// ground is a database with its loans.
type ground struct {
	*suite
	name   string
	loans  int
	config db.Config
	server []int // process of PostgreSQL; none on SQLite
	day    civil.Date
	late   []id.ID // loans with something due
}

// close closes the next day in a separate process and verifies the result.
func (g *ground) close(ctx context.Context, what string) (row, error) {
	day := g.day.AddDays(1)
	fmt.Fprintf(g.progress, "%s: %s of %s\n", g.name, what, day)
	before := machine.Used(g.server...)
	done, err := g.closer(ctx, task{g.config, day})
	if err != nil {
		return row{}, err
	}
	g.day = day
	r := row{what: what, ground: g.name, loans: done.Loans, took: done.Ended.Sub(done.Began), own: done.CPU, memory: done.Memory, server: machine.Used(g.server...) - before}
	g.rows = append(g.rows, r)
	r.print(g.progress)
	if done.Loans != int64(g.loans) {
		return r, fmt.Errorf("%d of %d loans have positions", done.Loans, g.loans)
	}
	return r, g.verify(ctx, day)
}

// bare copies the day's positions into a table of the same structure.
func (g *ground) bare(ctx context.Context) (row, error) {
	conn, err := pgx.Connect(ctx, g.config.PrimaryURL)
	if err != nil {
		return row{}, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, fmt.Sprintf(`CREATE TABLE bare (LIKE daily_positions INCLUDING ALL) PARTITION BY RANGE (day);
		CREATE TABLE bare_month PARTITION OF bare FOR VALUES FROM ('%s') TO ('%s')`, g.day, g.day.AddDays(1)))
	if err != nil {
		return row{}, err
	}
	before, began := machine.Used(g.server...), time.Now()
	tag, err := conn.Exec(ctx, "INSERT INTO bare SELECT * FROM daily_positions WHERE day = $1", g.day.String())
	r := row{what: "bare INSERT … SELECT", ground: g.name, loans: tag.RowsAffected(), took: time.Since(began), server: machine.Used(g.server...) - before}
	if err == nil && r.loans != int64(g.loans) {
		err = fmt.Errorf("%d of %d positions copied", r.loans, g.loans)
	}
	g.rows = append(g.rows, r)
	r.print(g.progress)
	return r, err
}

// closeWhilePaid measures payments at a constant load, first before and then during a close.
func (g *ground) closeWhilePaid(ctx context.Context) error {
	database, err := db.Open(g.config)
	if err != nil {
		return err
	}
	defer database.Close()
	now := noon(g.day.AddDays(1))
	b := bank.Open(bank.Options{DB: database, Clock: func() time.Time { return now }})
	defer b.Close()
	load := startPaying(ctx, b, g.late, payers, pause)
	warm := time.Now().Add(g.window / 10)
	time.Sleep(time.Until(warm.Add(g.window)))
	closeBegan := time.Now()
	if _, err = g.close(ctx, "close while payments go on"); err != nil {
		return err
	}
	paid, err := load.stop()
	if err != nil {
		return err
	}
	before, during := paid.between(warm, closeBegan), paid.between(closeBegan, time.Now())
	g.notes = append(g.notes, fmt.Sprintf("payments, %d at once with %s between: %.0f/s before the close, p50 %.1f ms, p99 %.1f ms; %.0f/s during it, p50 %.1f ms, p99 %.1f ms",
		payers, pause, before.rate(), before.percentile(0.5), before.percentile(0.99), during.rate(), during.percentile(0.5), during.percentile(0.99)))
	g.compare("their median during the close is %.2f times the one before (target: 3)", during.percentile(0.5)/before.percentile(0.5))
	return g.rush(ctx, b)
}

// rush measures payments as fast as the bank takes them, and the processor time of each.
func (g *ground) rush(ctx context.Context, b *bank.Bank) error {
	spent, server, began := machine.UsedAlone(os.Getpid()), machine.Used(g.server...), time.Now()
	load := startPaying(ctx, b, g.late, rushers, 0)
	time.Sleep(g.window)
	paid, err := load.stop()
	if err != nil {
		return err
	}
	done := paid.between(began, time.Now())
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(len(done.all)) }
	g.notes = append(g.notes, fmt.Sprintf("payments, %d at once without a pause: %.0f/s, p50 %.1f ms, p99 %.1f ms; processor time of each: %.0f µs of the bank, %.0f µs of PostgreSQL",
		rushers, done.rate(), done.percentile(0.5), done.percentile(0.99), each(machine.UsedAlone(os.Getpid())-spent), each(machine.Used(g.server...)-server)))
	return nil
}

// verify compares the entries of the day with the changes of the daily positions.
func (g *ground) verify(ctx context.Context, day civil.Date) error {
	database, err := db.Open(g.patient())
	if err != nil {
		return err
	}
	defer database.Close()
	accounts, columns := map[string]int64{}, [8]int64{}
	batch := &db.Batch{}
	batch.Query("SELECT p.account, sum(p.debit - p.credit)::bigint FROM posted p WHERE p.business_date = $1 GROUP BY p.account",
		func(s db.Scanner) error {
			var account string
			var amount int64
			err := s.Scan(&account, &amount)
			accounts[account] = amount
			return err
		}, day)
	batch.Query(`SELECT sum(CASE WHEN stage < 3 THEN sign * balance ELSE 0 END)::bigint, sum(CASE WHEN stage = 3 THEN sign * balance ELSE 0 END)::bigint,
		sum(sign * interest)::bigint, sum(sign * suspended)::bigint, sum(sign * iva)::bigint, -sum(sign * unapplied)::bigint, -sum(sign * provision)::bigint, -sum(sign * reserve)::bigint
		FROM (SELECT CASE WHEN day = $1 THEN 1 ELSE -1 END AS sign, stage, balance, interest, suspended, iva, unapplied, provision, reserve FROM daily_positions WHERE day IN ($1, $2)) p`,
		func(s db.Scanner) error {
			return s.Scan(&columns[0], &columns[1], &columns[2], &columns[3], &columns[4], &columns[5], &columns[6], &columns[7])
		}, day, day.AddDays(-1))
	if err := database.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	accounts["interest"] = accounts["1302"] + accounts["1352"]
	for i, account := range []string{"1301", "1351", "interest", "7101", "1410", "2404", "1390", "1391"} {
		if accounts[account] != columns[i] {
			return fmt.Errorf("%s: account %s changed by %d, the positions by %d", day, account, accounts[account], columns[i])
		}
	}
	return nil
}

// patient returns the configuration without statement timeouts.
func (g *ground) patient() db.Config {
	c := g.config
	c.Patient = true
	return c
}

// fill creates the loans and closes the last day of their history, so that each loan has a
// daily position.
func (g *ground) fill(ctx context.Context) error {
	fmt.Fprintf(g.progress, "%s: %d loans and their year\n", g.name, g.kinds)
	database, err := db.Open(g.patient())
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return err
	}
	l := newLife(database, g.kinds, g.months)
	defer l.bank.Close()
	if err := l.live(ctx); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	fmt.Fprintf(g.progress, "%s: %d loans of them\n", g.name, g.loans)
	if err := g.copy(ctx, database, l); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if g.config.PrimaryURL != "" {
		if err := stack.Vacuum(ctx, g.config.PrimaryURL); err != nil {
			return err
		}
	}
	g.day = l.today
	_, err = dayend.New(l.bank, dayend.Options{}).CloseDay(ctx, by, g.day, nil)
	return err
}

// copy copies the loans until there are enough. It copies their schedules, their restructures
// and, for loans that will be paid, all transactions. The id of a copy starts like the
// original's, so that it has the same age.
func (g *ground) copy(ctx context.Context, database *db.DB, l *life) error {
	session := database.Session()
	defer session.Close()
	random := rand.New(rand.NewPCG(1, 1))
	insert := db.Insert("copies", db.ID("template"), db.ID("id"), db.Bool("late"))
	if err := execute(ctx, session, func(b *db.Batch) { b.Exec("CREATE TABLE copies (template UUID, id UUID, late BOOLEAN)") }); err != nil {
		return err
	}
	slices.SortFunc(l.loans, func(a, b borrower) int { return bytes.Compare(a.loan[:], b.loan[:]) })
	rows := insert.Rows()
	for n, k := range l.loans {
		for range g.share(n, len(l.loans)) {
			copied := k.loan
			for i := 9; i < len(copied); i++ {
				copied[i] = byte(random.Uint32())
			}
			rows.Add(k.loan, copied, k.skips > 0)
			if k.skips > 0 {
				g.late = append(g.late, copied)
			}
		}
		if rows.Len() >= 10_000 || n == len(l.loans)-1 {
			if err := execute(ctx, session, func(b *db.Batch) { b.Save(rows) }); err != nil {
				return err
			}
			rows = insert.Rows()
		}
	}
	random.Shuffle(len(g.late), func(i, j int) { g.late[i], g.late[j] = g.late[j], g.late[i] })
	for _, t := range []copying{{"loans", "id", "number", ""}, {"loan_versions", "loan_id", "", ""}, {"loan_transactions", "loan_id", "folio", "WHERE c.late OR t.kind = 'restructure'"}} {
		if err := g.copyTable(ctx, session, t); err != nil {
			return err
		}
	}
	return nil
}

// share returns the number of copies of the n-th loan.
func (g *ground) share(n, of int) int { return (g.loans-of)*(n+1)/of - (g.loans-of)*n/of }

// copying says which rows of a table to copy. key is the column with the loan's id, short the
// column with the short number, if there is one.
type copying struct{ table, key, short, which string }

// copyTable copies rows. Copies of short numbers start at 10^12, far from those of commands.
func (g *ground) copyTable(ctx context.Context, session *db.Session, c copying) error {
	names := "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1"
	if g.config.PrimaryURL == "" {
		names = "SELECT name FROM pragma_table_info($1)"
	}
	columns, values := c.key, "c.id"
	err := execute(ctx, session, func(b *db.Batch) {
		b.Query(names, func(s db.Scanner) error {
			var name string
			err := s.Scan(&name)
			if name == c.key {
				return err
			}
			columns += ", " + name
			if name == c.short {
				values += fmt.Sprintf(", CASE t.%[1]s WHEN 0 THEN 0 ELSE 1000000000000 + row_number() OVER (ORDER BY c.id) END", name)
			} else {
				values += ", t." + name
			}
			return err
		}, c.table)
	})
	if err != nil {
		return err
	}
	return execute(ctx, session, func(b *db.Batch) {
		b.Exec(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM copies c JOIN %s t ON t.%s = c.template %s ORDER BY c.id", c.table, columns, values, c.table, c.key, c.which))
	})
}

// execute runs statements in a transaction.
func execute(ctx context.Context, session *db.Session, queue func(*db.Batch)) error {
	batch := &db.Batch{}
	queue(batch)
	if err := session.Begin(ctx, batch); err != nil {
		return err
	}
	_, err := session.Commit(ctx, &db.Batch{})
	return err
}
