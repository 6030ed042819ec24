"""Keys that end soon: the registry and the supplier are told once, in time to change without standing still."""

from datetime import datetime

from models import access, clock
from models.access import Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.dutch import long_date
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.mail.calendar.calendar_file import CalendarDay
from models.mail.outbox import Mail
from settings import settings


def warn(now: datetime | None = None) -> None:
    """Queue the mails about keys that end within WARNED_DAYS and have no successor; each leaves once."""
    now = now or clock.now()
    people = list(User.with_role(Role.LNR_BEHEER))
    for key in ApiKey.ending(now):
        for person in people:
            Mail.queue("lnr_key_ending", person, once=f"lnr_key_ending:{key.id}:{person.id}", now=now, key=key.id)
        if "@" in key.supplier.contact:
            Mail.queue_to("lnr_key_ending", key.supplier.contact, once=f"lnr_key_ending:{key.id}", now=now, key=key.id)


def _about(mail):
    key = next((key for key in ApiKey.ending(mail.leaves_at) if key.id == mail.facts["key"]), None)
    if key is None:
        return None
    supplier, hospital = Supplier.get_by_id(key.supplier_id), Hospital.get_by_id(key.hospital_id)
    page = f"lnr/leveranciers/{supplier.id}/" if mail.user else "lnr/specificatie/aanleveren#sleutels"
    told = {"supplier": supplier.name, "hospital": hospital.name, "hint": key.hint, "last_day": long_date(key.expires_at)}
    outside = {} if mail.user else {"name": supplier.name, "portal_name": access.LNR_NAME}
    day, link = clock.local(key.expires_at).date(), f"{settings.portal_url}/{page}"
    days = [CalendarDay(f"lnr_key:{key.id}", day, f"LNR-sleutel {key.hint}… verloopt", link)]
    return told | outside | {"last_day_en": day.isoformat(), "link": link, "calendar_days": days}


CONTEXTS = {"lnr_key_ending": _about}
