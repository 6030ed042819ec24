"""The verdicts on a case, each with what its form says, and the minute in which one can be taken back."""

from flask import session

from admin_views.grid.act_forms import ByPrefix, Many, OfRound, Pressed, TextField
from admin_views.grid.scoped_views import who
from models import clock
from models.base import db
from models.files.document import Document
from models.files.dossier import Dossier
from models.files.privacy import gate
from models.files.privacy.privacy_decision import PrivacyDecision
from models.mail.wording.mail_wording import phrases
from models.questionnaires.query import DataQuery
from models.review import case_sheet, verdict_undo


class Approval(OfRound):
    anyway = Pressed(name="toch")


class Incomplete(OfRound):
    """What is missing: the ticked lines of the list, what of each, and the request as the coordinator wrote it."""

    ticked = Many(name="ontbreekt")
    what = ByPrefix(name="wat-")
    text = TextField(name="bericht")
    composed = TextField(name="samengesteld")


class Dismissal(OfRound):
    why = TextField(name="waarom")
    remark = TextField(name="toelichting")


def mark_incomplete(case, by, ticked, what, text, composed):
    """Send the case back with the request; what is ticked the hospital reads at its place too."""
    asked = [line.asked for line in Dossier.of(case).lines if str(line.asked.id) in ticked]
    missing = {one.id: what.get(str(one.id), "") for one in asked}
    labels = [f"{one.label}: {told}" if (told := missing[one.id].strip()) else one.label for one in asked]
    if "vragen" in ticked:
        labels.append(phrases(case_sheet.OUR_QUESTIONS)[case_sheet.OUR_QUESTIONS])
    # The page's script writes the request while the coordinator ticks; what they changed in it since is theirs to decide.
    message = text if composed and text.strip() else case_sheet.compose(text, labels)
    _judge(case, lambda: case.mark_incomplete(by, message, missing=missing))


def approve(case, by, anyway=False):
    """Approve."""
    _judge(case, lambda: gate.approve(case, by, anyway))


def asked_about(case):
    """What the page of the question says is not there to read yet or lapses, when this case were approved now."""
    traces = PrivacyDecision.of_case(case)
    files = [*gate.undecided(traces), *gate.unchecked(Document.present(case))]
    missing, questions = Dossier.of(case).missing, DataQuery.lapsing(case)
    return {"parts": case.open_parts(), "missing": missing, "files": list(dict.fromkeys(files)), "questions": questions}


def dismiss(case, by, why, remark):
    """Close the case, with the reason that its hospital reads."""
    _judge(case, lambda: case.dismiss(by, why, remark))


def _judge(case, verdict):
    """Give the verdict; its mails wait a minute, in which it can be undone."""
    with db.atomic():
        verdict()
        verdict_undo.let_mails_wait(case)
    session["judged_at"] = clock.now().timestamp()


def undoable():
    """The case whose verdict can be taken back. Asked only of who gave one a moment ago, in this browser."""
    lately = session.get("judged_at", 0) > (clock.now() - verdict_undo.UNDO).timestamp()
    return verdict_undo.latest(who()) if lately else None


def taken_back(message, case):
    """What is said once a verdict was undone; `message`: what had been written to the hospital."""
    kept = " Uw bericht staat nu bij de interne notities." if message else ""
    return f"Ongedaan gemaakt: melding {case.number} wacht weer op uw oordeel.{kept}"
