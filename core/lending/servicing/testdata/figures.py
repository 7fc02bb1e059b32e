"""Figures of the scenario files, by the formulas and exact fractions.

    python3 figures.py DIR    writes DIR/*.loan

Knows nothing of the engine: each expected figure is a formula below.
"""
import os
import sys
from datetime import date, timedelta
from fractions import Fraction as F

OUT = sys.argv[1]
DONE = []


def R(x, even=False):
    """Rounded to the centavo, half up or half even; pesos as a fraction."""
    c = F(x) * 100
    n = c.numerator // c.denominator
    rest = c - n
    if rest > F(1, 2) or rest == F(1, 2) and (not even or n % 2):
        n += 1
    return F(n, 100)


def m(x):
    """Pesos with two decimals; what is printed must be whole centavos."""
    c = F(x) * 100
    assert c.denominator == 1, x
    c = c.numerator
    return f"{'-' if c < 0 else ''}{abs(c) // 100}.{abs(c) % 100:02d}"


def D(text):
    return date.fromisoformat(text)


def days(a, b):
    return (D(b) - D(a)).days


def act_act(a, b):
    """Days of leap years / 366 + days of others / 365, one day at a time."""
    d, total = D(a), F(0)
    while d < D(b):
        leap = d.year % 4 == 0 and (d.year % 100 or d.year % 400 == 0)
        total += F(1, 366 if leap else 365)
        d += timedelta(1)
    return total


def level(p, r, fr):
    """The payment A with p = sum of A / prod(1 + r f)."""
    total, grow = F(0), F(1)
    for f in fr:
        grow *= 1 + F(r) * f
        total += 1 / grow
    return R(F(p) / total)


def table(p, r, fr, iva=F(16, 100), a=None, gross=False):
    """Rows (principal, interest, iva, balance) of a level loan."""
    r, bal, rows = F(r), F(p), []
    if a is None:
        a = level(p, r * (1 + iva) if gross else r, fr)
    for k, f in enumerate(fr):
        i = R(bal * r * f)
        v = R(i * iva)
        c = a - i - (v if gross else 0)
        if k == len(fr) - 1 or c > bal:
            c = bal
        bal -= c
        rows.append((c, i, v, bal))
        if bal == 0:
            break
    return rows


def row(n, due, c, i, v, more=""):
    parts = [(k, x) for k, x in (("principal", c), ("interest", i), ("iva_interest", v)) if x]
    return f"row {n} due {due} " + " ".join(f"{k} {m(x)}" for k, x in parts) + more


def parts(**kw):
    got = " ".join(f"{k} {m(v)}" for k, v in kw.items() if v)
    return got or "nothing"


def sc(name, text):
    assert name not in DONE, name
    DONE.append(name)
    with open(os.path.join(OUT, name + ".loan"), "w") as f:
        f.write("\n".join(line.strip() for line in text.strip().splitlines()) + "\n")


M = F(30, 360)
README = table(50000, "0.15", [M] * 24)
A = level(50000, "0.15", [M] * 24)
assert m(A) == "2424.33" and m(README[0][0]) == "1799.33" and m(README[23][0]) == "2394.47"
V = F(16, 100)
HEAD = "amount 50000.00\nrate 15%\nperiods 24"


def loan(amount, rate, periods, *more):
    return "\n".join([f"amount {amount}", f"rate {rate}", f"periods {periods}", *more])


def total(r):
    return r[0] + r[1] + r[2]


# ---- frequencies, methods, day counts

sc("monthly-level", f"""
# The README loan: A = 50,000 x i / (1 - (1+i)^-24), i = 0.15/12; IVA 16 % of each interest.
{HEAD}
disburse 2026-01-15
level {m(A)}
{row(1, "2026-02-15", *README[0][:3])}
{row(2, "2026-03-15", *README[1][:3])}
{row(24, "2028-01-15", *README[23][:3])}
day 2026-02-15
due {parts(principal=README[0][0], interest=README[0][1], iva_interest=README[0][2])}
late 0
pay {m(total(README[0]))}
split {parts(iva_interest=README[0][2], interest=README[0][1], principal=README[0][0])}
balance {m(README[0][3])}
left 23
due nothing
""")

text = f"""
# Every instalment of the README loan on its date: the last leaves exactly nothing.
{HEAD}
disburse 2026-01-15
"""
d = D("2026-01-15")
for k, r in enumerate(README):
    y, mo = divmod(d.month - 1 + k + 1, 12)
    text += f"day {date(d.year + y, mo + 1, 15)}\npay {m(total(r))}\nsplit {parts(principal=r[0], interest=r[1], iva_interest=r[2])}\nbalance {m(r[3])}\n"
text += f"status PAID_OFF\npayoff 0.00\nearned {parts(interest=sum(r[1] for r in README), iva_interest=sum(r[2] for r in README))}\npay 1.00\nrefused loan_not_active loan_status PAID_OFF\n"
sc("paid-to-the-end", text)

W = table(10000, "0.6", [F(7, 360)] * 16)
sc("weekly", f"""
# 7 days / 360 each week: i = 0.60 x 7/360.
{loan("10000.00", "60%", 16, "frequency weekly", "day_count ACT/360")}
disburse 2026-03-04
level {m(level(10000, "0.6", [F(7, 360)] * 16))}
{row(1, "2026-03-11", *W[0][:3])}
{row(16, "2026-06-24", *W[15][:3])}
day 2026-03-11
pay {m(total(W[0]))}
balance {m(W[0][3])}
day 2026-03-18
due {parts(principal=W[1][0], interest=W[1][1], iva_interest=W[1][2])}
""")

C14 = table(12000, "0.48", [F(14, 365)] * 10)
sc("every-14-days", f"""
# Catorcenal on ACT/365: i = 0.48 x 14/365.
{loan("12000.00", "48%", 10, "frequency every_14_days", "day_count ACT/365")}
disburse 2026-05-01
{row(1, "2026-05-15", *C14[0][:3])}
{row(10, "2026-09-18", *C14[9][:3])}
day 2026-05-15
pay {m(total(C14[0]))}
balance {m(C14[0][3])}
""")

qd = ["2026-01-15", "2026-01-31", "2026-02-15", "2026-02-28", "2026-03-15", "2026-03-31", "2026-04-15"]
Q = table(20000, "0.6", [F(days(a, b), 360) for a, b in zip(qd, qd[1:])])
sc("quincenal", f"""
# The 15th and the last day of each month, by the days that there are: 16, 15, 13, 15, 16, 15.
{loan("20000.00", "60%", 6, "frequency quincenal", "day_count ACT/360")}
disburse 2026-01-15
""" + "\n".join(row(k + 1, qd[k + 1], *Q[k][:3]) for k in range(6)) + f"""
day 2026-01-31
pay {m(total(Q[0]))}
day 2026-02-15
pay {m(total(Q[1]))}
balance {m(Q[1][3])}
""")

q30 = table(20000, "0.6", [F(15, 360)] * 6)
sc("quincenal-30-360", f"""
# Under 30/360 each quincena has 15 days whatever the month.
{loan("20000.00", "60%", 6, "frequency quincenal", "day_count 30/360")}
disburse 2026-01-15
{row(1, "2026-01-31", *q30[0][:3])}
{row(3, "2026-02-28", *q30[2][:3])}
{row(6, "2026-04-15", *q30[5][:3])}
""")

T = table(5000, "0.36", [F(10, 360)] * 5)
sc("every-10-days", f"""
{loan("5000.00", "36%", 5, "frequency every_n_days 10", "day_count ACT/360")}
disburse 2026-02-20
{row(1, "2026-03-02", *T[0][:3])}
{row(5, "2026-04-11", *T[4][:3])}
day 2026-03-02
pay {m(total(T[0]))}
balance {m(T[0][3])}
""")

ad = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
ME = table(10000, "0.24", [F(days(a, b), 360) for a, b in zip(ad, ad[1:])])
sc("month-end", f"""
# From 31 January: the last day of each month, then 31 again. Days 28, 31, 30, 31.
{loan("10000.00", "24%", 4, "day_count ACT/360")}
disburse 2026-01-31
""" + "\n".join(row(k + 1, ad[k + 1], *ME[k][:3]) for k in range(4)) + f"""
day 2026-02-28
pay {m(total(ME[0]))}
day 2026-03-31
due {parts(principal=ME[1][0], interest=ME[1][1], iva_interest=ME[1][2])}
""")

b28 = R(F(50000) * F(15, 100) * F(28, 360))
b31 = R(F(50000) * F(15, 100) * F(31, 360))
sc("bullet-act-360", f"""
# Interest each month on the whole: 31 days 645.83, 28 days 583.33 (docs/rules/interest.md#day-counts).
{loan("50000.00", "15%", 3, "method bullet", "day_count ACT/360")}
disburse 2026-01-15
{row(1, "2026-02-15", 0, b31, R(b31 * V))}
{row(2, "2026-03-15", 0, b28, R(b28 * V))}
{row(3, "2026-04-15", 50000, b31, R(b31 * V))}
day 2026-02-15
pay {m(b31 + R(b31 * V))}
balance 50000.00
day 2026-03-15
pay {m(b28 + R(b28 * V))}
day 2026-04-15
pay {m(50000 + b31 + R(b31 * V))}
status PAID_OFF
""")
assert m(b31) == "645.83" and m(b28) == "583.33"

i365 = R(F(50000) * F(15, 100) * F(31, 365))
assert m(i365) == "636.99"
sc("act-365", f"""
# 31 days over 365: 636.99 (docs/rules/interest.md#day-counts); the leap year does not change the base.
{loan("50000.00", "15%", 2, "method bullet", "day_count ACT/365", "iva 0%")}
disburse 2024-01-15
{row(1, "2024-02-15", 0, i365, 0)}
{row(2, "2024-03-15", 50000, R(F(50000) * F(15, 100) * F(29, 365)), 0)}
""")

s29 = R(F(50000) * F(15, 100) * F(29, 360))
sc("leap-day", f"""
# February 2024 has 29 days: disbursed and due on the 29th.
{loan("50000.00", "15%", 2, "method bullet", "day_count ACT/360")}
disburse 2024-01-29
{row(1, "2024-02-29", 0, b31, R(b31 * V))}
{row(2, "2024-03-29", 50000, s29, R(s29 * V))}
day 2024-02-29
pay {m(b31 + R(b31 * V))}
day 2024-03-01
accrued {parts(interest=R(F(50000) * F(15, 100) * F(1, 360)), iva_interest=R(R(F(50000) * F(15, 100) * F(1, 360)) * V))}
""")

ly = ["2023-12-15", "2024-01-15", "2024-02-15"]
AA = [R(F(80000) * F(18, 100) * act_act(a, b)) for a, b in zip(ly, ly[1:])]
part = R(F(80000) * F(18, 100) * act_act("2023-12-15", "2024-01-04"))
sc("act-act-over-new-year", f"""
# ISDA: 17 days of 2023 over 365 and 14 of 2024 over 366; then 31 over 366.
{loan("80000.00", "18%", 2, "method bullet", "day_count ACT/ACT")}
disburse 2023-12-15
{row(1, "2024-01-15", 0, AA[0], R(AA[0] * V))}
{row(2, "2024-02-15", 80000, AA[1], R(AA[1] * V))}
day 2024-01-04
accrued {parts(interest=part, iva_interest=R(part * V))}
""")

p12 = R(F(12000, 12))
EP, bal = [], F(12000)
for k in range(12):
    i = R(bal * F(24, 100) / 12)
    EP.append((p12, i, R(i * V)))
    bal -= p12
sc("equal-principal", f"""
# 12,000 / 12 = 1,000 of principal each month; interest falls with the balance.
{loan("12000.00", "24%", 12, "method equal_principal")}
disburse 2026-01-10
{row(1, "2026-02-10", *EP[0])}
{row(2, "2026-03-10", *EP[1])}
{row(12, "2027-01-10", *EP[11])}
day 2026-02-10
pay {m(sum(EP[0]))}
balance 11000.00
""")

e3 = R(F(10000, 3))
sc("equal-principal-residue-first", f"""
# 10,000 / 3 = 3,333.33; the centavo left goes to the first.
{loan("10000.00", "0%", 3, "method equal_principal", "residue first")}
disburse 2026-01-10
{row(1, "2026-02-10", 10000 - 2 * e3, 0, 0)}
{row(2, "2026-03-10", e3, 0, 0)}
{row(3, "2026-04-10", e3, 0, 0)}
""")

LI = table(50000, "0.15", [M] * 24, gross=True)
sc("level-with-iva", f"""
# i' = i x 1.16 for the instalment: 2,481.73 each month, the last 2,481.86 (docs/rules/amortization.md#level-payments-with-iva).
{HEAD}
method level_with_iva
disburse 2026-01-15
level 2481.73
{row(1, "2026-02-15", *LI[0][:3])}
{row(24, "2028-01-15", *LI[23][:3])}
day 2026-02-15
pay 2481.73
balance {m(LI[0][3])}
""")
assert m(total(LI[0])) == "2481.73" and m(total(LI[23])) == "2481.86"

s1 = R(F(30000) * F(20, 100) * F(days("2026-01-20", "2026-07-20"), 360))
acc = R(F(30000) * F(20, 100) * F(days("2026-01-20", "2026-03-01"), 360))
sc("single-payment", f"""
# One payment after six months, simple interest over 181 days.
{loan("30000.00", "20%", 6, "method single", "day_count ACT/360")}
disburse 2026-01-20
{row(1, "2026-07-20", 30000, s1, R(s1 * V))}
day 2026-03-01
accrued {parts(interest=acc, iva_interest=R(acc * V))}
day 2026-07-20
pay {m(30000 + s1 + R(s1 * V))}
status PAID_OFF
""")

for mode, even in (("half_up", False), ("half_even", True)):
    i = R(F("1000.50") * F(12, 1200), even)
    sc("rounding-" + mode.replace("_", "-"), f"""
    # 1,000.50 x 1 % = 10.005: half-way between two centavos. IVA {m(i)} x 16 % = {float(i * V):.4f}.
    {loan("1000.50", "12%", 1, "method bullet", "rounding " + mode)}
    disburse 2026-01-15
    {row(1, "2026-02-15", F("1000.50"), i, R(i * V, even))}
    """)

first = F(days("2026-01-15", "2026-03-01"), 360)
rest = [F(31, 360), F(30, 360)]
IR = table(9000, "0.24", [first] + rest)
sc("long-first-period", f"""
# First due on 1 March: 45 days, then 31 and 30.
{loan("9000.00", "24%", 3, "day_count ACT/360")}
disburse 2026-01-15 first 2026-03-01
{row(1, "2026-03-01", *IR[0][:3])}
{row(2, "2026-04-01", *IR[1][:3])}
{row(3, "2026-05-01", *IR[2][:3])}
""")

# ---- grace

g = R(F(10000) * F(24, 100) / 12)
GP = table(10000, "0.24", [M] * 2)
sc("grace-of-principal", f"""
# Two instalments of interest alone, then two that pay all.
{loan("10000.00", "24%", 4, "grace principal 2")}
disburse 2026-01-15
{row(1, "2026-02-15", 0, g, R(g * V))}
{row(2, "2026-03-15", 0, g, R(g * V))}
{row(3, "2026-04-15", *GP[0][:3])}
{row(4, "2026-05-15", *GP[1][:3])}
day 2026-02-15
pay {m(g + R(g * V))}
balance 10000.00
""")

defer_i = GP[0][1] + g
sc("grace-deferred-interest", f"""
# The first month's interest is paid, without interest on it, with the third instalment... of two grace of principal.
{loan("10000.00", "24%", 3, "grace principal 1 interest 1 mode defer")}
disburse 2026-01-15
row 1 due 2026-02-15 nothing
{row(2, "2026-03-15", GP[0][0], defer_i, R(defer_i * V))}
{row(3, "2026-04-15", *GP[1][:3])}
day 2026-02-15
due nothing
late 0
day 2026-02-25
# 10 days of the second month and the whole first one
accrued {parts(interest=g + R(F(10000) * F(24, 100) * F(10, 360)), iva_interest=R((g + R(F(10000) * F(24, 100) * F(10, 360))) * V))}
day 2026-03-15
pay {m(GP[0][0] + defer_i + R(defer_i * V))}
balance {m(GP[0][3])}
""".replace("the third instalment... of two grace of principal", "the second instalment"))

CAPB = 10000 + g
GC = table(CAPB, "0.24", [M] * 2)
sc("grace-capitalised-interest", f"""
# As agreed, the first month's interest of {m(g)} becomes principal; its IVA is paid.
{loan("10000.00", "24%", 3, "grace principal 1 interest 1 mode capitalise")}
disburse 2026-01-15
{row(1, "2026-02-15", 0, 0, R(g * V))}
day 2026-02-15
balance {m(CAPB)}
pay {m(R(g * V))}
{row(2, "2026-03-15", *GC[0][:3])}
{row(3, "2026-04-15", *GC[1][:3])}
day 2026-03-15
pay {m(total(GC[0]))}
day 2026-04-15
pay {m(total(GC[1]))}
status PAID_OFF
""")

WV = table(10000, "0.24", [F(0), M, M])
sc("grace-waived-interest", f"""
# The first month bears no interest.
{loan("10000.00", "24%", 3, "grace interest 1 mode waive")}
disburse 2026-01-15
{row(1, "2026-02-15", *WV[0][:3])}
{row(2, "2026-03-15", *WV[1][:3])}
day 2026-02-01
accrued nothing
payoff 10000.00
day 2026-02-20
accrued {parts(interest=R(WV[0][3] * F(24, 100) * F(5, 360) + WV[0][0] * F(24, 100) * F(5, 360)), iva_interest=R(R(F(10000) * F(24, 100) * F(5, 360)) * V))}
""")

# ---- charges and IVA

ins, com, comv = F("35.00"), F("50.00"), R(F(50) * V)
sc("fee-and-insurance", f"""
# 50.00 of fee with 8.00 of IVA and 35.00 of insurance in each instalment; a short payment
# pays fee and its IVA, IVA and interest, insurance, and principal last.
{HEAD}
fee 50.00
insurance 35.00
disburse 2026-01-15
{row(1, "2026-02-15", *README[0][:3], more=f" fee {m(com)} iva_fee {m(comv)} insurance {m(ins)}")}
day 2026-02-15
pay 800.00
split {parts(iva_fee=comv, fee=com, iva_interest=F(100), interest=F(625), insurance=800 - comv - com - 725)}
balance 50000.00
due {parts(principal=README[0][0], insurance=ins - (800 - comv - com - 725))}
late 0
day 2026-02-16
late 1
""")

udi_t = R(F(20000) * (F("0.36") - F("0.046452")) * F(31, 360))
assert m(udi_t) == "540.00" and m(R(udi_t * V)) == "86.40"
sc("iva-on-real-interest", f"""
# LIVA 18-A: 20,000 at 36 % for 31 days is 620.00; inflation of 0.4 % leaves 540.00 to tax: 86.40.
{loan("20000.00", "36%", 1, "method bullet", "day_count ACT/360", "iva 16% inflation 4.6452%")}
disburse 2026-01-15
row 1 due 2026-02-15 principal 20000.00 interest 620.00 iva_interest 86.40
day 2026-02-15
pay 20706.40
status PAID_OFF
""")

sc("iva-on-half-the-interest", f"""
# A base of 50 % of the interest: 625.00 x 50 % x 16 % = 50.00.
{HEAD}
iva 16% percent 50%
disburse 2026-01-15
row 1 due 2026-02-15 principal 1799.33 interest 625.00 iva_interest 50.00
""")

# ---- holidays

hd = ["2026-01-16", "2026-02-16", "2026-03-16", "2026-04-16"]
HN = table(9000, "0.24", [F(days(a, b), 360) for a, b in zip(hd, hd[1:])])
sc("holiday-moves-the-due-date", f"""
# 16 March 2026 is the holiday of Juarez (third Monday): due on Tuesday 17. Interest stays with the 16th.
{loan("9000.00", "24%", 3, "day_count ACT/360", "holidays next", "penalty_interest rate 48%")}
disburse 2026-01-16
{row(2, "2026-03-17", *HN[1][:3])}
{row(3, "2026-04-16", *HN[2][:3])}
day 2026-02-16
pay {m(total(HN[0]))}
day 2026-03-17
late 0
due {parts(principal=HN[1][0], interest=HN[1][1], iva_interest=HN[1][2])}
pay {m(total(HN[1]))}
balance {m(HN[1][3])}
due nothing
""")

mor = R(HN[1][0] * F(48, 100) * F(3, 360))
sc("late-after-a-moved-date", f"""
# The same loan paid on 20 March: three days late, counted from the moved date.
{loan("9000.00", "24%", 3, "day_count ACT/360", "holidays next", "penalty_interest rate 48%")}
disburse 2026-01-16
day 2026-02-16
pay {m(total(HN[0]))}
day 2026-03-20
late 3
due {parts(principal=HN[1][0], interest=HN[1][1], iva_interest=HN[1][2], penalty_interest=mor, iva_penalty_interest=R(mor * V))}
# next month's own balance for four days since the 16th, the overdue principal for three since the 17th
accrued {parts(interest=R((HN[1][3] * 4 + HN[1][0] * 3) * F(24, 100) / 360), iva_interest=R(R((HN[1][3] * 4 + HN[1][0] * 3) * F(24, 100) / 360) * V))}
""")

fd = ["2026-01-16", "2026-02-16", "2026-03-17", "2026-04-16"]
HF = table(9000, "0.24", [F(days(a, b), 360) for a, b in zip(fd, fd[1:])])
sc("holiday-with-interest", f"""
# Interest follows the moved date: 29 days to 17 March, then 30.
{loan("9000.00", "24%", 3, "day_count ACT/360", "holidays interest_follows")}
disburse 2026-01-16
{row(1, "2026-02-16", *HF[0][:3])}
{row(2, "2026-03-17", *HF[1][:3])}
{row(3, "2026-04-16", *HF[2][:3])}
""")

sc("saturday-sunday-and-easter", f"""
# Weekly from Friday 20 March 2026; Maundy Thursday and Good Friday are 2 and 3 April, so the 3rd moves to Monday 6.
{loan("3000.00", "0%", 3, "frequency weekly", "method equal_principal", "holidays next", "iva 0%")}
disburse 2026-03-20
row 1 due 2026-03-27 principal 1000.00
row 2 due 2026-04-06 principal 1000.00
row 3 due 2026-04-10 principal 1000.00
day 2026-03-27
pay 1000.00
day 2026-04-04
due principal 1000.00
late 0
day 2026-04-08
late 2
""")

# ---- late

c1, i1, v1, b1 = README[0]
mora = R(c1 * F(30, 100) * F(10, 360))
ran = R((b1 + c1) * F(15, 100) * F(10, 360))
assert m(mora) == "14.99" and m(R(mora * V)) == "2.40"
sc("late-ten-days", f"""
# The first instalment ten days late at 30 %: 1,799.33 x 0.30 x 10/360 = 14.99 and IVA 2.40 (docs/rules/penalty-interest.md).
# Ordinary interest went on over the whole 50,000: with the second instalment.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-02-25
late 10
due {parts(principal=c1, interest=i1, iva_interest=v1, penalty_interest=mora, iva_penalty_interest=R(mora * V))}
accrued {parts(interest=ran, iva_interest=R(ran * V))}
pay {m(total(README[0]) + mora + R(mora * V))}
split {parts(principal=c1, interest=i1, iva_interest=v1, penalty_interest=mora, iva_penalty_interest=R(mora * V))}
balance {m(b1)}
late 0
day 2026-03-15
due {parts(principal=README[1][0], interest=R((b1 * 30 + c1 * 10) * F(15, 100) / 360), iva_interest=R(R((b1 * 30 + c1 * 10) * F(15, 100) / 360) * V))}
""")

i2 = R((b1 * 30 + c1 * 10) * F(15, 100) / 360)
sc("late-without-penalty-interest", f"""
# The default product has no penalty interest: the overdue principal bears ordinary interest.
{HEAD}
disburse 2026-01-15
day 2026-02-25
due {parts(principal=c1, interest=i1, iva_interest=v1)}
pay {m(total(README[0]))}
day 2026-03-15
due {parts(principal=README[1][0], interest=i2, iva_interest=R(i2 * V))}
pay {m(README[1][0] + i2 + R(i2 * V))}
balance {m(README[1][3])}
""")

sc("late-penalty-interest-replaces", f"""
# Penalty interest instead of ordinary interest: the second instalment is the table's.
{HEAD}
penalty_interest rate 30% mode replaces
disburse 2026-01-15
day 2026-02-25
due {parts(principal=c1, interest=i1, iva_interest=v1, penalty_interest=mora, iva_penalty_interest=R(mora * V))}
pay {m(total(README[0]) + mora + R(mora * V))}
day 2026-03-15
due {parts(principal=README[1][0], interest=README[1][1], iva_interest=README[1][2])}
""")

mora_i = R((c1 + i1) * F(30, 100) * F(10, 360))
sc("late-on-principal-and-interest", f"""
# Base: overdue principal and interest, (1,799.33 + 625.00) x 0.30 x 10/360.
{HEAD}
penalty_interest rate 30% base overdue_principal_and_interest
disburse 2026-01-15
day 2026-02-25
due {parts(principal=c1, interest=i1, iva_interest=v1, penalty_interest=mora_i, iva_penalty_interest=R(mora_i * V))}
""")

mora4 = R(c1 * F(30, 100) * F(4, 360))
sc("late-within-the-days-of-grace", f"""
# Three days of grace: on the third there is no penalty interest, on the fourth there are four days of it.
{HEAD}
penalty_interest rate 30% grace_days 3
disburse 2026-01-15
day 2026-02-18
late 3
due {parts(principal=c1, interest=i1, iva_interest=v1)}
day 2026-02-19
due {parts(principal=c1, interest=i1, iva_interest=v1, penalty_interest=mora4, iva_penalty_interest=R(mora4 * V))}
""")

# part on day 5, the rest on day 10
half = F(1725)
cp = half - R(c1 * F(30, 100) * F(5, 360)) - R(R(c1 * F(30, 100) * F(5, 360)) * V) - 725
m5 = R(c1 * F(30, 100) * F(5, 360))
m10 = R((c1 * 5 + (c1 - cp) * 5) * F(30, 100) / 360)
v10 = R(m10 * V) - R(m5 * V)
sc("late-paid-in-two-parts", f"""
# 1,725.00 after five days; the rest after ten. Penalty interest is one figure from the due date:
# (1,799.33 x 5 + {m(c1 - cp)} x 5) x 0.30/360 = {m(m10)}, of which {m(m5)} was paid.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-02-20
pay 1725.00
split {parts(principal=cp, interest=i1, iva_interest=v1, penalty_interest=m5, iva_penalty_interest=R(m5 * V))}
balance {m(50000 - cp)}
late 5
day 2026-02-25
due {parts(principal=c1 - cp, penalty_interest=m10 - m5, iva_penalty_interest=v10)}
pay {m(c1 - cp + m10 - m5 + v10)}
balance {m(b1)}
""")

text = f"""
# A peso a day from the due date: the penalty interest of ten days is still one figure, not ten rounded ones.
{loan("100.00", "0%", 1, "iva 0%", "penalty_interest rate 36%", "allocation principal interest iva_interest penalty_interest iva_penalty_interest fee iva_fee insurance")}
disburse 2026-01-15
"""
exact = sum((100 - k) for k in range(0, 10)) * F(36, 100) / 360
for k in range(1, 11):
    text += f"day 2026-02-{15 + k}\npay 1.00\nsplit principal 1.00\n"
text += f"due {parts(principal=F(90), penalty_interest=R(exact))}\nbalance 90.00\n"
sc("late-a-peso-a-day", text)

# two instalments overdue on 25 March (38 days and 10 days late)
c2, i2t, v2, b2 = README[1]
i2x = R((b1 + c1) * F(15, 100) * M)
mo1 = R(c1 * F(30, 100) * F(38, 360))
mo2 = R(c2 * F(30, 100) * F(10, 360))
head2 = f"""{HEAD}
penalty_interest rate 30%"""
left = F(3000) - mo1 - R(mo1 * V) - 725 - c1
first2 = parts(principal=c1, interest=i1, iva_interest=v1, penalty_interest=mo1, iva_penalty_interest=R(mo1 * V))
second2 = parts(principal=c2, interest=i2x, iva_interest=R(i2x * V), penalty_interest=mo2, iva_penalty_interest=R(mo2 * V))
l2 = left - mo2 - R(mo2 * V)
sc("two-late-oldest-first", f"""
# 38 and 10 days late. 3,000.00 pays the whole first one, and of the second penalty interest, its IVA and then IVA on interest ...
{head2}
disburse 2026-01-15
day 2026-03-25
late 38
instalment 1 {first2}
instalment 2 {second2}
pay 3000.00
split {parts(principal=c1, interest=i1 + l2 - R(i2x * V), iva_interest=v1 + R(i2x * V), penalty_interest=mo1 + mo2, iva_penalty_interest=R(mo1 * V) + R(mo2 * V))}
late 10
balance {m(b1)}
""")

mm = mo1 + mo2
mv = R(mo1 * V) + R(mo2 * V)
l3 = 3000 - mm - mv - v1 - R(i2x * V) - i1 - i2x
sc("two-late-by-concept", f"""
# The same, component by component over both: penalty interest, then all IVA and interest, then principal of the oldest.
{head2}
strategy by_concept
disburse 2026-01-15
day 2026-03-25
pay 3000.00
split {parts(principal=l3, interest=i1 + i2x, iva_interest=v1 + R(i2x * V), penalty_interest=mm, iva_penalty_interest=mv)}
late 38
balance {m(50000 - l3)}
""")

sc("own-order-of-allocation", f"""
# IVA, penalty interest, other costs, ordinary interest, principal: the order of a real contract.
{HEAD}
penalty_interest rate 30%
fee 50.00
allocation iva_interest iva_penalty_interest iva_fee penalty_interest fee insurance interest principal
disburse 2026-01-15
day 2026-02-25
pay 150.00
split {parts(iva_interest=v1, iva_penalty_interest=R(mora * V), iva_fee=F(8), penalty_interest=mora, fee=150 - v1 - R(mora * V) - 8 - mora)}
""")

S3 = table(3000, "0.24", [M] * 3)
late_i = R(S3[2][0] * F(24, 100) * M + S3[2][0] * F(24, 100) * F(20, 360))
sc("late-after-the-last", f"""
# Twenty days past the last due date ordinary interest runs on what is overdue, to the day.
{loan("3000.00", "24%", 3)}
disburse 2026-01-15
day 2026-02-15
pay {m(total(S3[0]))}
day 2026-03-15
pay {m(total(S3[1]))}
day 2026-05-05
late 20
due {parts(principal=S3[2][0], interest=late_i, iva_interest=R(late_i * V))}
accrued nothing
payoff {m(S3[2][0] + late_i + R(late_i * V))}
pay {m(S3[2][0] + late_i + R(late_i * V))}
status PAID_OFF
""")

# ---- early

sc("payment-on-the-day-of-disbursement", f"""
# The seed's walk-through: no interest has accrued, all of it reduces principal; 47,500 over 24.
{HEAD}
disburse 2026-01-15
pay 2500.00
split ahead 2500.00
balance 47500.00
level {m(level(47500, "0.15", [M] * 24))}
version 2
left 24
pay 47500.01
refused over_payment payoff 47500.00
pay 47500.00
balance 0.00
status PAID_OFF
""")

n1 = table(b1 - 10000, "0.15", [M] * 23)
sc("prepayment-reduces-the-instalment", f"""
# The first instalment and 10,000 more on its date: PMT on {m(b1 - 10000)} over 23.
{HEAD}
disburse 2026-01-15
day 2026-02-15
pay {m(total(README[0]) + 10000)}
split {parts(principal=c1, interest=i1, iva_interest=v1, ahead=F(10000))}
balance {m(b1 - 10000)}
level {m(level(b1 - 10000, "0.15", [M] * 23))}
left 23
{row(2, "2026-03-15", *n1[0][:3])}
{row(24, "2028-01-15", *n1[22][:3])}
""")

t1 = table(b1 - 10000, "0.15", [M] * 23, a=A)
k = len(t1)
y, mo = divmod(1 + k, 12)
sc("prepayment-reduces-the-term", f"""
# The same, keeping the instalment of 2,424.33: {k} instalments are left instead of 23, the last of {m(t1[-1][0] + t1[-1][1])}.
{HEAD}
excess reduce_term
disburse 2026-01-15
day 2026-02-15
pay {m(total(README[0]) + 10000)}
balance {m(b1 - 10000)}
level {m(A)}
left {k}
{row(2, "2026-03-15", *t1[0][:3])}
{row(1 + k, f"{2026 + y}-{mo + 1:02d}-15", *t1[-1][:3])}
""")

ep = [(F(1000), R((F(11000) - 3500 - 1000 * j) * F(24, 100) / 12)) for j in range(8)]
sc("prepayment-equal-principal-term", f"""
# 3,500 ahead of 11,000 left at 1,000 a month: seven of 1,000 and one of 500.
{loan("12000.00", "24%", 12, "method equal_principal", "excess reduce_term")}
disburse 2026-01-10
day 2026-02-10
pay {m(sum(EP[0]) + 3500)}
balance 7500.00
left 8
{row(2, "2026-03-10", ep[0][0], ep[0][1], R(ep[0][1] * V))}
{row(9, "2026-10-10", F(500), ep[7][1], R(ep[7][1] * V))}
""")

ai = R(F(50000) * F(15, 100) * F(10, 360))
av = R(ai * V)
pre = 20000 - ai - av
nb = 50000 - pre
na = level(nb, "0.15", [M] * 24)
rest_i = R(nb * F(15, 100) * F(20, 360))
full_i = R(nb * F(15, 100) * M)
sc("prepayment-inside-a-period", f"""
# 20,000 on the tenth day: interest of ten days and its IVA, the rest is principal. PMT on {m(nb)} over 24;
# the first instalment lacks the interest that was paid: its interest is of 20 days.
{HEAD}
disburse 2026-01-15
day 2026-01-25
accrued {parts(interest=ai, iva_interest=av)}
pay 20000.00 prepayment
split {parts(interest=ai, iva_interest=av, ahead=pre)}
balance {m(nb)}
level {m(na)}
accrued nothing
{row(1, "2026-02-15", na - full_i, rest_i, R(rest_i * V))}
{row(2, "2026-03-15", *table(nb - (na - full_i), "0.15", [M] * 23, a=na)[0][:3])}
day 2026-02-15
pay {m(na - full_i + rest_i + R(rest_i * V))}
balance {m(nb - (na - full_i))}
""")

sc("less-than-the-interest-accrued", f"""
# On the tenth day {m(ai + av)} have accrued; 100.00 pays IVA and part of the interest, no principal, no new schedule.
{HEAD}
disburse 2026-01-15
day 2026-01-25
pay 100.00
split {parts(iva_interest=av, interest=100 - av)}
balance 50000.00
version 1
day 2026-02-15
due {parts(principal=c1, interest=i1 - (100 - av), iva_interest=v1 - av)}
""")

bi10 = R(F(50000) * F(15, 100) * F(10, 360))
br = R(F(40000) * F(15, 100) * F(21, 360))
bn = R(F(40000) * F(15, 100) * F(28, 360))
sc("prepayment-bullet", f"""
# Interest alone each month; 10,000 of principal after ten days of the first.
{loan("50000.00", "15%", 3, "method bullet", "day_count ACT/360", "excess reduce_term")}
disburse 2026-01-15
day 2026-01-25
pay {m(10000 + bi10 + R(bi10 * V))}
split {parts(interest=bi10, iva_interest=R(bi10 * V), ahead=F(10000))}
{row(1, "2026-02-15", 0, br, R(br * V))}
{row(2, "2026-03-15", 0, bn, R(bn * V))}
{row(3, "2026-04-15", 40000, R(F(40000) * F(15, 100) * F(31, 360)), R(R(F(40000) * F(15, 100) * F(31, 360)) * V))}
""")

sa = R(F(30000) * F(20, 100) * F(40, 360))
sb = R(F(20000) * F(20, 100) * F(days("2026-03-01", "2026-07-20"), 360))
sc("prepayment-single-payment", f"""
# 40 days on 30,000, then 141 on 20,000.
{loan("30000.00", "20%", 6, "method single", "day_count ACT/360")}
disburse 2026-01-20
day 2026-03-01
pay {m(10000 + sa + R(sa * V))}
split {parts(interest=sa, iva_interest=R(sa * V), ahead=F(10000))}
{row(1, "2026-07-20", F(20000), sb, R(sb * V))}
day 2026-07-20
pay {m(20000 + sb + R(sb * V))}
status PAID_OFF
""")

mp = table(ME[0][3] - 1000, "0.24", [F(31, 360), F(30, 360), F(31, 360)])
sc("prepayment-keeps-the-month-ends", f"""
# On 28 February 1,000 more: the dates stay 31 March, 30 April and 31 May.
{loan("10000.00", "24%", 4, "day_count ACT/360")}
disburse 2026-01-31
day 2026-02-28
pay {m(total(ME[0]) + 1000)}
balance {m(ME[0][3] - 1000)}
{row(2, "2026-03-31", *mp[0][:3])}
{row(3, "2026-04-30", *mp[1][:3])}
{row(4, "2026-05-31", *mp[2][:3])}
""")

hold = total(README[0]) + 1000
sc("advance-pays-the-next-instalments", f"""
# Pago adelantado of the first instalment and 1,000: held, no balance changes; each pays itself on its date.
{HEAD}
disburse 2026-01-15
day 2026-02-01
pay {m(hold)} advance
split to_unapplied {m(hold)}
balance 50000.00
unapplied {m(hold)}
version 1
day 2026-02-15
happened {parts(principal=c1, interest=i1, iva_interest=v1)}
due nothing
balance {m(b1)}
unapplied 1000.00
day 2026-03-15
happened {parts(principal=1000 - v2 - i2t, interest=i2t, iva_interest=v2)}
unapplied 0.00
due {parts(principal=c2 - (1000 - v2 - i2t))}
pay {m(c2 - (1000 - v2 - i2t))}
balance {m(b2)}
late 0
""")

sc("product-that-holds-the-excess", f"""
# By the product the excess waits; as prepayment it reduces principal.
{HEAD}
excess keep_unapplied
disburse 2026-01-15
day 2026-02-15
pay {m(total(README[0]) + 500)}
split {parts(principal=c1, interest=i1, iva_interest=v1, to_unapplied=F(500))}
unapplied 500.00
pay 1000.00 prepayment
split ahead 1000.00
balance {m(b1 - 1000)}
level {m(level(b1 - 1000, "0.15", [M] * 23))}
unapplied 500.00
""")

# ---- payoff

pi = R(b1 * F(15, 100) * F(10, 360))
po = b1 + pi + R(pi * V)
sc("payoff-inside-a-period", f"""
# After the first instalment, on 25 February: {m(b1)} and ten days of interest with IVA.
{HEAD}
disburse 2026-01-15
day 2026-02-15
pay {m(total(README[0]))}
day 2026-02-25
payoff {m(po)}
pay {m(po + F(1, 100))}
refused over_payment payoff {m(po)}
balance {m(b1)}
pay {m(po)}
split {parts(interest=pi, iva_interest=R(pi * V), ahead=b1)}
status PAID_OFF
balance 0.00
left 0
""")

lpo = 50000 + i1 + v1 + mora + R(mora * V) + ran + R(ran * V)
sc("payoff-of-a-late-loan", f"""
# Ten days late: the instalment, its penalty interest, the interest accrued and the principal.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-02-25
payoff {m(lpo)}
pay {m(lpo)}
split {parts(principal=c1, interest=i1 + ran, iva_interest=v1 + R(ran * V), penalty_interest=mora, iva_penalty_interest=R(mora * V), ahead=b1)}
status PAID_OFF
""")

sc("payoff-with-an-advance", f"""
# What is held is taken off.
{HEAD}
disburse 2026-01-15
pay 5000.00 advance
day 2026-01-25
payoff {m(50000 + ai + av - 5000)}
pay {m(50000 + ai + av - 5000)}
split {parts(interest=ai, iva_interest=av, ahead=F(50000))}
from_unapplied 5000.00
unapplied 0.00
status PAID_OFF
""")

sc("payoff-leaves-out-what-is-to-come", f"""
# Fee and insurance of instalments to come are not charged.
{HEAD}
fee 50.00
insurance 35.00
disburse 2026-01-15
day 2026-01-25
payoff {m(50000 + ai + av)}
""")

# ---- reversal and value dates

sc("reverse-the-last-payment", f"""
# The account is what it was.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-02-15
pay {m(total(README[0]))}
balance {m(b1)}
reverse 1
balance 50000.00
left 24
due {parts(principal=c1, interest=i1, iva_interest=v1)}
day 2026-02-25
due {parts(principal=c1, interest=i1, iva_interest=v1, penalty_interest=mora, iva_penalty_interest=R(mora * V))}
reverse 1
refused invalid operation
""")

sc("reverse-a-prepayment", f"""
# The earlier schedule comes back.
{HEAD}
disburse 2026-01-15
day 2026-01-25
pay 20000.00
balance {m(nb)}
reverse 1
balance 50000.00
version 1
level {m(A)}
{row(1, "2026-02-15", c1, i1, v1)}
""")

rm1 = R(c1 * F(30, 100) * F(28, 360))
ri2 = i2x
rs = total(README[1])
rl = rs - rm1 - R(rm1 * V) - 725
sc("reverse-an-earlier-payment", f"""
# The first payment bounced: what came on 15 March pays the first instalment, 28 days late, and not the second.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-02-15
pay {m(total(README[0]))}
day 2026-03-15
pay {m(rs)}
split {parts(principal=c2, interest=i2t, iva_interest=v2)}
reverse 1
resplit 2 {parts(principal=rl, interest=i1, iva_interest=v1, penalty_interest=rm1, iva_penalty_interest=R(rm1 * V))}
balance {m(50000 - rl)}
instalment 1 {parts(principal=c1 - rl)}
late 28
""")
assert rl < c1

sc("payment-dated-back", f"""
# Entered on 25 February with the value date of the 15th, when it was due: no penalty interest, and the payment that was
# entered on the 20th, {m(F(1000))}, is split again: no longer for the instalment but five days of interest and principal.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-02-20
pay 1000.00
day 2026-02-25
pay {m(total(README[0]))} dated 2026-02-15
resplit 1 {parts(interest=R(b1 * F(15, 100) * F(5, 360)), iva_interest=R(R(b1 * F(15, 100) * F(5, 360)) * V), ahead=1000 - R(b1 * F(15, 100) * F(5, 360)) - R(R(b1 * F(15, 100) * F(5, 360)) * V))}
balance {m(b1 - (1000 - R(b1 * F(15, 100) * F(5, 360)) - R(R(b1 * F(15, 100) * F(5, 360)) * V)))}
late 0
""")

sc("dates-that-are-refused", f"""
{HEAD}
disburse 2026-01-15
day 2026-02-15
pay 100.00 dated 2026-02-16
refused invalid value_date
pay 100.00 dated 2026-01-14
refused invalid value_date
pay 0.00
refused invalid amount
pay 100.00 tomorrow
refused invalid kind
balance 50000.00
""")

# ---- ends

wd = F(50000)
wi = R(F(50000) * F(15, 100) * M)          # second period, nothing paid
wm1 = R(c1 * F(30, 100) * F(38, 360))
wm2 = R(c2 * F(30, 100) * F(10, 360))
wacc = R((b2 + c1 + c2) * F(15, 100) * F(10, 360))
wall = dict(principal=wd, interest=i1 + wi + wacc, iva_interest=v1 + R(wi * V) + R(wacc * V), penalty_interest=wm1 + wm2, iva_penalty_interest=R(wm1 * V) + R(wm2 * V))
rec = F(1000)
rec_left = rec - wall["iva_penalty_interest"] - wall["penalty_interest"] - wall["iva_interest"]
sc("write-off-and-recovery", f"""
# Nothing was paid; written off on 25 March with all that was owed. Nothing accrues after; 1,000.00 is recovered in June.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-03-25
payoff {m(sum(wall.values()))}
writeoff
split {parts(**wall)}
status WRITTEN_OFF
balance 0.00
written_off {parts(**wall)}
day 2026-06-30
written_off {parts(**wall)}
pay 1000.00
refused loan_not_active loan_status WRITTEN_OFF
recover 1000.00
split {parts(iva_penalty_interest=wall["iva_penalty_interest"], penalty_interest=wall["penalty_interest"], iva_interest=wall["iva_interest"], interest=rec_left)}
written_off {parts(principal=wd, interest=wall["interest"] - rec_left)}
recover {m(wd + wall["interest"] - rec_left + F(1, 100))}
refused over_payment payoff {m(wd + wall["interest"] - rec_left)}
recover {m(wd + wall["interest"] - rec_left)}
written_off nothing
status WRITTEN_OFF
""")

sc("reverse-a-write-off", f"""
# First the recovery, then the write-off; the loan owes again as if neither had been.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-03-25
writeoff
recover 500.00
reverse 1
refused loan_not_active operation 2
reverse 2
reverse 1
status ACTIVE
balance 50000.00
payoff {m(sum(wall.values()))}
""")

ro = dict(interest=i1 + wi + wacc, iva_interest=wall["iva_interest"], penalty_interest=wm1 + wm2, iva_penalty_interest=wall["iva_penalty_interest"])
RS = table(50000, "0.12", [F(1, 12)] * 36)
sc("restructure-carries-what-is-owed", f"""
# On 25 March: 50,000 at 12 % over 36 months. The {m(sum(ro.values()))} owed besides are due with the first, without interest.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-03-25
restructure rate 12% periods 36
status RESTRUCTURED
balance 50000.00
late 0
due nothing
level {m(level(50000, "0.12", [F(1, 12)] * 36))}
payoff {m(50000 + sum(ro.values()))}
{row(1, "2026-04-25", *RS[0][:3])}
day 2026-04-25
due {parts(principal=RS[0][0], interest=RS[0][1] + ro["interest"], iva_interest=RS[0][2] + ro["iva_interest"], penalty_interest=ro["penalty_interest"], iva_penalty_interest=ro["iva_penalty_interest"])}
pay {m(total(RS[0]) + sum(ro.values()))}
balance {m(RS[0][3])}
left 35
""")

cap = i1 + wi + wacc
RC = table(50000 + cap, "0.12", [F(1, 12)] * 36)
sc("restructure-capitalises-interest", f"""
# As agreed, the interest owed of {m(cap)} becomes principal; IVA and penalty interest are carried.
{HEAD}
penalty_interest rate 30%
disburse 2026-01-15
day 2026-03-25
restructure rate 12% periods 36 capitalise yes
balance {m(50000 + cap)}
{row(1, "2026-04-25", *RC[0][:3])}
day 2026-04-25
due {parts(principal=RC[0][0], interest=RC[0][1], iva_interest=RC[0][2] + ro["iva_interest"], penalty_interest=ro["penalty_interest"], iva_penalty_interest=ro["iva_penalty_interest"])}
""")

R2 = table(b1, "0.18", [F(15, 360)] * 12)
sc("restructure-of-a-loan-up-to-date", f"""
# After the first instalment, to quincenas at 18 %; the numbers go on.
{HEAD}
disburse 2026-01-15
day 2026-02-15
pay {m(total(README[0]))}
restructure rate 18% periods 12 frequency quincenal
{row(2, "2026-02-28", *R2[0][:3])}
{row(13, "2026-08-15", *R2[11][:3])}
balance {m(b1)}
restructure rate 18% periods 0
refused invalid periods
reverse 2
status ACTIVE
{row(2, "2026-03-15", *README[1][:3])}
""")

sc("cancelled-on-its-day", f"""
{HEAD}
disburse 2026-01-15
cancel
status CANCELLED
balance 0.00
pay 1.00
refused loan_not_active loan_status CANCELLED
reverse 1
status ACTIVE
balance 50000.00
pay 1000.00
cancel
refused loan_state operations 1
day 2026-01-16
cancel
refused loan_state latest 2026-01-15
""")

sc("terms-that-are-refused", f"""
{loan("50000.00", "101%", 24)}
disburse 2026-01-15
refused invalid annual_rate
rate 15%
periods 0
disburse 2026-01-15
refused invalid periods
periods 24
disburse 2026-01-15 first 2026-01-15
refused invalid first_due_date
allocation principal interest iva_interest fee iva_fee penalty_interest iva_penalty_interest
disburse 2026-01-15
refused invalid allocation
""")

sc("zero-rate", f"""
# No interest: 1,000 / 3, the last takes the centavo; late or early only principal.
{loan("1000.00", "0%", 3)}
disburse 2026-01-15
level 333.33
day 2026-02-20
due principal 333.33
pay 333.33
day 2026-03-01
pay 100.00
split ahead 100.00
balance 566.67
row 3 due 2026-04-15 principal 283.33
row 2 due 2026-03-15 principal 283.34
day 2026-04-15
payoff 566.67
""")
# ---- corners

w0 = level(10000, "0.24", [F(0), F(0), M])
sc("late-in-a-period-without-interest", f"""
# Two months bear no interest, overdue principal neither.
{loan("10000.00", "24%", 3, "grace interest 2 mode waive")}
disburse 2026-01-15
level {m(w0)}
day 2026-03-15
due {parts(principal=2 * w0)}
day 2026-03-20
accrued {parts(interest=R(F(10000) * F(24, 100) * F(5, 360)), iva_interest=R(R(F(10000) * F(24, 100) * F(5, 360)) * V))}
""")

for more in range(1, 2000):
    X = table(50000 + more, "0.15", [M] * 24)
    x = R((X[0][3] * 30 + X[0][0] * 10) * F(15, 100) / 360)
    if R(x * V) != X[1][2] + R((x - X[1][1]) * V):
        break
else:
    raise AssertionError
sc("iva-of-late-interest-is-one-figure", f"""
# Ten days late: IVA {m(R(x * V))} on the {m(x)} of the second instalment together, not {m(X[1][2])} and {m(R((x - X[1][1]) * V))}.
{loan(f"{50000 + more}.00", "15%", 24)}
disburse 2026-01-15
day 2026-02-25
pay {m(total(X[0]))}
day 2026-03-15
due {parts(principal=X[1][0], interest=x, iva_interest=R(x * V))}
""")

w30 = R(F(10000) * F(60, 100) * F(7, 360))
sc("weekly-30-360-in-february", f"""
# From 25 February 30/360 counts 8 days to 3 March; the week has 7 and no more accrue.
{loan("10000.00", "60%", 4, "frequency weekly", "method bullet")}
disburse 2026-02-25
day 2026-03-01
accrued {parts(interest=R(F(10000) * F(60, 100) * F(6, 360)), iva_interest=R(R(F(10000) * F(60, 100) * F(6, 360)) * V))}
day 2026-03-03
accrued {parts(interest=w30, iva_interest=R(w30 * V))}
day 2026-03-04
due {parts(interest=w30, iva_interest=R(w30 * V))}
""")

dg = R(F(10000) * F(24, 100) * F(10, 360))
dn = R(F(10000) * F(24, 100) * F(20, 360))
sc("prepayment-while-interest-waits", f"""
# In grace {m(dg + R(dg * V))} have accrued on the tenth day: less than that is held, as much pays it for good.
{loan("10000.00", "24%", 3, "grace principal 1 interest 1 mode defer")}
disburse 2026-01-15
day 2026-01-25
pay {m(dg)}
split to_unapplied {m(dg)}
version 1
reverse 1
pay {m(dg + R(dg * V))}
split {parts(interest=dg, iva_interest=R(dg * V))}
version 2
accrued nothing
day 2026-02-15
due nothing
day 2026-03-15
due {parts(principal=GP[0][0], interest=dn + g, iva_interest=R((dn + g) * V))}
""")

cn = R(F(10000) * F(24, 100) * F(20, 360))
sc("prepayment-before-interest-is-capitalised", f"""
# What is paid in time is not capitalised: {m(cn)} instead of {m(g)}.
{loan("10000.00", "24%", 3, "grace principal 1 interest 1 mode capitalise")}
disburse 2026-01-15
day 2026-01-25
pay {m(dg + R(dg * V))}
day 2026-02-15
balance {m(10000 + cn)}
due {parts(iva_interest=R(cn * V))}
""")

sc("reduce-the-term-in-grace", f"""
# In grace of principal a prepayment reduces the instalment.
{loan("10000.00", "24%", 4, "grace principal 2", "excess reduce_term")}
disburse 2026-01-15
pay 1000.00
level {m(level(9000, "0.24", [M] * 2))}
left 4
""")

wl = level(9000, "0.24", [F(0), M, M])
sc("prepayment-in-a-period-without-interest", f"""
# The first month bears no interest, before and after.
{loan("10000.00", "24%", 3, "grace interest 1 mode waive")}
disburse 2026-01-15
day 2026-01-25
pay 1000.00
split ahead 1000.00
{row(1, "2026-02-15", wl, 0, 0)}
{row(2, "2026-03-15", wl - R((9000 - wl) * F(24, 1200)), R((9000 - wl) * F(24, 1200)), R(R((9000 - wl) * F(24, 1200)) * V))}
""")

sc("prepayment-below-the-origination-fee", f"""
# 1,500.00 of origination fee is no part of a later schedule, even of 1,000.00.
{HEAD}
opening 1500.00
disburse 2026-01-15
pay 49000.00
balance 1000.00
level {m(level(1000, "0.15", [M] * 24))}
""")

sc("only-penalty-interest-left", f"""
# Principal first: what is left is penalty interest, and the instalment is not past due by it.
{HEAD}
penalty_interest rate 30%
allocation principal interest iva_interest fee iva_fee insurance penalty_interest iva_penalty_interest
disburse 2026-01-15
day 2026-02-25
pay {m(total(README[0]))}
due {parts(penalty_interest=mora, iva_penalty_interest=R(mora * V))}
late 0
day 2026-03-10
due {parts(penalty_interest=mora, iva_penalty_interest=R(mora * V))}
""")

sc("reduce-the-term-residue-first", f"""
# The part of equal principal is 3,333.33; the centavo of the first is not kept.
{loan("10000.00", "0%", 3, "method equal_principal", "residue first", "excess reduce_term")}
disburse 2026-01-10
pay 1000.00
level 3333.33
row 1 due 2026-02-10 principal 3333.33
row 3 due 2026-04-10 principal 2333.34
""")

sc("by-concept-with-a-moved-date", f"""
# Daily from Thursday 8 January 2026: Friday's is late on Saturday; Saturday's may be paid but is due on Monday: Friday's comes first, whole.
{loan("1000.00", "36%", 4, "frequency every_n_days 1", "method equal_principal", "day_count ACT/360", "holidays next", "strategy by_concept")}
disburse 2026-01-08
row 1 due 2026-01-09 principal 250.00 interest 1.00 iva_interest 0.16
row 2 due 2026-01-12 principal 250.00 interest 0.75 iva_interest 0.12
day 2026-01-10
due {parts(principal=F(500), interest=R(F(1) + F("0.75") + F("0.25")), iva_interest=F("0.32"))}
pay 251.16
split {parts(principal=F(250), interest=F(1), iva_interest=F("0.16"))}
late 0
""")
print(len(DONE), "scenarios")
