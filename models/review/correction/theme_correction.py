"""Correcting the theme of a case: what was handed in goes along to the list of the right theme, and no file or answer is lost.

A file or an answer whose document the new theme asks too, by the same label, moves there. What has no place under the new theme
keeps the place it had, out of sight: such a file is loose, such an answer asks nothing, and a questionnaire of the old theme
rests. So correcting once more puts that back; a settled question and an ended link of a colleague do not come back.
The theme of the whole decides, its parts follow.
"""

from datetime import datetime

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.cases.case import Case
from models.cases.case_part import CasePart, PartSlot
from models.cases.deadline import Deadline
from models.cases.remark import LONGEST, MissingDocument, Remark
from models.cases.requested_document import RequestedDocumentAnswer
from models.cases.status import Status
from models.cases.theme import Theme, theme_followers, theme_guards
from models.files.document import Document
from models.files.resumable.resumable_upload import ResumableUpload
from models.questionnaires.form import Form
from models.review.correction.theme_outlook import ThemeOutlook, mark, outlooks_of, parts_of
from models.review.reminder import Reminder, ReminderWait
from models.review.verdict_undo import MOVES
from models.typed_text import required
from models.upload_links.upload_link import LIVE, LinkEnd, UploadLink

CHANGED = "Er is intussen iets aan deze melding veranderd. Bekijk opnieuw wat er met de stukken gebeurt."
CLOSED = "Deze melding is afgesloten. Heropen die eerst; daarna kunt u het thema corrigeren."
APPROVED = "Deze melding is goedgekeurd. Heropen die eerst; daarna kunt u het thema corrigeren."
PART_APPROVED = "Deel {} van deze casus is goedgekeurd. Heropen dat eerst; daarna kunt u het thema corrigeren."
NOT_SHARED = "Het ziekenhuis heeft deze melding nog niet ingediend. Daarna kunt u het thema corrigeren."
OF_A_PART = "Dit is een deel van casus {}. Corrigeer het thema bij die casus; dit deel gaat dan mee."
OTHER_PROCESS = "Een melding van NethOSS kan geen LZA1-melding worden, en andersom. Sluit deze af en vraag om een nieuwe."
THE_SAME = "Deze melding heeft dit thema al."
NOT_REPORTED = "Over dit thema werd niet gemeld toen deze melding, of een deel ervan, werd gemaakt. Kies een ander thema."


def themes_for(case: Case) -> list[Theme]:
    """The other themes that this case can have, in their order: reported on the day on which it was made.

    A list asks of a case what held on that day, so a theme that began later would ask for nothing. Of a case that was joined
    the day counts too; for any other part somebody chose the documents.
    """
    parts = parts_of(case)
    rows = CasePart.among(parts)
    joined = [part for part in parts if not rows[part.id].invited_by_id]
    days = [clock.local_date(one.created_at) for one in (case, *joined)]
    other, last = (Theme.process == case.process) & (Theme.id != case.theme_id), set(Theme.reported_on(max(days)))
    return [theme for theme in Theme.reported_on(min(days)).where(other) if theme in last]


def why_not(case: Case) -> str:
    """Why the theme of this case cannot be corrected; empty when it can."""
    try:
        _demand(case)
    except Refused as reason:
        return str(reason)
    return ""


def outlook(case: Case, theme: Theme, by: User) -> list[ThemeOutlook]:
    """What becomes of the case and of each of its parts, for the coordinator `by` to see before. Raises Refused as the act."""
    access.demand(by, "review", case.process)
    _demand(case, theme)
    return outlooks_of(case, theme)


def correct_theme(
    case: Case, by: User, theme: Theme, reason: str, seen: str | None = None, now: datetime | None = None
) -> list[ThemeOutlook]:
    """Give a case the theme it should have had, with the reason for its hospitals. Returns what became of it and its parts.

    `seen`: the mark of what the page showed before. Raises Refused when that has changed, for a part, a closed case, one that
    was approved or has a part that was, one never handed in, a theme of another process, and once the committee discussed
    the case with the form of its theme.
    """
    now = now or clock.now()
    access.demand(by, "review", case.process)
    reason = required(reason, LONGEST - 300, "De reden", "Schrijf waarom het thema niet klopt; het ziekenhuis leest dat.")
    with db.atomic():
        whole = Case.held(case.id).as_seen(case.round)
        for part in whole.parts_ever():
            Case.held(part.id)
        _demand(whole, theme)
        outlooks = outlooks_of(whole, theme)
        if seen is not None and seen != mark(outlooks):
            raise Refused(CHANGED)
        for one in outlooks:
            _correct(one, whole, by, reason, now)
        for _, follow in theme_followers:
            follow(outlooks[0].case, by, now)
    case.theme, case.round = theme, outlooks[0].case.round
    return outlooks


def was_corrected(case: Case, user: User, theme: Theme, round: str) -> bool:
    """Whether `user` already did exactly this from the page with `round`: the second half of a double click."""
    now = Case.get_by_id(case.id)
    if str(now.round - 1) != str(round) or now.theme_id != theme.id:
        return False
    moves = AuditEvent.select().where(AuditEvent.case_id == case.id, AuditEvent.action.in_([*MOVES, "case.theme"]))
    last = moves.order_by(AuditEvent.id.desc()).first()
    return last is not None and last.action == "case.theme" and last.actor_id == user.id


def _demand(case, theme=None):
    if row := CasePart.of(case):
        raise Refused(OF_A_PART.format(row.whole.number))
    if case.erased_at or case.status == Status.INGETROKKEN:
        raise Refused(CLOSED)
    if case.submitted_at is None:
        raise Refused(NOT_SHARED)
    for guard in theme_guards:
        guard(case)
    # To what was approved the hospital adds nothing: what the new theme asks could not be answered.
    if case.status == Status.GOEDGEKEURD:
        raise Refused(APPROVED)
    if approved := [part for part in parts_of(case) if part.status == Status.GOEDGEKEURD]:
        raise Refused(PART_APPROVED.format(approved[0].number))
    if theme is None:
        return
    if theme.process != case.process:
        raise Refused(OTHER_PROCESS)
    if theme.id == case.theme_id:
        raise Refused(THE_SAME)
    if theme not in themes_for(case):
        raise Refused(NOT_REPORTED)


def _correct(one, whole, by, reason, now):
    case, was = one.case, one.case.theme
    # What turns on the form is asked before the case has its new theme.
    resting, kept, questions = one.resting, one.kept, one.questions
    same = (Case.id == case.id) & (Case.theme == was) & (Case.round == case.round)
    if not Case.update(theme=one.theme, round=Case.round + 1).where(same).execute():
        raise Refused(CHANGED)
    missed = MissingDocument.standing(case)
    for reminded in (Reminder, ReminderWait):  # it is the same stay in its status: nobody is reminded of it anew
        reminded.update(round=case.round + 1).where(reminded.case == case, reminded.round == case.round).execute()
    for place, row in {one.slots.get(row.asked_id, row.asked_id): row for row in missed}.items():
        MissingDocument.update(asked=place, round=row.round + 1).where(MissingDocument.id == row.id).execute()
    _end_links(case, one.slots, by, now)
    for here, there in one.slots.items():
        _move(case, here, there)
    # What is on its way to a place that is no more comes in loose.
    gone = ResumableUpload.asked.is_null(False) & ResumableUpload.asked.not_in(list(one.slots.values()))
    ResumableUpload.update(asked=None).where(ResumableUpload.case == case, gone).execute()
    case.theme, case.round = one.theme, case.round + 1
    if resting:
        _rest(resting, now)
    for question in questions:
        question.settle(by, now)
    if kept:
        # One revision further, so that its document is made anew.
        Form.update(replaced_at=None, revision=Form.revision + 1).where(Form.id == kept.id).execute()
    if resting or kept:
        _follow_term(case, now)
    AuditEvent.log("case.theme", by=by, case=case, detail=f"{was.name} > {one.theme.name}", at=now)
    if case.status != Status.INGETROKKEN:
        said = f"Het thema van deze melding was ‘{was.name}’ en is nu ‘{one.theme.name}’.\n\n{reason}"
        Remark.write(case, by, said, now)
        if case.id == whole.id or case.hospital_id != whole.hospital_id:  # who has a supplement too is told once
            case.tell("case_theme", now)


def _move(case, here, there):
    for placed in (Document, ResumableUpload):
        placed.update(asked=there).where(placed.case == case, placed.asked == here).execute()
    answer = RequestedDocumentAnswer
    if not answer.select().where(answer.case == case, answer.asked == there).exists():
        answer.update(asked=there).where(answer.case == case, answer.asked == here).execute()
    if PartSlot.get_or_none(case=case, asked=here):
        PartSlot.get_or_create(case=case, asked=there)


def _end_links(case, slots, by, now):
    """A colleague who was asked for a document of both lists is still asked; the other links end."""
    for link in UploadLink.select().where(UploadLink.case == case, LIVE):
        if link.asked_id in slots and link.round == case.round:
            UploadLink.update(asked=slots[link.asked_id], round=case.round + 1).where(UploadLink.id == link.id).execute()
        else:
            link.case = case  # as it was: of what was over before, the trail says why it was
            link.end(link.over(now) or LinkEnd.DOCUMENT, by, now)


def _rest(form, now):
    Form.update(replaced_at=now).where(Form.id == form.id).execute()
    made = Form.get_by_id(form.id).document_id
    Document.update(removed_at=now, superseded=True).where(Document.id == made, Document.removed_at.is_null()).execute()


def _follow_term(case, now):
    if form := Form.of(case):
        Deadline.follow(case, form.filled(now=now))
    else:
        Deadline.delete().where(Deadline.case == case).execute()
