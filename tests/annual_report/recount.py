"""The annual report counted again from the rows, in SQL and arithmetic of its own: none of it asks a model.

{caption: rows} in `everything`; the committee's are in recount_committee.py.
"""

import math
import statistics
from collections import defaultdict
from datetime import date

from models.base import db
from tests.annual_report.filled_year import YEAR

MINE = f"c.process = 'nethoss' AND c.month BETWEEN '{YEAR}-01' AND '{YEAR}-12'"


def ask(question, *values):
    return db.execute_sql(question, values).fetchall()


def one(question, *values):
    return ask(question, *values)[0][0]


def day(moment):
    return date.fromisoformat(str(moment)[:10])


def said(value):
    """A value as the page writes it."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",") if isinstance(value, float) else value


def rows_as_text(tables):
    return {caption: [[said(value) for value in row] for row in rows] for caption, rows in tables.items()}


def themes():
    return [name for (name,) in ask("SELECT name FROM theme WHERE process = 'nethoss' ORDER BY position, id")]


def reported():
    states = {
        "approved": "c.status = 'goedgekeurd'",
        "busy": "c.status IN ('concept', 'onvolledig', 'ingediend')",
        "withdrawn": "c.status = 'ingetrokken' AND NOT c.dismissed",
        "doubled": "c.status = 'ingetrokken' AND c.dismissed AND c.dismissed_as = 'dubbel'",
        "outside": "c.status = 'ingetrokken' AND c.dismissed AND c.dismissed_as = 'definitie'",
    }
    asked = ", ".join(f"SUM(CASE WHEN {rule} THEN 1 ELSE 0 END)" for rule in states.values())
    found = {
        name: list(rest)
        for name, *rest in ask(
            f'SELECT t.name, COUNT(*), {asked} FROM "case" c JOIN theme t ON t.id = c.theme_id WHERE {MINE} GROUP BY t.name'
        )
    }
    rows = [[name, *found.get(name, [0] * 6)] for name in themes()]
    return [*rows, ["Alle thema’s", *map(sum, zip(*(row[1:] for row in rows), strict=True))]]


def bound(cases, chance, more):
    """The mean of a Poisson count by halving: P(as many as `cases` or more, or fewer) is `chance` there."""
    low, high = 0.0, 1000.0
    for _ in range(200):
        mean = (low + high) / 2
        up_to = sum(math.exp(-mean) * mean**count / math.factorial(count) for count in range(cases + (0 if more else 1)))
        low, high = (mean, high) if (1 - up_to < chance if more else up_to > chance) else (low, mean)
    return low


def incidence():
    births = one(f"SELECT count FROM births WHERE hospital_id IS NULL AND year = {YEAR}")
    rows = []
    for name, _, approved, *_ in reported()[:-1]:
        bounds = bound(approved, 0.025, True) if approved else 0.0, bound(approved, 0.025, False)
        rows.append([name, approved, *(float(round(10_000 * count / births, 2)) for count in (approved, *bounds))])
    return rows


def response():
    sent = "SELECT DISTINCT hospital_id, month FROM mail WHERE name = 'monthly_request' AND status = 'verzonden'"
    answers = (
        "SELECT a.hospital_id, COUNT(*), SUM(CASE WHEN a.confirmed THEN 1 ELSE 0 END),"
        " SUM(CASE WHEN a.confirmed AND CAST(substr(CAST(a.at AS TEXT), 9, 2) AS INTEGER) < 15"
        " AND CAST(substr(CAST(a.at AS TEXT), 6, 2) AS INTEGER) = CAST(substr(a.month, 6, 2) AS INTEGER) + 1 THEN 1 ELSE 0 END)"
        f" FROM month_answer a JOIN ({sent}) s ON s.hospital_id = a.hospital_id AND s.month = a.month"
        " WHERE a.ended_at IS NULL GROUP BY a.hospital_id"
    )
    given = {hospital: rest for hospital, *rest in ask(answers)}
    held = dict(ask(f"SELECT c.hospital_id, COUNT(*) FROM \"case\" c WHERE {MINE} AND c.status <> 'ingetrokken' GROUP BY 1"))
    rows = []
    for hospital, name, asked in ask(
        f"SELECT h.id, h.name, COUNT(*) FROM hospital h JOIN ({sent}) s ON s.hospital_id = h.id GROUP BY 1, 2 ORDER BY 2"
    ):
        every, confirmed, in_time = given.get(hospital, (0, 0, 0))
        share = f"{round(100 * confirmed / asked)}%"
        rows.append([name, asked, confirmed, share, in_time, every - confirmed, held.get(hospital, 0)])
    return rows


def moves():
    """{case: [(action, day)]} of submissions and verdicts."""
    found = defaultdict(list)
    asked = "'case.submit', 'case.approve', 'case.mark_incomplete', 'case.dismiss'"
    for case, action, at in ask(
        f'SELECT e.case_id, e.action, e.at FROM event e JOIN "case" c ON c.id = e.case_id'
        f" WHERE {MINE} AND e.action IN ({asked}) ORDER BY e.id"
    ):
        found[case].append((action, day(at)))
    return found


def spread(label, took, waits=()):
    took = sorted(took)
    ninetieth = statistics.quantiles(took, n=10, method="inclusive")[8] if len(took) > 1 else took[0]
    told = [float(round(statistics.median(took), 1)), float(round(ninetieth, 1))]
    return [label, len(took), *told, len(waits), max(waits, default=None)]


def times(today):
    zeroes = ask("SELECT month, at FROM month_answer WHERE kind = 'nul' AND confirmed AND ended_at IS NULL")
    answers = [(day(at) - date(int(month[:4]), int(month[5:]) + 1, 1)).days for month, at in zeroes]
    made = {case: rest for case, *rest in ask(f'SELECT c.id, c.created_at, c.approved_at, c.status FROM "case" c WHERE {MINE}')}
    all_moves = moves()
    first, first_waits, verdicts, verdict_waits, approval, approval_waits = [], [], [], [], [], []
    for case, (created, approved, status) in made.items():
        done = all_moves[case]
        submitted = [at for action, at in done if action == "case.submit"]
        since = None
        for action, at in done:
            if action == "case.submit":
                since = at
            elif since:
                verdicts.append((at - since).days)
                since = None
        verdict_waits += [(today - since).days] if since else []
        if submitted:
            first.append((submitted[0] - day(created)).days)
        elif status != "ingetrokken":
            first_waits.append((today - day(created)).days)
        if status == "goedgekeurd":
            approval.append((day(approved) - day(created)).days)
        elif status != "ingetrokken":
            approval_waits.append((today - day(created)).days)
    return [
        spread("Van uitvraag tot nul-melding", answers),
        spread("Van aanmaken tot eerste keer indienen", first, first_waits),
        spread("Van indienen tot oordeel van de coördinator", verdicts, verdict_waits),
        spread("Van aanmaken tot goedkeuring", approval, approval_waits),
    ]


def rounds():
    approved = ask(f"SELECT c.id FROM \"case\" c WHERE {MINE} AND c.status = 'goedgekeurd'")
    all_moves = moves()
    often = [sum(action == "case.submit" for action, _ in all_moves[case]) for (case,) in approved]
    return [["1", often.count(1)], ["2", often.count(2)], ["3 of meer", sum(times > 2 for times in often)]]


def reminders():
    stays = (
        "SELECT r.case_id, r.round, MAX(r.weeks) AS last, MAX(c.round) AS now, MAX(c.status) AS status FROM reminder r"
        f' JOIN "case" c ON c.id = r.case_id WHERE {MINE} GROUP BY r.case_id, r.round'
    )
    came = f"SELECT last, COUNT(*) FROM ({stays}) s WHERE now > round OR status NOT IN ('concept', 'onvolledig') GROUP BY last"
    after = dict(ask(came))
    sent = (
        "SELECT weeks, COUNT(*) FROM (SELECT DISTINCT r.case_id, r.round, r.weeks FROM reminder r"
        f' JOIN "case" c ON c.id = r.case_id WHERE {MINE}) d GROUP BY weeks ORDER BY weeks'
    )
    return [[weeks, count, after.get(weeks, 0)] for weeks, count in ask(sent)]


def documents():
    first = "SELECT case_id, MIN(at) AS at FROM event WHERE action = 'case.submit' GROUP BY case_id"
    here = "d.case_id = c.id AND d.asked_id = a.id AND d.removed_at IS NULL AND d.state = 'niet gescand'"
    there = f"EXISTS (SELECT 1 FROM document d WHERE {here})"
    answered = "EXISTS (SELECT 1 FROM asked_answer g WHERE g.case_id = c.id AND g.asked_id = a.id AND g.expected_on IS {} NULL)"
    columns = (
        f"EXISTS (SELECT 1 FROM document d WHERE {here} AND d.added_at <= f.at)",
        there,
        f"NOT {there} AND {answered.format('NOT')}",
        f"NOT {there} AND {answered.format('')}",
    )
    sums = ", ".join(f"SUM(CASE WHEN {rule} THEN 1 ELSE 0 END)" for rule in columns)
    return [
        list(row)
        for row in ask(
            f'SELECT t.name, a.label, COUNT(*), {sums} FROM "case" c JOIN theme t ON t.id = c.theme_id'
            f" JOIN asked_document a ON a.theme_id = t.id JOIN ({first}) f ON f.case_id = c.id"
            f" WHERE {MINE} AND c.status <> 'ingetrokken' AND c.submitted_at IS NOT NULL"
            " GROUP BY t.position, t.name, a.position, a.label ORDER BY t.position, a.position"
        )
    ]


def second_source():
    """(by theme, by hospital and theme), with Chapman's estimate and Seber's error."""
    listed = dict(
        ((hospital, theme, month), count)
        for hospital, theme, month, count in ask(
            "SELECT h.name, t.name, l.month, l.count FROM second_source_count l JOIN hospital h ON h.id = l.hospital_id"
            " JOIN theme t ON t.id = l.theme_id"
        )
    )
    here = dict(
        ((hospital, theme, month), count)
        for hospital, theme, month, count in ask(
            'SELECT h.name, t.name, c.month, COUNT(*) FROM "case" c JOIN hospital h ON h.id = c.hospital_id'
            f" JOIN theme t ON t.id = c.theme_id WHERE {MINE} AND c.status <> 'ingetrokken' GROUP BY h.name, t.name, c.month"
        )
    )
    asked = set(
        ask(
            "SELECT DISTINCT h.name, m.month FROM mail m JOIN hospital h ON h.id = m.hospital_id"
            " WHERE m.name = 'monthly_request' AND m.status = 'verzonden'"
        )
    )
    named = {theme for _, theme, _ in listed}
    found = defaultdict(lambda: [0, 0, 0, 0])
    for key in listed.keys() | here.keys():
        hospital, theme, month = key
        if theme not in named or ((hospital, month) not in asked and key not in listed):
            continue
        there, ours = listed.get(key, 0), here.get(key, 0)
        counts = (there, ours, min(there, ours), 0) if (hospital, month) in asked else (0, 0, 0, there)
        for group in ((theme,), ("Alle vergeleken thema’s",), (hospital, theme)):
            found[group] = [before + more for before, more in zip(found[group], counts, strict=True)]
    order = [theme for theme in themes() if theme in named]
    rows = {group: [*group, *_captured(*counts)] for group, counts in found.items()}
    hospitals = sorted({group[0] for group in rows if len(group) == 2})
    return (
        [rows[theme,] for theme in [*order, "Alle vergeleken thema’s"]],
        [rows[hospital, theme] for hospital in hospitals for theme in order if (hospital, theme) in rows],
    )


def _captured(listed, here, both, unasked):
    estimate = (listed + 1) * (here + 1) / (both + 1) - 1
    spread = (listed + 1) * (here + 1) * (listed - both) * (here - both) / ((both + 1) ** 2 * (both + 2))
    return [listed, here, both, listed - both, here - both, unasked, round(estimate, 1), round(math.sqrt(spread), 1)]


def everything(today):
    """All tables but those of the committee."""
    by_theme, by_hospital = second_source()
    return {
        "Gemelde casussen per thema": reported(),
        "Goedgekeurde casussen per 10.000 geboorten": incidence(),
        "Respons per ziekenhuis": response(),
        "Tweede bron per thema": by_theme,
        "Tweede bron per ziekenhuis": by_hospital,
        "Doorlooptijden in dagen": times(today),
        "Hoe vaak een goedgekeurde casus is ingediend": rounds(),
        "Herinneringen": reminders(),
        "Gevraagde documenten": documents(),
    }
