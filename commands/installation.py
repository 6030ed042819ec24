"""The commands that make an installation and look after it."""

import errno
import json
import re
import sqlite3
import sys
from contextlib import ExitStack
from getpass import getpass
from itertools import chain
from pathlib import Path

import peewee

from admin_views.accounts import login
from admin_views.accounts.demo_accounts import PASSWORD
from admin_views.web.application import create_app
from commands.demo import synthetic
from commands.demo import synthetic_stays as stays
from models import MODELS, clock, dutch
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.audit import fhir_audit_event
from models.audit.audit_event import AuditEvent
from models.base import Refused, db
from models.files.stores import moving
from models.long_work import how_far
from models.operations import after_restore, backup_thinning, clock_guard, integrity_check, schema
from models.operations import backup as backups
from models.operations.health import system_check
from models.operations.health.integrity_run import IntegrityRun
from models.operations.keys import key_rotation
from models.operations.keys.key_fingerprint import KeyFingerprint
from models.search import word_index
from models.search.find import SEARCHED
from settings import VERSION, settings

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def migrate(chosen):
    """Bring the database to this version."""
    schema.demand_known()
    steps = schema.migrate()
    print(f"Database bijgewerkt: {', '.join(steps)}." if steps else "De database is op deze versie.", flush=True)


def reindex(chosen):
    """Write anew by which words everything is found."""
    for table, rows in word_index.rebuild(SEARCHED):
        print(f"{table}: {rows}", flush=True)


def demand_fit():
    """Raise Refused when the database is not of this version, was restored but half, or belongs to other keys."""
    backups.demand_settled()
    schema.demand_this_version()
    KeyFingerprint.demand_fit()


def create_hospital(chosen):
    """Make a hospital."""
    hospital = Hospital.enrol(chosen.code, chosen.name, agb=chosen.agb, ura=chosen.ura, perined=chosen.perined)
    print(f"{hospital} is toegevoegd, met code {hospital.code}.")


def create_user(chosen):
    """Make an account; without a password its owner is invited."""
    if not ADDRESS.fullmatch(chosen.email):
        raise Refused(f"{chosen.email} is geen e-mailadres.")
    with create_app().app_context(), db.atomic():
        hospital = Hospital.by_code(chosen.hospital) if chosen.hospital else None
        name = chosen.name or chosen.email.partition("@")[0]
        user = User.enrol(chosen.email, name, chosen.role, hospital, chosen.committee)
        if chosen.password:
            login.set_password(user, _password(chosen.password))
            print(f"{user.email} kan inloggen op {settings.portal_url}")
        else:
            print(f"De uitnodiging voor {user.email} staat klaar in de uitgaande post en is een week geldig:")
            print(login.invite(user))


def _password(given):
    if given == "-":
        return getpass("Wachtwoord: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    print("LET OP: anderen op deze machine kunnen dit wachtwoord lezen. Geef het door met: --password -", file=sys.stderr)
    return given


def check(chosen):
    """Try everything that this installation leans on; 1 when something is wrong."""
    amiss = 0
    for part in system_check.look(only_vital=chosen.starting):
        first, *more = part.said.splitlines()
        print(f"{'goed ' if part.well else 'FOUT '} {part.name:<14}{first}", *(f"{'':<20}{line}" for line in more), sep="\n")
        amiss += not part.well
    print(f"{dutch.plural(amiss, 'onderdeel klopt', 'onderdelen kloppen')} niet." if amiss else "Alles klopt.")
    return min(amiss, 1)


def verify(chosen):
    """Check that everything that is kept is whole; 1 when something is not."""
    found = []
    for problem in chain(filter(None, [clock_guard.doubt()]), integrity_check.problems(chosen.deep)):
        found.append(problem)
        if not chosen.json:
            print(problem)
    if chosen.json:
        print(json.dumps({"version": VERSION, "whole": not found, "problems": found}, ensure_ascii=False, indent=2))
    else:
        print(f"{dutch.plural(len(found), 'probleem', 'problemen')} gevonden." if found else "Alles klopt.")
    try:
        IntegrityRun.note(chosen.deep, len(found))
    except peewee.OperationalError:  # a disk that is full, which is no reason to call what is kept broken
        print("De uitkomst kon niet worden bewaard: de database neemt niets aan.", file=sys.stderr)
    return int(bool(found))


def backup(chosen):
    """Copy everything but the keys to a folder, while the portal serves."""
    try:
        manifest = backups.make(chosen.folder)
    except (OSError, sqlite3.Error, peewee.DatabaseError) as problem:
        if getattr(problem, "errno", None) != errno.ENOSPC and "disk is full" not in str(problem):
            raise
        raise Refused(
            f"De schijf van {chosen.folder} is vol. Er is niets van de kopie achtergebleven; maak eerst plaats."
        ) from None
    print(f"{chosen.folder}: de database ({manifest['step']}) en {_documents(manifest)}.")
    for folder in _thinned(Path(chosen.folder).absolute()) if chosen.thin else ():
        print(f"{folder} is weg: er zijn nieuwere kopieën.")
    print("De sleutels zitten er niet bij, en zonder sleutels is de kopie niet te lezen. Bewaar ze apart van deze map:")
    print("\n".join(_keys()))


def _thinned(new):
    """Take older copies beside this one away; yields each."""
    days = {folder: backups.moment(manifest).date() for folder, manifest in backups.copies_in(new.parent).items()}
    for folder in backup_thinning.superseded(days, clock.now().date()):
        if folder != new:
            backup_thinning.remove(folder)
            yield folder


def audit_export(chosen):
    """Print the trail of some days as FHIR AuditEvent, a line of JSON each; that is a line of the trail too."""
    AuditEvent.log("trail.export", subject=f"{chosen.first} tot en met {chosen.last}", detail="FHIR AuditEvent")
    for line in how_far.told("Regels van het logboek", fhir_audit_event.export(chosen.first, chosen.last)):
        print(line)


def restore(chosen):
    """Fill an empty installation from a backup, and check all of it; 1 when something is not whole."""
    print("Nodig zijn ook de sleutels van toen:", *_keys(), sep="\n", flush=True)
    manifest = backups.restore(chosen.folder, with_documents=not chosen.rehearsal)
    copied_at = backups.since(manifest)
    print(f"Teruggezet: de kopie van {dutch.date_and_time(copied_at)}, met {_documents(manifest)}. Nu de controle:", flush=True)
    migrate(chosen)
    after_restore.begin(copied_at)
    backups.settle()
    chosen.deep, chosen.json = True, False
    found = verify(chosen)
    if not chosen.rehearsal:
        print("Alles wat naar buiten gaat wordt vastgehouden. Bekijk het, en geef het vrij: python app.py release")
    return found


def release(chosen):
    """Show what a restore brought back and what it holds; with --confirm let things leave again.

    What was erased on request since the copy is erased again at once, by the trail of then.
    """
    if chosen.erased:
        after_restore.standing()
        with ExitStack() as files:
            lines = chain.from_iterable([files.enter_context(_opened(file)) for file in chosen.erased])
            for said in after_restore.erase_again(lines, MODELS):
                print(said, flush=True)
    if chosen.none_erased:
        after_restore.none_erased()
    if not chosen.confirm:
        print(*after_restore.overview(after_restore.standing()), sep="\n")
        print("\nKlopt dit? Geef dan vrij met: python app.py release --confirm, met wat hierboven staat.")
        return
    after_restore.release(tuple(chosen.end_account), tuple(chosen.end_key), tuple(chosen.ask_month), tuple(chosen.leave_month))
    print("Vrijgegeven: mail, uitvraag en herinneringen gaan weer uit. Over onzekere mails beslist u in 'Uitgaande post'.")


def _opened(path):
    try:
        return path.open(encoding="utf-8", errors="replace")
    except OSError as problem:
        raise Refused(f"{path} kan niet worden gelezen ({problem.strerror}).") from None


def _documents(manifest):
    count = sum(name.startswith(backups.DOCUMENTS) for name in manifest["files"])
    return dutch.plural(count, "versleuteld bestand", "versleutelde bestanden")


def _keys():
    for name, setting, what in backups.KEYS:
        yield f"  {settings.data_dir / 'keys' / name} (of {setting}): {what}"


def clock_right(chosen):
    """Say that the clock of this machine is right, so that the worker sends again what it held."""
    clock_guard.trust()
    print(f"De klok staat op {dutch.date_and_time(clock.now())}; de worker gaat daarmee verder.")


def move_documents(chosen):
    """Move the documents from the folder to the bucket, while the portal goes on serving; 1 when some stay behind."""
    moved = moving.move()
    print(f"{dutch.plural(moved.count, 'bestand is', 'bestanden zijn')} verplaatst en nagelezen.")
    if moved.left:
        stay = dutch.plural(len(moved.left), "bestand blijft", "bestanden blijven")
        print(f"{stay} nog in de map: {', '.join(moved.left[:10])}. Geef de opdracht straks opnieuw.")
    return int(bool(moved.left))


def reseal(chosen):
    """Seal everything anew under the newest keys, while the portal goes on serving."""
    for line in key_rotation.reseal():
        print(line, flush=True)


def fill(chosen):
    """Fill an empty database with synthetic data, to measure with."""
    migrate(chosen)
    with create_app().app_context():
        synthetic.fill(chosen.hospitals, chosen.cases, login.hash_password(PASSWORD), say=print)
        if chosen.lnr:
            stays.fill(chosen.lnr, say=print)
