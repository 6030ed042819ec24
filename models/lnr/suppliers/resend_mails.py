"""After a restore: whoever delivers to the registry is told since when to deliver again. What was accepted may be gone."""

from datetime import datetime, timedelta

from models import access, clock
from models.access import Role
from models.accounts.user import User
from models.dutch import date_and_time
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier
from models.mail.outbox import Mail
from models.mail.outgoing_hold import OutgoingHold
from settings import settings

TOLD = timedelta(days=90)  # so long after a restore software hears of it


def ask(hold: OutgoingHold, now: datetime) -> None:
    """Queue the mails about this restore: to contacts of hospitals, the management, and suppliers with a key that works."""
    for person in [*User.with_role(Role.LNR_CONTACT), *User.with_role(Role.LNR_BEHEER)]:
        Mail.queue("lnr_restored", person, once=f"lnr_restored:{hold.id}:{person.id}", now=now, hold=hold.id)
    working = ApiKey.select(ApiKey.supplier).where(ApiKey.valid(now))
    for supplier in Supplier.select().where(Supplier.id.in_(working), Supplier.contact.contains("@")).order_by(Supplier.id):
        once = f"lnr_restored:{hold.id}:supplier:{supplier.id}"
        Mail.queue_to("lnr_restored", supplier.contact, once=once, now=now, hold=hold.id, supplier=supplier.name)


def resend_since(now: datetime) -> datetime | None:
    """From when on messages may be gone by a restore (UTC); None where none was restored of late."""
    return OutgoingHold.earliest_copy(OutgoingHold.restored_at > now - TOLD)


def _about(mail):
    hold = OutgoingHold.get_or_none(OutgoingHold.id == mail.facts["hold"])
    if hold is None:
        return None
    outside = {} if mail.user else {"name": mail.facts["supplier"], "portal_name": access.LNR_NAME}
    told = {}
    # One release lets go of every restore that was held: the gap begins with the oldest copy of them.
    since = OutgoingHold.earliest_copy(OutgoingHold.let_go_with(hold))
    for name, at in (("since", since), ("restored", hold.restored_at)):
        told |= {name: date_and_time(at), f"{name}_en": f"{clock.local(at):%Y-%m-%d %H:%M}"}
    page = "lnr/opnamen/" if mail.user else "lnr/specificatie/aanleveren"
    return told | outside | {"link": f"{settings.portal_url}/{page}"}


CONTEXTS = {"lnr_restored": _about}
