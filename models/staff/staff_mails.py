"""What the mails about accounts of people may know."""

from datetime import date

from models import access
from models.accounts.user import User
from models.cases.case import Case
from models.cases.status import WITH_HOSPITAL
from models.dutch import long_date
from models.mail.calendar.calendar_file import CalendarDay
from models.staff.account_review import AccountReview
from models.staff.ending import helpers
from models.staff.nomination import is_last_melder
from settings import settings


def _ending(mail):
    account, day = User.get_by_id(mail.facts["account"]), date.fromisoformat(mail.facts["day"])
    if not account.active or account.ends_on != day:
        return None  # extended, or ended before
    own = account.id == mail.user_id
    title = f"{'Uw' if own else 'Een'} account van mijnPerined stopt"
    link = f"{settings.portal_url}/{_page(mail.user, account)}"
    return {
        "own": own,
        "whose": _whose(account, own),
        "account": account,
        "last_day": long_date(day),
        "last_melder": is_last_melder(account),
        "helpers": [person.name for person in helpers(account)],
        "link": link,
        "calendar_days": [CalendarDay(f"account:{account.id}", day, title, link)],
    }


def _whose(account, own):
    return "Uw account" if own else f"Het account van {account.name}"


def _page(reader, account):
    """Where this reader changes the end date."""
    if access.may(reader, "manage"):
        return f"beheer/gebruikers/edit/?id={account.id}"
    return f"collegas/{account.id}/" if reader.id != account.id else "account"


def _unused(mail):
    account = User.get_by_id(mail.facts.get("account", mail.user_id))
    used = max((one for one in (account.current_login_at, account.used_at) if one), default=None)
    if not account.active or account.unused_told_at is None or (used and used > account.unused_told_at):
        return None  # who came since
    own, last_melder = account.id == mail.user_id, is_last_melder(account)
    if not own and not last_melder:
        return None  # somebody else came
    return {
        "own": own,
        "whose": _whose(account, own),
        "account": account,
        "last_day": long_date(date.fromisoformat(mail.facts["day"])),
        "last_melder": last_melder,
        "hospital": account.hospital.name if last_melder else "",
        "link": f"{settings.portal_url}/{'inloggen' if own else _page(mail.user, account)}",
    }


def _review(mail):
    review = AccountReview.get_by_id(mail.facts["review"])
    left, _ = AccountReview.counts([review.id]).get(review.id, (0, 0))
    if review.closed_at or not left or mail.user not in review.reviewers():
        return None
    page = "beheer/gebruikers/" if access.may(mail.user, "manage") else "collegas/"
    return {
        "hospital": review.place,
        "reminder": mail.facts["reminder"],
        "count": left,
        "link": f"{settings.portal_url}/{page}",
    }


def _offered(mail):
    still = Case.id.in_(mail.facts["cases"]) & Case.status.in_(WITH_HOSPITAL) & (Case.hospital == mail.user.hospital_id)
    cases = [case for case in Case.select().where(still).order_by(Case.id) if case.is_open_to(mail.user)]
    if not cases:
        return None
    leaver = User.get_by_id(mail.facts["leaver"])
    return {"by": leaver.name, "cases": [case.mail_facts for case in cases], "count": len(cases)}


CONTEXTS = {"account_ending": _ending, "account_unused": _unused, "account_review": _review, "cases_offered": _offered}
