"""Preflight check (`app.py check`): every part that this installation leans on, tried for real, before somebody needs it.

Each part answers with a few Dutch words about what was seen, or raises Amiss with a sentence about what is wrong and what to
do. Nothing that is asked changes anything; the one file that is written to try the storage is removed again.
"""

import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import peewee
import pyrage
import redis

from models import clock, dutch, outgoing
from models.accounts.identity import openid
from models.accounts.identity.identity_provider import providers
from models.base import Refused, db, on_postgresql
from models.files import clamav, storage
from models.mail import smtp
from models.operations import clock_guard, schema
from models.operations.keys.key_fingerprint import KeyFingerprint
from settings import settings

LEAST_FREE = 2_000_000_000  # bytes: one file of the largest size
LEAST_PART = 0.05  # of a disk
STRONG = 32  # letters of a key; what `migrate` makes has 64
VARIED = 10  # different letters in it
PATIENCE = 10  # seconds for each server


class Amiss(Exception):
    """Something is wrong with a part; the message is a Dutch sentence, or some, one a line."""


@dataclass(frozen=True)
class Part:
    """What was found about one part. `vital`: without it no process does its work; the others may come later."""

    name: str
    vital: bool
    said: str
    well: bool


def look(only_vital: bool = False) -> Iterator[Part]:
    """Try the parts one after another."""
    for name, vital, ask in PARTS:
        if vital or not only_vital:
            try:
                yield Part(name, vital, ask(), True)
            except Amiss as problem:
                yield Part(name, vital, str(problem), False)
            except peewee.DatabaseError as problem:
                yield Part(name, vital, f"de database geeft een fout: {_first_line(problem)}", False)


def keys() -> str:
    """Every key is here, readable by this account alone, too long to guess, and of this database."""
    if missing := settings.missing_keys():
        raise Amiss(
            f"Ontbreekt: {', '.join(missing)}. Zet de sleutels terug in {settings.data_dir / 'keys'}; een nieuwe installatie "
            "krijgt ze van: python app.py migrate"
        )
    wrong = [*_weak("SECRET_KEYS", settings.secret_keys), *_weak("PSEUDONYM_KEY", settings.pseudonym_keys), *_identities()]
    for path in sorted((settings.data_dir / "keys").glob("[!.]*")):
        if path.stat().st_mode & 0o077:
            wrong.append(f"{path} is ook voor andere accounts van deze machine te lezen. Voer uit: chmod 600 {path}")
    if wrong:
        raise Amiss("\n".join(wrong))
    try:
        KeyFingerprint.unknown()
    except Refused as problem:
        raise Amiss(str(problem)) from None
    except peewee.DatabaseError:
        return "sterk genoeg; of ze bij de database horen, is niet na te gaan"
    return "sterk genoeg, en ze horen bij de database"


def _weak(name, found):
    if not found:
        yield f"{name} is leeg."
    for place, key in enumerate(found, 1):
        if len(key) < STRONG or len(set(key)) < VARIED:
            yield (
                f"{name}: sleutel {place} is te raden. Neem {STRONG} tekens of meer, bijvoorbeeld van: "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )


def _identities():
    for path in settings.age_identity_files:
        try:
            lines = path.read_text().splitlines()
            found = [pyrage.x25519.Identity.from_str(line) for line in map(str.strip, lines) if line.startswith("AGE-SECRET")]
        except OSError as problem:
            yield f"AGE_IDENTITIES: {path} kan niet worden gelezen ({problem.strerror})."
        except (ValueError, pyrage.IdentityError):
            yield f"AGE_IDENTITIES: {path} bevat een sleutel die niet klopt."
        else:
            if not found:
                yield f"AGE_IDENTITIES: in {path} staat geen sleutel (een regel die begint met AGE-SECRET-KEY-)."


def database() -> str:
    """It answers, and is of this version of the program."""
    if settings.database_url.startswith("sqlite:") and not Path(settings.database_url.removeprefix("sqlite:///")).exists():
        raise Amiss("Er is nog geen database. Voer uit: python app.py migrate")
    try:
        db.connect(reuse_if_open=True)
        if schema.unknown():
            raise Amiss("De database is van een nieuwere versie van het portaal. Gebruik die versie.")
        if schema.pending():
            raise Amiss("De database is nog niet op deze versie. Voer uit: python app.py migrate")
    except peewee.PeeweeException as problem:
        raise Amiss(f"De database antwoordt niet: {_first_line(problem)}") from None
    return f"{'PostgreSQL' if on_postgresql() else 'SQLite'}, stap {schema.newest()}"


def connections() -> str:
    """What leaves this machine is encrypted and verified, by the settings."""
    if open_lines := outgoing.clear():
        raise Amiss("\n".join(open_lines))
    return "versleuteld en gecontroleerd, of op deze machine"


def queue() -> str:
    """The queue of the worker takes and gives."""
    if not settings.redis_url:
        try:
            sqlite3.connect(settings.data_dir / "queue.db", timeout=PATIENCE).close()
        except sqlite3.Error as problem:
            raise Amiss(f"{settings.data_dir / 'queue.db'} gaat niet open: {problem}") from None
        return "in een bestand op deze machine"
    line = redis.Redis.from_url(
        outgoing.redis_url(settings.redis_url), socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    )
    try:
        line.ping()
    except (redis.RedisError, OSError) as problem:
        raise Amiss(f"Redis op {_host(settings.redis_url)} antwoordt niet: {_first_line(problem)}") from None
    finally:
        line.close()
    return f"Redis op {_host(settings.redis_url)}"


def mail_server() -> str:
    """It greets us over a verified line and takes our name and password; no mail is offered."""
    if not settings.smtp_url:
        return "geen (SMTP_URL is leeg): mail wordt niet verstuurd maar bewaard in een map"
    try:
        with smtp.SmtpPost(settings.smtp_url) as post:
            post.greet()
    except smtp.PostDown as problem:
        raise Amiss(f"De mailserver {_host(settings.smtp_url)} neemt ons niet aan: {_first_line(problem)}") from None
    return _host(settings.smtp_url)


def scanner() -> str:
    """clamd answers."""
    if not settings.clamd_url:
        return "geen (CLAMD_URL is leeg): bestanden worden niet op virussen gecontroleerd"
    if reason := clamav.ping(settings.clamd_url, PATIENCE):
        raise Amiss(f"{reason[0].upper()}{reason[1:]} ({settings.clamd_url}).")
    return settings.clamd_url


def store() -> str:
    """A document can be kept, read back whole, and removed."""
    if settings.missing_keys():
        raise Amiss("Niet na te gaan zonder sleutels.")
    probe = b"proef"
    try:
        kept = storage.save(io.BytesIO(probe), limit=len(probe))
        try:
            whole = b"".join(storage.read(kept.key, kept.sha256)) == probe
        finally:
            storage.delete(kept.key)
    except (Refused, OSError) as problem:
        raise Amiss(f"In {storage.where()} kan geen bestand worden opgeslagen: {problem.__cause__ or problem}") from None
    except (storage.Damaged, pyrage.IdentityError):
        whole = False
    if not whole:
        raise Amiss(f"Wat in {storage.where()} wordt bewaard, komt er niet heel uit terug.")
    return storage.where()


def disk() -> str:
    """There is room on every disk that this installation writes to."""
    free = {}
    for path in (settings.data_dir, settings.documents_dir):
        use = shutil.disk_usage(path if path.exists() else path.parent)
        free[use.total, use.free] = (path, use)
    for path, use in free.values():
        if not room_on(use):
            raise Amiss(f"De schijf van {path} is bijna vol: nog {dutch.size(use.free)} van {dutch.size(use.total)}.")
    return f"nog {dutch.size(min(use.free for _, use in free.values()))} vrij"


def room_on(use: Any) -> bool:
    """Whether a disk of this use (shutil.disk_usage) has room for what comes."""
    return use.free >= max(LEAST_FREE, use.total * LEAST_PART)


def identity_providers() -> str:
    """Each provider at which people of a hospital log in describes itself as the one that is meant."""
    wrong = []
    for provider in (known := providers().values()):
        try:
            openid.describe(provider)
        except openid.ProviderDown:
            wrong.append(f"{provider.label}: {provider.issuer} antwoordt niet. Inloggen met een wachtwoord gaat wel.")
        except openid.NotBelieved as problem:
            wrong.append(f"{provider.label}: wat {provider.issuer} van zichzelf zegt, klopt niet ({problem}).")
    if wrong:
        raise Amiss("\n".join(wrong))
    return ", ".join(one.label for one in known) or "geen (IDENTITY_PROVIDERS is leeg): iedereen logt in met een wachtwoord"


def time() -> str:
    """Nothing speaks against the clock of this machine."""
    try:
        if reason := clock_guard.doubt():
            raise Amiss(reason)
    except peewee.DatabaseError:
        return "naast het logboek niet na te gaan: dat is er niet"
    return f"{dutch.date_and_time(clock.now())}, Nederlandse tijd"


def proxy() -> str:
    """Who follows a link in a mail comes to this portal, over a verified line, and with an address of their own."""
    if not settings.https:
        raise Amiss("PORTAL_URL begint niet met https, dus alles gaat leesbaar over het netwerk.")
    try:
        status, said = outgoing.ask(f"{settings.portal_url}/readyz", seconds=PATIENCE)
    except OSError as problem:
        raise Amiss(f"{settings.portal_url} is van hier niet te bereiken: {_first_line(problem)}") from None
    if b'"database"' not in said:
        raise Amiss(f"Op {settings.portal_url} antwoordt iets anders dan het portaal (status {status}).")
    if b'"proxy"' in said:
        raise Amiss("De proxy geeft het adres van mensen door, maar het portaal vertrouwt dat niet. Zet PROXY_HOPS=1.")
    return settings.portal_url


def _host(url):
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _first_line(problem):
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]


# The services that others run are not vital: a portal that starts while the mail server is away loses nothing.
PARTS: tuple[tuple[str, bool, Callable[[], str]], ...] = (
    ("sleutels", True, keys),
    ("database", True, database),
    ("verbindingen", True, connections),
    ("wachtrij", False, queue),
    ("mailserver", False, mail_server),
    ("virusscanner", False, scanner),
    ("opslag", True, store),
    ("schijf", False, disk),
    ("inlog van ziekenhuizen", False, identity_providers),
    ("klok", False, time),
    ("proxy", False, proxy),
)
