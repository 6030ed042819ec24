"""What a committee found in a year: grades, preventability, factors and guidelines, counted in cases.

The meeting's consensus tells of the whole, and its factors; of a phase only the assessors say something. A case counts once in
each row, so that what disclosure.py hides is a number of cases.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.annual_report.committee_figures.assessor_agreement import READY
from models.committee.committee_form import NOT_JUDGED, CommitteeForm
from models.committee.comparison import NOT_THERE, PHASES, judged_together, scale_of
from models.committee.treatment import Treatment
from models.lnr.benchmark import disclosure
from models.questionnaires.definition.questionnaire import Version
from models.report.content import ReportTable

CARE, PREVENTABLE, FACTORS, GUIDELINE = "V8", "V9", "V10", "F3"
CLASS, LEVEL = "klasse", "niveau"  # columns of a factor
TOUCHED_NOT = "nee"
ALL = "Alle thema’s"
BY_CONSENSUS = "Zoals de vergadering het vaststelde, bij de besproken casussen."


@dataclass(frozen=True)
class CommitteeFindings:
    """The settled consensus of each discussed case by its theme, and the first two assessments of each compared case."""

    settled: dict[str, list]  # {theme: [filled consensus]}
    compared: list  # [(filled form, filled form)]

    @classmethod
    def of(cls, treatments: Sequence[Treatment], discussed_told: bool = True) -> "CommitteeFindings":
        """Of treatments of a committee that tells lessons, each with case and theme at hand.

        Not `discussed_told`: how many were discussed is hidden, so nothing stands here that counts among those.
        """
        themes, settled = {one.id: one.case.theme.name for one in treatments}, defaultdict(list)
        fixed = CommitteeForm.assessment.is_null() & CommitteeForm.fixed_at.is_null(False)
        forms = CommitteeForm.select(CommitteeForm, Version).join(Version)
        for form in forms.where(fixed, CommitteeForm.treatment.in_(list(treatments))).order_by(CommitteeForm.id):
            settled[themes[form.treatment_id]].append(form.filled())
        ready = [one for one in treatments if one.compared_at and one.state in READY]
        pairs = [[form.filled() for form in one.forms[: one.first]] for one in judged_together(ready)]
        return cls(dict(sorted(settled.items())) if discussed_told else {}, [pair for pair in pairs if len(pair) > 1])

    @property
    def tables(self) -> list[ReportTable]:
        """What there is something to tell of."""
        found = []
        if self.settled:
            found += [
                self._graded("Zorg als geheel, per thema", CARE),
                self._graded("Te voorkomen of niet, per thema", PREVENTABLE),
            ]
        if self.compared:
            found.append(self._phases())
        return [*found, *self._touched(), *self._factors()]

    @property
    def _discussed(self):
        return [form for forms in self.settled.values() for form in forms]

    def _graded(self, caption, code):
        """Theme x grade. The last row is of all themes, so that what one theme hides does not follow from it either."""
        groups = self.settled | ({ALL: self._discussed} if len(self.settled) > 1 else {})
        counts = {name: Counter(form.values.get(code) or NOT_JUDGED for form in forms) for name, forms in groups.items()}
        grades = [*_options(self._discussed, code), NOT_JUDGED]
        told = disclosure.cells([[(count[grade], count.total()) for grade in grades] for count in counts.values()])
        rows = [[name, *row] for name, row in zip(counts, told, strict=True)]
        return ReportTable(caption, ("Thema", *map(_capital, grades)), rows, BY_CONSENSUS)

    def _phases(self):
        """Phase x grade; the gravest of the two assessors counts, or else what one of them says of why there is no grade."""
        forms = [form for pair in self.compared for form in pair]
        there = [code for code in PHASES if any(code in form.structure.items for form in forms)]
        grades = _options(forms, there[0]) if there else []
        columns = [*grades, NOT_THERE, NOT_JUDGED]
        counts = {}
        for code in there:
            asked = [[form.values.get(code) for form in pair if (code, 0) in form.shows] for pair in self.compared]
            counts[_label(forms, code)] = Counter(_gravest(given, grades) for given in asked if given)
        told = disclosure.cells([[(count[grade], count.total()) for grade in columns] for count in counts.values()])
        rows = [[name, *row] for name, row in zip(counts, told, strict=True)]
        note = "Volgens de eerste twee beoordelaars; verschilt hun oordeel, dan telt het ernstigste. Een casus telt één keer."
        return ReportTable("Zorg per fase", ("Fase", *map(_capital, columns)), rows, note)

    def _touched(self):
        """How many cases have a factor, and touch a guideline, in which way."""
        forms = [form for pair in self.compared for form in pair]
        discussed, ways = self._discussed, [one for one in _options(forms, GUIDELINE) if one != TOUCHED_NOT]
        said = [{form.values.get(GUIDELINE) for form in pair} for pair in self.compared]
        rows = [(_capital(way), sum(way in those for those in said), len(said)) for way in ways]
        if discussed:
            found = sum(bool(_factors(form)) for form in discussed)
            rows.insert(0, ("Ten minste één factor die beter kon", found, len(discussed)))
        if not rows:
            return []
        told = disclosure.cells([[(count, whole)] for _, count, whole in rows])
        note = "De vergadering stelt factoren vast. Een richtlijn telt als een van de eerste twee beoordelaars dat zegt."
        table = [[label, text] for (label, _, _), (text,) in zip(rows, told, strict=True)]
        return [ReportTable("Factoren en richtlijnen", ("", "Casussen"), table, note)]

    def _factors(self):
        """Class x level, where there is any."""
        found, discussed = Counter[tuple[str, str]](), self._discussed
        for form in discussed:
            found.update({(row.get(CLASS) or "", row.get(LEVEL) or "") for row in _factors(form)})
        if not found:
            return []
        classes, levels = sorted({one for one, _ in found}), sorted({one for _, one in found})
        told = disclosure.cells([[(found[one, level], len(discussed)) for level in levels] for one in classes])
        rows = [[_capital(one) or "Niet ingevuld", *row] for one, row in zip(classes, told, strict=True)]
        note = "Casussen met zo’n factor. Een casus kan in meer cellen staan."
        head = ("Klasse", *(_capital(level) or "Niet ingevuld" for level in levels))
        return [ReportTable("Factoren naar klasse en niveau", head, rows, note)]


def _gravest(given, grades):
    on_scale = [grades.index(value) for value in given if value in grades]
    if on_scale:
        return grades[max(on_scale)]
    return NOT_THERE if NOT_THERE in given else NOT_JUDGED


def _factors(form):
    given = form.given.get((FACTORS, 0))
    return given.kept if given and isinstance(given.kept, list) else []


def _options(forms: Iterable, code: str) -> list[str]:
    """The grades of a question in their order; those of a later version of the form that are new come after."""
    items = (form.structure.items.get(code) for form in forms)
    return list(dict.fromkeys(option for item in items if item for option in scale_of(item)))


def _label(forms, code):
    return next(form.structure.items[code].label for form in forms if code in form.structure.items)


def _capital(text):
    return text[:1].upper() + text[1:]
