"""The day after a restore: what was ended or sent since the copy lives again, until a person has looked at it."""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from peewee import fn

from models import access, clock, dutch
from models.access import ROLE_LABELS
from models.accounts.known_device import KnownDevice
from models.accounts.session import LogIn
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.audit.audit_event import AuditEvent
from models.base import Record, Refused, db, new_key
from models.cases.case_number import Series
from models.committee.ties.reach_change import ReachChange
from models.lnr.suppliers import resend_mails
from models.lnr.suppliers.api_key import ApiKey
from models.mail.mail_schedule import MailSchedule
from models.mail.outbox import MAIL_LABELS, Mail, MailStatus
from models.mail.outgoing_hold import OutgoingHold
from models.monthly.monthly_request import CATCH_UP, MonthlyCall, MonthOpening
from models.operations.restored_item import ItemDecision, RestoredItem
from models.retention import repeated_erasure
from models.upload_links.upload_link import UploadLink

MAYBE_SENT = "Deze mail wachtte toen de reservekopie werd gemaakt. Misschien is hij daarna verzonden."
STOPPED_MAYBE = "teruggezet uit een reservekopie; misschien is de wijziging daarna tegengehouden"
NOTHING = "Er wordt niets vastgehouden: er is niets teruggezet dat op vrijgeven wacht."
NO_LIST = (
    "Van dit terugzetten is geen lijst gemaakt: dat deed een oudere versie van het portaal nog niet. "
    "Laat wie de machine beheert vrijgeven met `app.py release`."
)
DEAD_LINK = "De link in deze mail werkt niet meer na het terugzetten van een reservekopie."
WITH_A_LINK = ("account", "invitation")  # whose link stands in the row itself
ERASED_AGAIN = (
    "Zeg eerst wat sinds de kopie op verzoek is gewist: dat staat er weer. Met --erased BESTAND wordt het opnieuw gewist (het "
    "logboek uit de SIEM, of van audit-export); met --none-erased zegt u dat er niets was."
)
NOT_ALL_ERASED = (
    "Niet alles is opnieuw gewist, en daarom wordt er niets vrijgegeven. Los eerst op waarom het niet kon. Geef dan het "
    "bestand waarin het staat nog een keer met --erased."
)
INCOMPLETE = "Lees ook een bestand waar die in staan, of zeg met --none-erased dat er verder niets was."
NONE_ERASED = "Sinds de kopie is niets op verzoek gewist"
ASK_ERASED = "Zeg eerst of er sinds de kopie iets op verzoek is gewist."
GAP = 1000  # numbers of cases that may have been given out after the copy


def begin(copied_at: datetime, now: datetime | None = None) -> None:
    """Hold everything outgoing, and end what could be used from before the restore; `copied_at`: see `backup.since`.

    Sessions, links that set a password and links of monthly mails end; waiting mails become uncertain, because they may have
    left; changes that wait for a second person lapse, because they may have been stopped; the numbers of cases leap ahead,
    because those after the copy may stand in somebody's papers.
    """
    now = now or clock.now()
    with db.atomic():
        before = OutgoingHold.standing()  # of a restore that the copy was made in the middle of
        hold = OutgoingHold.create(copied_at=copied_at, restored_at=now, erasures_left=before and before.erasures_left)
        for user in User.select(User.id):
            # Whatever proves an account holds this: sessions, links that set a password, a second step under way.
            User.update(fs_uniquifier=new_key()).where(User.id == user.id).execute()
        LogIn.update(ended_at=now).where(LogIn.ended_at.is_null()).execute()
        KnownDevice.update(trusted_until=None).where(KnownDevice.trusted_until.is_null(False)).execute()
        UploadLink.end_all(now)
        MonthlyCall.update(expires_at=now).where(MonthlyCall.expires_at > now).execute()
        waiting = Mail.status.in_([MailStatus.WACHT, MailStatus.BEZIG, MailStatus.DAGMAIL])
        dead = {"status": MailStatus.VERVALLEN, "error": DEAD_LINK, "about": "", "claimed_at": None}
        Mail.update(dead).where(waiting, Mail.name.in_(WITH_A_LINK)).execute()
        Mail.update(status=MailStatus.ONZEKER, error=MAYBE_SENT, claimed_at=None).where(waiting).execute()
        for model in (HeldChange, ReachChange):
            for change in model.select().where(model.open()).order_by(model.id):
                change.lapse(STOPPED_MAYBE, now)
        Series.update(last=Series.last + GAP).execute()
        RestoredItem.note(hold, months(hold))
        AuditEvent.log("restore.done", subject=f"kopie van {dutch.date_and_time(copied_at)}", at=now)


def standing() -> OutgoingHold:
    """The restore that waits for a release; Refused when nothing is held."""
    if hold := OutgoingHold.standing():
        return hold
    raise Refused(NOTHING)


def months(hold: OutgoingHold) -> list[str]:
    """The months about which a monthly mail may be out whose links no longer work, oldest first.

    Those whose links ended by the restore, and those about which the clock may have asked between the copy and the restore.
    """
    calls = MonthlyCall.select(MonthlyCall.month).where(MonthlyCall.expires_at == hold.restored_at).distinct()
    asked = {month for (month,) in calls.tuples()}
    month = clock.previous_month(clock.today(hold.copied_at))
    schedule = MailSchedule.at(hold.restored_at)  # what was changed since then moves no month into the list, or out of it
    while schedule.request_due(month) <= hold.restored_at:
        opened = MonthOpening.select().where(MonthOpening.month == month).exists()
        if not opened and schedule.asks_from(month) + CATCH_UP > hold.copied_at:
            asked.add(month)
        month = clock.add_months(month, 1)
    return sorted(asked)


def overview(hold: OutgoingHold) -> Iterator[str]:
    """Dutch lines: what waits, and which accounts, roles and keys of then live again."""
    yield f"Teruggezet op {dutch.date_and_time(hold.restored_at)}: de kopie van {dutch.date_and_time(hold.copied_at)}."
    yield "Wat daarna is gebeurd, weet het portaal niet meer. Tot u vrijgeeft, gaat er niets naar buiten."
    yield ""
    uncertain = Mail.select(Mail.id, Mail.name, Mail.to).where(Mail.status == MailStatus.ONZEKER, Mail.error == MAYBE_SENT)
    yield "Mails die toen wachtten; beslis erover in 'Uitgaande post' (opnieuw aanbieden of laten vervallen):"
    yield from [f"  {mail.to:<40} {MAIL_LABELS[mail.name]}" for mail in uncertain.order_by(Mail.id)] or ["  geen"]
    yield "Wijzigingen die toen op iemand anders wachtten en nu niet ingaan; vraag zo nodig opnieuw wat iemand nog nodig heeft:"
    changes = RestoredItem.lapsed(hold)
    yield from [f"  {one.in_full:<40} {one.label}, gevraagd door {one.asked_by.email}" for one in changes] or ["  geen"]
    yield "Maanden waarover al gevraagd kan zijn, met links die niet meer werken; kies voor elk --ask-month of --leave-month:"
    yield from [f"  {month}  {dutch.month_name(month)}" for month in months(hold)] or ["  geen"]
    yield "Wat sinds de kopie op verzoek is gewist (melding, account, LNR-opname) staat er weer; kies --erased BESTAND met het"
    yield "logboek van daarna (uit de SIEM, of van audit-export), waarmee het opnieuw wordt gewist, of --none-erased:"
    yield f"  {_erasures(hold)}"
    yield "Accounts die weer kunnen inloggen, met de rollen van toen; beëindigen met --end-account E-MAILADRES:"
    for user in User.select().where(User.active).order_by(User.email):
        labels = ", ".join(sorted(ROLE_LABELS[role] for role in user.role_names))
        yield f"  {user.email:<40} {labels}{f' · {user.hospital}' if user.hospital_id else ''}"
    yield "LNR-sleutels die weer werken; beëindigen met --end-key NUMMER:"
    keys = ApiKey.select().where(ApiKey.valid(clock.now())).order_by(ApiKey.id)
    yield from [f"  {key.id:<6} {key.hint}…  {key.supplier} · {key.hospital}" for key in keys] or ["  geen"]


def release(
    end_accounts: tuple[str, ...] = (),
    end_keys: tuple[int, ...] = (),
    ask_months: tuple[str, ...] = (),
    leave_months: tuple[str, ...] = (),
    now: datetime | None = None,
) -> None:
    """End the accounts and keys that should not live again, ask anew about months, and let things leave.

    Raises Refused, changing nothing, while a person has not said of each month whether it is asked about again, and what was
    erased on request since the copy.
    """
    hold, now = standing(), now or clock.now()
    _demand_whole(hold)
    if not hold.erasures_at:
        raise Refused(ERASED_AGAIN)
    if open_ends := [month for month in months(hold) if month not in (*ask_months, *leave_months)]:
        raise Refused(f"Kies voor elke maand --ask-month of --leave-month: {', '.join(open_ends)}.")
    with db.atomic():
        for address in end_accounts:
            if (user := User.by_email(address)) is None:
                raise Refused(f"Er is geen account met e-mailadres {address}.")
            user.deactivate()
            AuditEvent.log("user.deactivate", account=user, at=now)
        for number in end_keys:
            if (key := ApiKey.get_or_none(ApiKey.id == number)) is None:
                raise Refused(f"Er is geen LNR-sleutel met nummer {number}.")
            key.revoke(now=now)
        _let_go(months(hold), ask_months, now)
        told = f"accounts beëindigd: {len(end_accounts)}, sleutels: {len(end_keys)}, opnieuw gevraagd: {len(ask_months)}"
        AuditEvent.log("restore.release", subject=hold.subject, detail=told, at=now)


def erase_again(lines: Iterable[str], tables: Collection[type[Record]], now: datetime | None = None) -> Iterator[str]:
    """Do again what this trail says was erased on request or withdrawn since the copy; yields what became of each.

    Nothing can be released while one of them was refused, nor when this ends half-way: the hold keeps it until a trail that
    tells it settles it. A trail with a gap settles what it tells, and does not say that this was all. Raises Refused, changing
    nothing, when the lines are no trail of after the copy.
    """
    hold, now = standing(), now or clock.now()
    trail = repeated_erasure.told(lines, hold.copied_at, hold.restored_at)
    yield trail.read
    names, settled = [repeated_erasure.without_address(subject) for subject in trail.subjects], set()
    with db.atomic():
        held = _held()
        _keep_not_erased(held, [*held.not_erased, *names], None)
    again = repeated_erasure.repeat(trail.subjects, hold.restored_at, tables, now)
    for name, (said, may_stay) in zip(names, again, strict=True):
        if may_stay:
            settled.add(name)
        yield said
    with db.atomic():
        held = _held()
        left = [name for name in held.not_erased if name not in settled]
        _keep_not_erased(held, left, None if left or trail.gap else now)
        detail = f"opnieuw gewist volgens het logboek: {len(settled)}, nog niet gelukt: {len(left)}"
        AuditEvent.log("restore.decide", subject=hold.subject, detail=detail, at=now)
    if left:
        yield NOT_ALL_ERASED
    if trail.gap:
        yield f"{trail.gap} {INCOMPLETE}"


def _keep_not_erased(hold, names, decided_at):
    left = json.dumps(list(dict.fromkeys(names)))
    OutgoingHold.update(erasures_at=decided_at, erasures_left=left).where(OutgoingHold.id == hold.id).execute()


def none_erased(by: User | None = None, now: datetime | None = None) -> None:
    """Say that nothing was erased on request between the copy and the restore: a beheerder, or the operator.

    Raises Refused when a trail that was read says otherwise.
    """
    if by is not None:
        access.demand(by, "manage")
    now = now or clock.now()
    with db.atomic():
        hold = _held()
        _demand_whole(hold)
        OutgoingHold.update(erasures_at=now).where(OutgoingHold.id == hold.id).execute()
        AuditEvent.log("restore.decide", by=by, subject=hold.subject, detail=NONE_ERASED, at=now)


def _demand_whole(hold):
    """Refused while something that the trail of then tells could not be erased again."""
    if hold.not_erased:
        raise Refused(NOT_ALL_ERASED)


def _erasures(hold):
    if left := hold.not_erased:
        return f"nog {len(left)} niet opnieuw gewist: {', '.join(left)}"
    return "hierover is beslist" if hold.erasures_at else "nog niets over gezegd"


def _let_go(listed, ask_months, now):
    for month in listed:
        if month in ask_months:
            MonthlyCall.ask_again(month, now)
        else:
            # Melders answer after logging in; the clock does not ask by itself.
            MonthOpening.insert(month=month, opened_at=now).on_conflict_ignore().execute()
    resend_mails.ask(standing(), now)
    OutgoingHold.release(now)


# ---- by two beheerders -----------------------------------------------------------------------------------------------


def ask(by: User, now: datetime | None = None) -> None:
    """Ask to let things leave again. Raises Refused while nobody has said of each account, key and month what it is to be."""
    access.demand(by, "manage")
    now = now or clock.now()
    with db.atomic():
        hold = _held()
        if hold.asked_by_id:
            raise Refused("De vrijgave is al gevraagd. Een andere beheerder geeft vrij.")
        if not RestoredItem.of(hold).exists():
            raise Refused(NO_LIST)
        if left := RestoredItem.undecided(hold):
            raise Refused(f"Beslis eerst over alles wat hieronder staat: nog {left}.")
        _demand_whole(hold)
        if not hold.erasures_at:
            raise Refused(ASK_ERASED)
        OutgoingHold.update(asked_by=by, asked_at=now).where(OutgoingHold.id == hold.id).execute()
        AuditEvent.log("restore.ask", by=by, subject=hold.subject, at=now)


def take_back(by: User, now: datetime | None = None) -> None:
    """Do not release yet, so that decisions can be changed; any beheerder may do this."""
    access.demand(by, "manage")
    with db.atomic():
        hold = _held()
        if not hold.asked_by_id:
            raise Refused("Niemand vraagt nu om vrij te geven.")
        OutgoingHold.update(asked_by=None, asked_at=None).where(OutgoingHold.id == hold.id).execute()
        AuditEvent.log("restore.take_back", by=by, subject=hold.subject, at=now)


def confirm(by: User, now: datetime | None = None) -> None:
    """Let things leave again, as a second person. Raises Refused for who asked, and when nobody did."""
    access.demand(by, "manage")
    now = now or clock.now()
    with db.atomic():
        hold = _held()
        if not hold.asked_by_id:
            raise Refused("Vraag eerst om vrij te geven. Een andere beheerder bevestigt dat.")
        if hold.asked_by_id == by.id:
            raise Refused("Een andere beheerder moet dit bevestigen: niemand geeft alleen vrij.")
        HeldChange.demand_second(by, hold.asked_by, now)
        _demand_whole(hold)  # the operator may have read a trail since it was asked
        asked, left = (RestoredItem.months(hold, one) for one in (ItemDecision.OPNIEUW, ItemDecision.NIET_OPNIEUW))
        _let_go([*asked, *left], asked, now)
        OutgoingHold.update(released_by=by).where(OutgoingHold.id == hold.id).execute()
        detail = f"gevraagd door {hold.asked_by.email}, opnieuw gevraagd: {len(asked)}"
        AuditEvent.log("restore.release", by=by, subject=hold.subject, detail=detail, at=now)


def _held():
    if hold := OutgoingHold.held():
        return hold
    raise Refused(NOTHING)


def waiting_mails(hold: OutgoingHold) -> tuple[dict[str, int], int]:
    """({kind of mail: how many waited at the copy and may have left since}, how many were queued since and leave then)."""
    doubtful = Mail.select(Mail.name, fn.COUNT(Mail.id)).where(Mail.status == MailStatus.ONZEKER, Mail.error == MAYBE_SENT)
    fresh = Mail.select().where(Mail.status == MailStatus.WACHT, Mail.created_at >= hold.restored_at)
    return {MAIL_LABELS[name]: count for name, count in doubtful.group_by(Mail.name).tuples()}, fresh.count()
