"""Going on with a form in a newer version of its questionnaire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.questionnaires.definition.questionnaire import Version
from models.questionnaires.definition.version_diff import Difference
from models.questionnaires.form import CLOSED, Answer, Form


def newer(form: Form, now: datetime | None = None) -> Any:
    """The version in force when it is newer than the one of this form; None when there is nothing to offer."""
    version = form.version.questionnaire.in_force(clock.today(now))
    return version if version and version.number > form.version.number else None


@dataclass(frozen=True)
class Onward:
    """What going on in `version` would mean: the Difference in the questions, and the codes whose answers do not fit."""

    version: Version
    change: Difference
    lost: list


def onward(form: Form, now: datetime | None = None) -> Any:
    """The Onward of a form for which there is a newer version; else None."""
    version = newer(form, now)
    return version and Onward(version, version.difference(form.version), _lost(form.rows(), _fitting(form, version)))


def carry_over(form: Form, by: User, now: datetime | None = None) -> tuple[Form, Any]:
    """Go on in the version in force with every answer that still fits; returns (new form, codes that did not fit).

    The old form keeps all it had. Raises Refused when there is no newer version, or when somebody carried it over before.
    """
    now = now or clock.now()
    form.case.open_for(by, form.case.may_add, CLOSED)
    version = newer(form, now)
    if version is None:
        raise Refused("Deze vragenlijst is al de nieuwste versie.")
    with db.atomic():
        Case.held(form.case_id)  # its theme stays what it is meanwhile
        mine = (Form.id == form.id) & Form.replaced_at.is_null()
        if not Form.update(replaced_at=now).where(mine).execute():
            raise Refused("Deze vragenlijst is intussen al overgezet. Ververs de pagina.")
        fitting = _fitting(form, version)
        given = {place: row.given for place, row in fitting.items()}
        made = Form.new(form.case, version, given, by, now, document=form.document_id)
        for row in fitting.values():
            _copy(row, made)
        AuditEvent.log("form.carry", by=by, case=form.case, detail=version, at=now)
    return made, _lost(form.rows(), fitting)


def _fitting(form, version):
    return {place: row for place, row in form.rows().items() if _fits(form.structure, version.structure, row)}


def _lost(rows, fitting):
    return sorted({code for (code, repeat), row in rows.items() if (code, repeat) not in fitting and row.kept is not None})


def _fits(old, new, row):
    """Whether the newer version asks the same in the same way, and takes this answer."""
    before, item = old.items.get(row.code), new.items.get(row.code)
    if before is None or item is None or (before.answer.word, before.unit) != (item.answer.word, item.unit):
        return False
    if bool(old.block_of[row.code].per) != bool(new.block_of[row.code].per):
        return False
    try:
        return row.kept is None or item.answer.computed or item.read(row.kept) == row.kept
    except Refused:
        return False


def _copy(row, form):
    Answer.create(
        form=form,
        code=row.code,
        repeat=row.repeat,
        value=row.value,
        reason=row.reason,
        revision=1,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
