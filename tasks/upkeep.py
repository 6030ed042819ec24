"""Each night: what has had its term, what a crash left on the disk, and whether files and trail are whole.

Each hour: how far the trail has come. Each ten minutes: accounts whose day has come, or that nobody uses. Each minute: the
new lines of the trail to the SIEM.
"""

from huey import crontab

from models import MODELS, clock
from models.accounts.identity.linked_identity import HeardLogOut, ProviderLogIn
from models.accounts.rate_limit import FailedAttempt
from models.approval.held_change import HeldChange
from models.audit import checkpoint
from models.committee.ties.reach_change import ReachChange
from models.mail import damage_alert, unusual_access
from models.operations import integrity_check, restore_rehearsal, schema
from models.operations.health import watchdog
from models.operations.siem import AuditShipment
from models.retention import destruction
from models.staff import disuse, ending
from models.upload_links import ended_links
from tasks.queue import every


@every(crontab(hour="2", minute="30"))
def tidy_documents():
    integrity_check.clear_leftovers()
    damage_alert.sound(integrity_check.documents())


# A part at a time: one run takes seconds, whatever the backlog. A clock that is ahead would destroy too early. After the
# backup of the night and its rehearsal: what goes while a copy is made is missing from it.
@every(crontab(hour="5-6", minute="*/2"), waits_for_clock=True)
def destroy_what_has_had_its_term():
    destruction.destroy_due(MODELS)


@every(crontab(hour="3", minute="40"))
def read_the_trail():
    damage_alert.sound(integrity_check.trail())


@every(crontab(minute="5"))
def note_how_far_the_trail_has_come():
    checkpoint.write()


@every(crontab(hour="3", minute="0"))
def forget_failed_attempts():
    FailedAttempt.forget_old()
    ProviderLogIn.forget_old()
    HeardLogOut.forget_old()


@every(crontab(hour="3", minute="30"))
def count_anew():
    schema.count_anew()


@every(crontab(hour="4", minute="10"))
def rehearse_restoring():
    damage_alert.sound(restore_rehearsal.rehearse())


@every(crontab())
def tell_the_watchdog():
    watchdog.push()


@every(crontab())
def ship_the_trail():
    AuditShipment.ship()


@every(crontab(minute="*/15"))
def tell_what_stands_out():
    unusual_access.sound()


@every(crontab(minute="*/10"), waits_for_clock=True)
def end_upload_links():
    ended_links.end_due()


@every(crontab(minute="*/10"), waits_for_clock=True)
def let_changes_take_effect():
    HeldChange.take_effect()
    ReachChange.take_effect()


@every(crontab(minute="*/10"), waits_for_clock=True)
def end_and_suspend_accounts():
    now = clock.now()
    ending.end_due(now)
    disuse.suspend_due(now)
