"""A complete questionnaire becomes a document of its case: once for each state of the answers, whatever is killed in between.

What is due stands in the rows (complete, and no document of these answers yet), so no wake-up can be lost. Bytes come first;
then one transaction marks the form and adds the document. Bytes without a row are swept like those of any broken upload.
"""

import io
import logging
from datetime import datetime

from peewee import SQL, ModelSelect, fn

from models import clock
from models.base import db
from models.cases.case import Case
from models.cases.status import Status
from models.files import storage
from models.files.document import Document
from models.files.upload_limits import MAX_SIZE
from models.long_work.shutdown import until_asked
from models.questionnaires.definition.questionnaire import Version
from models.questionnaires.export.questionnaire_pdf import answers_pdf
from models.questionnaires.form import DUE, Form

log = logging.getLogger(__name__)


class _Overtaken(Exception):
    """The answers changed, or another worker was first."""


def due() -> ModelSelect:
    """The forms whose document is missing or does not have the latest answers."""
    withdrawn = Case.select(Case.id).where(Case.id == Form.case, Case.status == Status.INGETROKKEN)
    return Form.select().where(SQL(DUE), ~fn.EXISTS(withdrawn)).order_by(Form.id)


def attach_due(now: datetime | None = None) -> int:
    """Make the documents that are due; returns how many were added. One that fails does not hold up the others."""
    made = 0
    for form in until_asked(list(due())):
        try:
            made += attach(form, now)
        except Exception:
            log.exception("the document of form %s could not be made; it is tried again", form.id)
    return made


def attach(form: Form, now: datetime | None = None) -> bool:
    """Make the document of this form and add it to the case in place of the older one; False when somebody was first."""
    now = now or clock.now()
    revision, case = form.revision, form.case
    content = answers_pdf(form, form.filled(now=now))
    if not _still(form, revision):
        return False
    stored = storage.save(io.BytesIO(content), MAX_SIZE, len(content), mark=True)
    try:
        with db.atomic():
            if not Form.update(document_revision=revision).where(_waiting(form, revision)).execute():
                raise _Overtaken
            document = Document.attach_generated(
                case, stored, _name(form), form.changed_by, f"form-{form.id}-{revision}", replaces=_latest(form), now=now
            )
            Form.update(document=document).where(Form.id == form.id).execute()
    except _Overtaken:
        storage.delete(stored.key)
        return False
    except BaseException:
        storage.delete(stored.key)
        raise
    storage.settled(stored.key)
    return True


def _waiting(form, revision):
    behind = Form.document_revision.is_null() | (Form.document_revision < revision)
    return (Form.id == form.id) & (Form.revision == revision) & Form.replaced_at.is_null() & behind


def _still(form, revision):
    return Form.select().where(_waiting(form, revision)).exists()


def _latest(form):
    return Form.get_by_id(form.id).document


def _name(form):
    version = Version.get_by_id(form.version_id)
    return f"{version.questionnaire.name} {form.case.number}.pdf"
