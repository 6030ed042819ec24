"""The answers of a version, all submitted cases together, coded for analysis."""

import json
import pickle
import zlib
from collections.abc import Iterator
from datetime import date, datetime

from peewee import fn

from models import access, clock
from models.accounts.hospital import Hospital
from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.cases.case import Case
from models.dutch import number, plural
from models.forms.filled_form import Filled, Given
from models.questionnaires.export.coded_answers import CodedColumn, Coding
from models.questionnaires.form import Answer, Form

AT_ONCE = 200  # forms
MOST = 20_000
CASE = ("casus", "status", "ziekenhuis", "maand", "ingediend_op", "compleet")
TOO_MANY = "Dit zijn meer dan {} meldingen: te veel voor één bestand. Kies een jaar, en maak een bestand per jaar."


def counts() -> dict:
    """Version id -> at how many cases it is being filled in."""
    counted = Form.select(Form.version, fn.COUNT(Form.id)).where(Form.replaced_at.is_null())
    return dict(counted.group_by(Form.version).tuples())


class Answers:
    """What was answered in one version, for the coordinator of its process: one row for each case that was ever submitted.

    Never the patient number. `exact`: dates and texts as they were typed, instead of days and without what looks like a date.
    `year`: only cases that were last submitted in it. Raises Refused for anybody else.
    """

    def __init__(self, version, by, exact=False, year=None):
        self.version, self.by, self.exact, self.year = version, by, exact, year
        self.process = version.questionnaire.in_process
        access.demand(by, "review", self.process)
        self.coding = Coding(version.structure, *version.rows(), exact)

    def _forms(self):
        mine = (Form.version == self.version) & Form.replaced_at.is_null()
        if self.year:
            begin, end = (clock.start_of(date(year, 1, 1)) for year in (self.year, self.year + 1))
            mine &= (Case.submitted_at >= begin) & (Case.submitted_at < end)
        return Form.select(Form, Case, Hospital).join(Case).join(Hospital).where(mine, Form.of_process({self.process}))

    def count(self) -> int:
        return self._forms().count()

    def years(self) -> list:
        """The years in which its cases can have been submitted, the latest first."""
        ends = self._forms().select(fn.MIN(Case.submitted_at), fn.MAX(Case.submitted_at)).tuples().first()
        return list(range(clock.local(ends[1]).year, clock.local(ends[0]).year - 1, -1)) if ends[0] else []

    def gather(self, kind: str, now: datetime | None = None) -> int:
        """Code every case, with a line in the trail first; returns how many there are. `kind`: of the file, for the trail."""
        ids = [row.id for row in self._forms().order_by(Case.number)]
        if len(ids) > MOST:
            raise Refused(TOO_MANY.format(number(MOST)))
        told = f"{kind}, {plural(len(ids), 'melding', 'meldingen')}, {'exacte datums' if self.exact else 'datums als dagen'}"
        told += f", {self.year}" if self.year else ""
        AuditEvent.log("form.export", by=self.by, subject=self.version, detail=told, process=self.process, at=now)
        # Kept packed: which columns there are is known only after the last case, and opening the answers takes most time.
        self._packed, self._seen = [], set()
        for start in range(0, len(ids), AT_ONCE):
            rows = self._block(ids[start : start + AT_ONCE], clock.today(now))
            self._seen.update(*(cells for _, cells in rows))
            self._packed.append(zlib.compress(pickle.dumps(rows), 1))
        return len(ids)

    def columns(self) -> list[CodedColumn]:
        """The code book: a Column for everything that `rows` gives after the columns of CASE."""
        return list(self.coding.columns(self._seen))

    def rows(self) -> Iterator[list[list[date | str]]]:
        """Blocks of rows of plain values, in the order of CASE and then of `columns`."""
        names = [column.name for column in self.columns()]
        for packed in self._packed:
            yield [[*case, *map(cells.get, names)] for case, cells in pickle.loads(zlib.decompress(packed))]

    def _block(self, ids, today):
        forms = {form.id: form for form in self._forms().where(Form.id.in_(ids))}
        given = {id: {} for id in forms}
        told = Answer.select(Answer.form_id, Answer.code, Answer.repeat, Answer.value, Answer.reason)
        for id, code, repeat, value, reason in told.where(Answer.form.in_(ids)).tuples().iterator():
            given[id][code, repeat] = Given(None if value is None else json.loads(value), reason or "")
        return [self._row(forms[id], given[id], today) for id in ids if id in forms]

    def _row(self, form, given, today):
        case = form.case
        about = (
            case.number,
            case.status,
            case.hospital.code,
            case.month,
            clock.local(case.submitted_at).date(),
            "ja" if form.complete else "nee",
        )
        return about, self.coding.coded(Filled(self.coding.structure, given, today))
