"""The committee's tables of the annual report counted again from the rows; sealed answers are opened, no model is asked.

Nothing of the filled year is so small that it must be hidden.
"""

import csv
import json
import random
import statistics
from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

from models.committee.committee_form import CommitteeForm
from tests.annual_report.recount import MINE, ask, day, one

QUESTIONS = Path("models/questionnaires/data/assessment-morbiditeit.csv")
OUTSIDE, UNJUDGED = "fase niet aan de orde", "niet te beoordelen"
SCALES = [*(f"C{number}" for number in range(1, 11)), "E1", "E2", "M9", "M14", "M17"]
NAMES = ["B1", "B2", "B3", "B4", "D1", "D4", "D5", "M2", "M4", "M8"]
CASES = f"SELECT c.id FROM \"case\" c WHERE {MINE} AND c.status = 'goedgekeurd'"
TREATMENTS = f"SELECT t.id FROM treatment t WHERE t.case_id IN ({CASES})"
DISCUSSED = "state IN ('besproken', 'gesloten')"


def opened(where):
    """[{code: what was kept}] of the forms for which `where` holds, each treatment's in the order of the assessors."""
    found = defaultdict(list)
    for treatment, answers in ask(
        "SELECT f.treatment_id, f.answers FROM committee_form f LEFT JOIN assessment a ON a.id = f.assessment_id"
        f" WHERE f.treatment_id IN ({TREATMENTS}) AND {where} ORDER BY f.treatment_id, a.id"
    ):
        kept = json.loads(CommitteeForm.answers.python_value(answers))
        found[treatment].append({at.split(".")[0]: answer["kept"] for at, answer in kept.items()})
    return list(found.values())


def consensus():
    return [form for (form,) in opened("f.assessment_id IS NULL AND f.fixed_at IS NOT NULL")]


def pairs():
    return [forms[:2] for forms in opened("a.handed_in_at IS NOT NULL AND a.ended_at IS NULL AND NOT a.third")]


def questions(file=QUESTIONS):
    """{code: (label, options in their order)}."""
    found = {}
    for row in csv.DictReader(file.open()):
        kind, _, options = row["type_and_options"].partition(": ")
        if kind.endswith("ja/nee"):
            options = "ja; nee"
        found[row["code"]] = row["label"], [option.strip() for option in options.split(";")]
    return found


def of(count, whole):
    return f"{count} van {whole}"


def counts():
    told, all_of = one(f"SELECT COUNT(*) FROM treatment WHERE {DISCUSSED}"), one(f"SELECT COUNT(*) FROM ({TREATMENTS}) t")
    closed = one("SELECT COUNT(*) FROM treatment WHERE state = 'gesloten'")
    thirds = one("SELECT COUNT(DISTINCT treatment_id) FROM assessment WHERE third AND ended_at IS NULL")
    there = "FROM assessment WHERE handed_in_at IS NOT NULL AND ended_at IS NULL"
    formal = sum(form["V11"] == "hamerstuk, beoordelaars gelijk" for form in consensus())
    big = sum({one["C10"], two["C10"]} == {"goed", "kon beter, waarschijnlijk van invloed"} for one, two in pairs())
    letters = one("SELECT COUNT(DISTINCT case_id) FROM lesson_letter")
    return [
        ["Besproken", of(told, all_of)],
        ["Behandeling gesloten", of(closed, told)],
        ["Met een derde beoordelaar", of(thirds, all_of)],
        ["Beoordelingen op tijd", of(one(f"SELECT COUNT(*) {there} AND NOT late"), one(f"SELECT COUNT(*) {there}"))],
        ["Vastgesteld als hamerstuk", of(formal, told)],
        ["Groot verschil tussen de eerste twee", of(big, len(pairs()))],
        ["Lessenbrief naar het ziekenhuis", of(letters, told)],
    ]


def between(label, took, whole):
    took = sorted(took)
    ninetieth = statistics.quantiles(took, n=10, method="inclusive")[8]
    return [label, of(len(took), whole), float(statistics.median(took)), float(round(ninetieth, 1))]


def gaps(question):
    return [(day(end) - day(begin)).days for begin, end in ask(question)]


def times():
    whole = one(f"SELECT COUNT(*) FROM ({TREATMENTS}) t")
    until = {
        "de beoordelingen": ("t.compared_at", "t.compared_at IS NOT NULL"),
        "de bespreking": ("m.day", f"t.{DISCUSSED}"),
        "de lessenbrief": ("l.released_at", "l.id IS NOT NULL"),
        "het sluiten": ("t.closed_at", "t.closed_at IS NOT NULL"),
    }
    joined = (
        'FROM treatment t JOIN "case" c ON c.id = t.case_id JOIN meeting m ON m.id = t.meeting_id'
        " LEFT JOIN lesson_letter l ON l.case_id = c.id"
    )
    return [
        between(label, gaps(f"SELECT c.approved_at, {moment} {joined} WHERE {rule}"), whole)
        for label, (moment, rule) in until.items()
    ]


def dealings():
    asked = ask("SELECT case_id, asked_at, replied_at FROM inquiry WHERE code = 'algemeen'")
    took = [(day(until) - day(since)).days for _, since, until in asked if until]
    cases, named = one(f"SELECT COUNT(*) FROM ({TREATMENTS}) t"), one("SELECT COUNT(*) FROM assessment")
    opened_at = dict(ask("SELECT detail, MIN(at) FROM event WHERE action = 'letter.read' GROUP BY detail"))
    letters = ask('SELECT "key", released_at FROM lesson_letter')
    read = sum(key in opened_at and (day(opened_at[key]) - day(since)).days <= 30 for key, since in letters)
    ended = dict(ask("SELECT ended_why, COUNT(*) FROM assessment GROUP BY ended_why"))
    return [
        ["Met een vraag aan het ziekenhuis", of(len({case for case, _, _ in asked}), cases), None, None],
        between("Vragen beantwoord", took, len(asked)),
        ["Lessenbrieven gelezen", of(read, len(letters)), None, None],
        ["Beoordelaar meldde zelf een band", of(ended["band met de casus"], named), None, None],
        ["Band later gevonden", of(ended["band gevonden"], named), None, None],
    ]


def graded(code):
    scale = questions(QUESTIONS.with_name("assessment-consensus.csv"))[code][1]
    said = Counter(form[code] if form[code] in scale else UNJUDGED for form in consensus())
    return [["Peripartum hysterectomie", *(of(said[grade], said.total()) for grade in [*scale, UNJUDGED])]]


def phases():
    rows = []
    for number in range(1, 10):
        if f"C{number}" not in questions():
            continue
        label, options = questions()[f"C{number}"]
        scale = [option for option in options if option != OUTSIDE]
        worst = Counter()
        for pair in pairs():
            said = [form[f"C{number}"] for form in pair if f"C{number}" in form]
            if grades := [scale.index(one) for one in said if one in scale]:
                worst[scale[max(grades)]] += 1
            elif said:
                worst[OUTSIDE if OUTSIDE in said else UNJUDGED] += 1
        rows.append([label, *(of(worst[grade], worst.total()) for grade in [*scale, OUTSIDE, UNJUDGED])])
    return rows


def touched():
    ways = questions()["F3"][1][1:]
    said = [{form["F3"] for form in pair} for pair in pairs()]
    with_factor = sum(bool(form.get("V10")) for form in consensus())
    rows = [["Ten minste één factor die beter kon", of(with_factor, len(consensus()))]]
    return [*rows, *([way.capitalize(), of(sum(way in one for one in said), len(said))] for way in ways)]


def factors():
    found = Counter((row["klasse"], row["niveau"]) for form in consensus() for row in form.get("V10") or ())
    classes, levels = sorted({one for one, _ in found}), sorted({one for _, one in found})
    return [[one.capitalize(), *(of(found[one, level], len(consensus())) for level in levels)] for one in classes]


# ---- agreement -------------------------------------------------------------------------------------------------------------


def kappa_and_ac2(places, grades, weighted):
    weights = {
        (i, j): 1 - abs(i - j) / (grades - 1) if weighted else float(i == j) for i, j in product(range(grades), repeat=2)
    }
    margin = Counter(place for pair in places for place in pair)
    share = [margin[grade] / 2 / len(places) for grade in range(grades)]
    seen = sum(weights[pair] for pair in places) / len(places)
    chance = sum(weights[i, j] * share[i] * share[j] for i, j in weights)
    gwet = sum(weights.values()) / grades / (grades - 1) * sum(one * (1 - one) for one in share)
    return None if chance > 1 - 1e-12 else (seen - chance) / (1 - chance), (seen - gwet) / (1 - gwet)


def agreement():
    rows = []
    for code in [*SCALES, *NAMES]:
        both = [[form[code] for form in pair] for pair in pairs() if all(code in form for form in pair)]
        if not both:
            continue
        label, options = questions()[code]
        scale = [option for option in options if option != OUTSIDE]
        places = sorted(tuple(map(scale.index, pair)) for pair in both if all(said in scale for said in pair))
        rows.append([f"{code} {label}", len(places), len(both) - len(places), *shares(places, len(scale), code in SCALES)])
    return rows


def shares(places, grades, weighted):
    if len(places) < 5:
        return [None] * 4
    same = sum(i == j for i, j in places) / len(places)
    near = sum(abs(i - j) < 2 for i, j in places) / len(places) if weighted else None
    told = [f"{100 * same:.0f}%", None if near is None else f"{100 * near:.0f}%"]
    if len(places) < 20:
        return [*told, None, None]
    drawn = random.Random(7513)
    found = [kappa_and_ac2(drawn.choices(places, k=len(places)), grades, weighted) for _ in range(2000)]
    for place, value in enumerate(kappa_and_ac2(places, grades, weighted)):
        values = sorted(one[place] for one in found if one[place] is not None)
        low, high = (values[len(values) * 25 // 1000], values[len(values) * 975 // 1000]) if values else (0, 0)
        told.append(None if value is None else f"{value:.2f} ({low:.2f} tot {high:.2f})".replace(".", ","))
    return told


def everything():
    approved, scheduled = one(f"SELECT COUNT(*) FROM ({CASES}) c"), one(f"SELECT COUNT(*) FROM ({TREATMENTS}) t")
    each = agreement()
    overall = next(row for row in each if row[0].startswith("C10 "))
    return {
        "Stand bij de commissie": [["Goedgekeurd", approved], ["Op een agenda gezet", scheduled]],
        "Besproken casussen": counts(),
        "Dagen na goedkeuring": times(),
        "Vragen, brieven en banden": dealings(),
        "Zorg als geheel, per thema": graded("V8"),
        "Te voorkomen of niet, per thema": graded("V9"),
        "Zorg per fase": phases(),
        "Factoren en richtlijnen": touched(),
        "Factoren naar klasse en niveau": factors(),
        "Overeenstemming per thema": [
            ["Peripartum hysterectomie", of(overall[1], overall[1]), overall[3], overall[5], overall[6]]
        ],
        "Overeenstemming tussen beoordelaars": each,
    }
