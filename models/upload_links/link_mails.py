"""What the mails about upload links may tell: never who the patient is, and only while it is still true."""

from models import access, clock
from models.cases.case import Case
from models.mail.calendar.calendar_file import CalendarDay
from models.upload_links.upload_code import VALID, UploadCode
from models.upload_links.upload_link import UploadLink
from settings import settings


def _colleague_request(mail):
    link = UploadLink.get_by_id(mail.facts["link"])
    if link.over(mail.leaves_at):
        return None
    # Without the link, which opens something: a calendar is read by others too.
    title = f"Laatste dag voor het document met kenmerk {link.mark} (Perined)"
    about = f"upload_link:{link.case_id}:{link.asked_id}:{link.standing}"  # the same when it is asked again
    days = [CalendarDay(about, clock.local_date(link.expires_at), title)]
    return _of(link) | {
        "link": f"{settings.portal_url}/uploadlink/{link.token}",
        "note": link.note,
        "calendar_days": days,
    }


def _colleague_code(mail):
    code = UploadCode.get_by_id(mail.facts["code"])
    if not code.fresh(mail.leaves_at) or code.link.over(mail.leaves_at):
        return None
    return _of(code.link) | {"one_time_code": code.digits, "minutes": VALID.seconds // 60}


def _of(link):
    by = link.asked_by
    return {
        "name": "collega",
        "asker": by.name,
        "asker_mail": by.email,
        "asker_phone": by.phone,
        "hospital": link.case.hospital.name,
        "document": link.asked.label,
        "mark": link.mark,
        "until": link.expires_at,
        "process": access.PROCESS_LABELS[link.case.process],
    }


def _colleague_upload(mail):
    code, case = UploadCode.get_by_id(mail.facts["code"]), Case.get_by_id(mail.case_id)
    files = code.files()
    if not files or case.erased_at or not case.is_open_to(mail.user):
        return None
    return {**case.mail_facts, "count": len(files), "colleague": code.link.address, "document": code.link.asked.label}


# What models/__init__.py gives the outbox.
CONTEXTS = {
    "colleague_request": _colleague_request,
    "colleague_code": _colleague_code,
    "colleague_upload": _colleague_upload,
}
