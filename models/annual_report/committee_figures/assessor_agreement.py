"""How often two assessors gave one answer, question by question: the agreement of the committee of one process."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from models import access, clock
from models.accounts.user import User
from models.base import Refused, through
from models.cases.case import Case
from models.committee.assessment import Assessment
from models.committee.committee_form import CommitteeForm
from models.committee.comparison import NOMINAL, ORDINAL, scale_of
from models.committee.rater_agreement import LEAST_PAIRS, RaterAgreement
from models.committee.rules.committee_settings import FEWEST
from models.committee.treatment import Treatment, TreatmentState
from models.dutch import plural
from models.report.content import ReportTable

LOOKING_BACK = timedelta(days=365)
FEWEST_SHOWN = 5  # pairs; of fewer a share could be led back to a case and its assessors
# While a third is busy nobody but the pair and the table knows what it gave.
READY = (TreatmentState.BINNEN, TreatmentState.BESPROKEN, TreatmentState.GESLOTEN)
HEAD = ("Vraag", "Paren", "Buiten de schaal", "Gelijk", "Hooguit één stap", "Kappa", "AC2")
NOTE = (
    "Alleen de eerste twee beoordelingen van een casus tellen, zoals ze waren vóór de vergelijking. Buiten de schaal: ten "
    "minste één van beiden koos ‘niet te beoordelen’ of ‘fase niet aan de orde’; die paren tellen verder niet mee. Kappa en "
    f"AC2 (gewogen bij een schaal) staan er vanaf {LEAST_PAIRS} paren, tussen haakjes het 95%-interval; bij minder paren "
    f"alleen het aandeel, en onder {FEWEST_SHOWN} paren ook dat niet. Kappa zakt als bijna iedereen hetzelfde kiest, AC2 niet."
)


@dataclass(frozen=True)
class ItemAgreement:
    """One question: its agreement, and the pairs of which one answer or both lie outside its scale."""

    code: str
    text: str
    outside: int
    found: RaterAgreement

    @property
    def row(self) -> list[str | int | None]:
        """The cells under HEAD; None for what is not told."""
        one = self.found
        told = one.pairs >= FEWEST_SHOWN
        coefficients = (_between(one.kappa, one.kappa_range), _between(one.ac2, one.ac2_range))
        return [
            f"{self.code} {self.text}",
            one.pairs,
            self.outside,
            _share(one.same) if told else None,
            _share(one.near) if told else None,
            *coefficients,
        ]


@dataclass(frozen=True)
class CommitteeAgreement:
    """The questions on which the assessors of `pairs` cases can be compared."""

    pairs: int
    items: list[ItemAgreement]

    @classmethod
    def of(cls, process: str, by: User, now: datetime | None = None) -> "CommitteeAgreement":
        """Of the last twelve months, for who coordinates `process` or sits in its committee. Raises Refused for others."""
        if not access.may(by, "review", process) and not access.may(by, "study", process):
            raise Refused(access.ABILITY_SENTENCES["study"])
        since = (now or clock.now()) - LOOKING_BACK
        # Case by case: joined, SQLite would begin with every case of the process.
        return cls._over(through(Treatment.case, Case.process == process) & (Treatment.compared_at >= since))

    @classmethod
    def among(cls, cases: Iterable[Case]) -> "CommitteeAgreement":
        """Of these cases, for the annual report, which asks for its own right."""
        return cls._over(Treatment.case.in_(list(cases)))

    @classmethod
    def _over(cls, which):
        pairs, places, outside, texts = 0, defaultdict(list), defaultdict(int), {}
        for pair in _pairs(which):
            pairs += 1
            for code in (*ORDINAL, *NOMINAL):
                items = [one.structure.items.get(code) for one in pair]
                if None in items or not all((code, 0) in one.shows for one in pair):
                    continue
                scale = tuple(scale_of(items[0]))
                if scale != tuple(scale_of(items[1])):
                    continue  # the form changed between the two: no place on one scale
                at = code, scale
                texts.setdefault(at, items[0].label)
                values = [one.values.get(code) for one in pair]
                if all(value in scale for value in values):
                    places[at].append(tuple(map(scale.index, values)))
                else:
                    outside[at] += 1
        found = [
            ItemAgreement(at[0], text, outside[at], _of(tuple(sorted(places[at])), len(at[1]), at[0] in ORDINAL))
            for at, text in texts.items()
        ]
        return cls(pairs, sorted(found, key=lambda one: (*ORDINAL, *NOMINAL).index(one.code)))

    @property
    def told(self) -> str:
        """What these figures are about, in a sentence."""
        return f"Over {plural(self.pairs, 'casus', 'casussen')} met twee vergeleken beoordelingen."

    @property
    def table(self) -> ReportTable:
        return ReportTable("Overeenstemming tussen beoordelaars", HEAD, [one.row for one in self.items], NOTE)


@lru_cache(maxsize=256)
def _of(pairs, grades, ordered):
    """Drawn once for the same pairs: the intervals take seconds for a page of twenty-five questions."""
    return RaterAgreement.of(pairs, grades, ordered)


def _pairs(which):
    """The two first forms of each compared case, filled in; an assessor with a tie that was found later does not count."""
    treatments = Treatment.select(Treatment.id).join(Case).where(which, Treatment.state.in_(READY), Case.erased_at.is_null())
    first = (
        CommitteeForm.select(CommitteeForm, Assessment.treatment)
        .join(Assessment, on=CommitteeForm.assessment)
        .where(
            Assessment.treatment.in_(treatments),
            ~Assessment.third,
            Assessment.ended_at.is_null(),
            Assessment.handed_in_at.is_null(False),
        )
        .order_by(Assessment.treatment, Assessment.id)
    )
    forms = defaultdict(list)
    for form in first:
        forms[form.treatment_id].append(form)
    for both in forms.values():
        if len(both) >= FEWEST:
            yield [form.filled() for form in both[:FEWEST]]


def _share(value):
    return None if value is None else f"{100 * value:.0f}%"


def _between(value, bounds):
    if value is None:
        return None
    text = f"{value:.2f}" + (f" ({bounds[0]:.2f} tot {bounds[1]:.2f})" if bounds else "")
    return text.replace(".", ",")
