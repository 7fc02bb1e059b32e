package checks

import (
	"sofipo/core/accounting"
	"sofipo/core/settlement"
)

// The accounts by till or bank account, and the rows that every institution has, in SQL.
var (
	byPlace     = quoted(accounting.Places())
	mainVault   = "'" + settlement.MainVault.String() + "'::uuid"
	mainAccount = "'" + settlement.MainAccount.String() + "'::uuid"
)

// ofPlaces are the invariants of tills, vaults and bank accounts.
var ofPlaces = []invariant{
	{"lines of tills and bank accounts are listed", `SELECT count(*) FILTER (WHERE amount <> 0), count(*) FROM (SELECT sum(amount) AS amount FROM
		(SELECT subject, account, business_date, entry_id, amount FROM place_lines WHERE entry_id >= ` + begins + `
		UNION ALL SELECT CASE WHEN p.subject = j.subject THEN ` + mainVault + ` ELSE p.subject END, p.account, p.business_date, p.entry_id, -p.amount
			FROM journal j JOIN posted p ON p.entry_id = j.id WHERE p.account IN (` + byPlace + `) AND (p.subject <> j.subject OR p.account = '1101') AND j.id >= ` + begins + `) b
		GROUP BY subject, account, business_date, entry_id) a`},
	{"listed lines have a till or bank account", `SELECT count(*) FILTER (WHERE CASE WHEN p.account = '1101' THEN t.id ELSE a.id END IS NULL), count(*) FROM place_lines p
		LEFT JOIN tills t ON t.id = p.subject LEFT JOIN bank_accounts a ON a.id = p.subject`},
	{"tills have cash only while they are open", `SELECT count(*) FILTER (WHERE s.amount < 0 AND t.id <> ` + mainVault + ` OR s.amount <> 0 AND t.vault_of IS NULL AND t.session_id IS NULL), count(*)
		FROM tills t LEFT JOIN (SELECT subject, sum(amount) AS amount FROM place_lines WHERE account = '1101' GROUP BY subject) s ON s.subject = t.id`},
	{"bank accounts are overdrawn only if it is allowed", `SELECT count(*) FILTER (WHERE s.amount < 0 AND NOT a.overdraft AND a.id <> ` + mainAccount + `), count(*)
		FROM bank_accounts a LEFT JOIN (SELECT subject, sum(amount) AS amount FROM place_lines WHERE account = '1102' GROUP BY subject) s ON s.subject = a.id`},
	{"open sessions are those of the tills", `SELECT count(*) FILTER (WHERE tills <> 1 OR sessions <> 1), count(*) FROM (SELECT sum(tills) AS tills, sum(sessions) AS sessions FROM
		(SELECT id AS till, session_id AS session, teller, opened_on, 1 AS tills, 0 AS sessions FROM tills WHERE session_id IS NOT NULL OR opened_on IS NOT NULL
		UNION ALL SELECT till_id, id, teller, business_date, 0, 1 FROM till_sessions WHERE closed_on IS NULL) b GROUP BY till, session, teller, opened_on) s`},
	{"closes with open tills were forced", `SELECT count(*) FILTER (WHERE s.business_date <= (SELECT max(day) FROM business_days) AND NOT EXISTS (SELECT 1 FROM forced_closes f WHERE f.day >= s.business_date)), count(*)
		FROM till_sessions s WHERE s.closed_on IS NULL`},
	{"closed sessions balance", `SELECT count(*) FILTER (WHERE coalesce(m.opening, 0) <> s.opening OR coalesce(m.difference, 0) <> s.counted - s.expected OR coalesce(m.closing, 0) <> s.counted), count(*) FROM till_sessions s
		LEFT JOIN (SELECT session_id, sum(CASE kind WHEN 'opening' THEN amount ELSE 0 END) AS opening, sum(CASE kind WHEN 'closing' THEN amount ELSE 0 END) AS closing,
			sum(CASE kind WHEN 'overage' THEN amount WHEN 'shortage' THEN -amount ELSE 0 END) AS difference FROM cash_moves GROUP BY session_id) m ON m.session_id = s.id
		WHERE s.closed_on IS NOT NULL`},
	{"cash moves have their journal entry", `SELECT count(*) FILTER (WHERE e.kind IS NULL OR e.kind <> 'till_cash_moved' OR e.reference <> m.id OR e.subject <> m.session_id OR p.amount IS NULL
			OR p.amount <> CASE WHEN m.kind IN ('opening', 'cash_in', 'from_vault', 'overage') THEN m.amount ELSE -m.amount END), count(*)
		FROM cash_moves m LEFT JOIN journal e ON e.id = m.entry_id LEFT JOIN place_lines p ON p.subject = m.till_id AND p.entry_id = m.entry_id AND p.account = '1101'
		WHERE ` + here("m.entry_id")},
	{"cash transactions are in their till", `SELECT count(*) FILTER (WHERE p.amount IS NULL), count(*) FROM loan_transactions m
		LEFT JOIN place_lines p ON p.subject = m.till_id AND p.entry_id = m.entry_id AND p.account = '1101'
		WHERE m.till_id IS NOT NULL AND m.kind NOT IN ('reversal', 'cancellation')`},
}
