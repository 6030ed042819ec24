"""The dossier of a case: its requested documents, each with a file, an answer, or nothing yet."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from models import clock, dutch
from models.audit.audit_event import AuditEvent
from models.cases.case import Case
from models.cases.case_part import PartSlot
from models.cases.remark import MissingDocument
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.theme import RequestedDocument
from models.files.document import Document
from models.pdf.typesetting import pdf


@dataclass
class AskedLine:
    """One asked document of one case, with what is there."""

    asked: RequestedDocument
    documents: list = field(default_factory=list)
    answer: RequestedDocumentAnswer = None  # type: ignore[assignment]

    @property
    def state(self) -> str:
        """'aanwezig', 'niet beschikbaar', 'volgt later' or 'ontbreekt'."""
        if any(document.counts for document in self.documents):
            return "aanwezig"
        if self.answer:
            return "volgt later" if self.answer.expected_on else "niet beschikbaar"
        return "ontbreekt"

    @property
    def is_open(self) -> bool:
        """Whether the committee may still expect something here; 'indien van toepassing' asks nothing by itself."""
        return self.state == "volgt later" or (self.state == "ontbreekt" and not self.asked.if_applicable)

    @property
    def promised(self) -> date | None:
        """The day on which the hospital said that it comes, when it is not there yet."""
        return self.answer.expected_on if self.state == "volgt later" else None


@dataclass
class Dossier:
    """A case's asked documents in order, and the files that belong to none of them."""

    lines: list
    loose: list

    @property
    def missing(self) -> list[AskedLine]:
        return [line for line in self.lines if line.is_open]

    def late(self, today: date) -> list[AskedLine]:
        """The lines whose promised day is over; on the day itself it can still come."""
        return [line for line in self.lines if line.promised and line.promised < today]

    def waits_until(self, today: date) -> date | None:
        """The first promised day, while all that is open is promised for today or later; else None."""
        days = [line.promised for line in self.missing]
        return min(days) if days and all(day and day >= today for day in days) else None  # type: ignore[type-var]

    @property
    def forecast(self) -> date | None:
        """The day on which everything is expected to be there: the last promised day, when all that is open is promised."""
        days = [line.promised for line in self.missing]
        return max(days) if days and all(days) else None  # type: ignore[type-var]

    @property
    def files(self) -> list[Document]:
        """Every file, the last added first."""
        linked = [document for line in self.lines for document in line.documents]
        return sorted([*linked, *self.loose], key=lambda document: document.id, reverse=True)

    @property
    def wanted(self) -> list[AskedLine]:
        """The lines that count: what is not applicable asks nothing, unless it was answered."""
        return [line for line in self.lines if line.is_open or line.state != "ontbreekt"]

    @classmethod
    def of(cls, case: Case) -> "Dossier":
        return cls.of_all([case])[case.id]

    @classmethod
    def of_all(cls, cases: Sequence[Case]) -> "dict[int, Dossier]":
        """The dossiers of many cases, by case id, in three queries, or five with parts, however many there are."""
        cases = list(cases)
        ids, themes = [case.id for case in cases], {case.theme_id for case in cases}
        asked, answers = defaultdict(list), {}
        files = defaultdict(lambda: defaultdict(list))
        for row in (
            RequestedDocument.select()
            .where(RequestedDocument.theme.in_(themes))
            .order_by(RequestedDocument.position, RequestedDocument.id)
        ):
            asked[row.theme_id].append(row)
        for document in Document.select().where(Document.case.in_(ids), Document.removed_at.is_null()).order_by(Document.id):
            files[document.case_id][document.asked_id].append(document)
        for answer in RequestedDocumentAnswer.select().where(RequestedDocumentAnswer.case.in_(ids)):
            answers[answer.case_id, answer.asked_id] = answer
        chosen = PartSlot.chosen(case for case in cases if _may_be_part(case))
        return {case.id: cls._of(case, asked[case.theme_id], files[case.id], answers, chosen.get(case.id)) for case in cases}

    @classmethod
    def _of(cls, case, asked, files, answers, chosen):
        """`chosen`: what was asked of this part of a case; None for a case that everything is asked of."""
        day = clock.local_date(case.created_at)
        # A retired line stays where a file or an answer hangs on it, so that nothing drops out of sight.
        lines = [
            AskedLine(row, files[row.id], answers.get((case.id, row.id)))
            for row in asked
            if (row.holds_on(day) if chosen is None else row.id in chosen) or files[row.id] or (case.id, row.id) in answers
        ]
        # A place under a theme that the case had before is none, until the theme is corrected back.
        here = {row.id for row in asked}
        loose = [document for place, several in files.items() if place not in here for document in several]
        return cls(lines, sorted(loose, key=lambda document: document.id))


def missed_in(
    case: Case, dossier: Dossier, events: Iterable[AuditEvent] | None = None
) -> dict[int, tuple[MissingDocument, bool]]:
    """{id of the document: (how the coordinator misses it, whether the hospital put something there since)}.

    One query; none where the `events` of the case, when they were read already, tell of no verdict that misses any.
    """
    if events is not None and not any(event.action == "case.mark_incomplete" and event.detail for event in events):
        return {}
    lines = {line.asked.id: line for line in dossier.lines}
    standing = [row for row in MissingDocument.standing(case) if row.asked_id in lines]
    return {row.asked_id: (row, row.filled(lines[row.asked_id].documents, lines[row.asked_id].answer)) for row in standing}


def _may_be_part(case):
    """Whether it is worth asking: what was made as a part has two dashes in its number."""
    return case.number.count("-") > 1


def file_names(case: Case) -> dict:
    """{key: name} of every file that the case ever had, to say which one a line is about."""
    return dict(Document.select(Document.key, Document.name).where(Document.case == case).tuples())


def receipt_pdf(case: Case) -> bytes:
    """The receipt of `case`, which was handed in; the same bytes for as long as nothing of it changes."""
    files = [[one.name, dutch.size(one.size), dutch.date_and_time(one.added_at)] for one in Document.present(case)]
    received = (
        f"Wij hebben melding {case.number} van {case.hospital.name} ontvangen op {dutch.date_and_time(case.submitted_at)}."
    )
    asked = [line.asked.label for line in Dossier.of(case).missing]
    data = {
        "paragraphs": [received, *([f"Nog gevraagd: {', '.join(asked)}."] if asked else []), "Ontvangen bestanden:"],
        "table": {"head": ["Bestand", "Grootte", "Ontvangen"], "rows": files},
        "foot": "De landelijk coördinator kijkt of alles er is. Ontbreekt er iets, dan krijgt u een mail.",
    }
    return pdf("pdf/letter.typ", data, f"Ontvangstbewijs {case.number}", case.submitted_at)
