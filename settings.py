"""Every setting of an installation, read from the environment once. Nothing else reads the environment."""

import os
import re
import secrets
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyrage import x25519

ROOT = Path(__file__).parent  # of the checkout
VERSION = "2026.12.01"  # the day of the release; CHANGELOG.md says what came with it


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which one and what to do."""


@dataclass(frozen=True)
class S3:
    """A bucket of an S3 store, and who we are there. No `endpoint`: Amazon's own of `region`."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """What one installation may decide. Names and defaults: the README's table of settings."""

    portal_url: str
    data_dir: Path
    database_url: str
    redis_url: str
    documents_dir: Path
    s3: S3 | None
    clamd_url: str
    smtp_url: str
    mail_from: str
    bounce_url: str
    second_factor: str
    demo: bool
    timezone: ZoneInfo
    proxy_hops: int
    secret_keys_given: tuple
    age_identities_given: tuple
    pseudonym_keys_given: tuple
    siem_url: str
    watchdog_url: str
    notify_socket: str  # of systemd, which sets it
    status_key: str
    trusted_ca: Path | None
    clear_hosts: frozenset
    identity_providers: Path | None

    @property
    def host(self):
        """Host name, without port, of every link in a mail."""
        return urlsplit(self.portal_url).hostname

    @property
    def https(self):
        return self.portal_url.startswith("https:")

    @cached_property
    def secret_keys(self):
        """Signing keys, newest first: those that were given, or under DATA_DIR/keys."""
        return list(self.secret_keys_given) or self._key_file("secret_keys").read_text().split()

    @cached_property
    def age_identity_files(self):
        """Files of age identities: the first encrypts, all decrypt."""
        if self.age_identities_given:
            return [Path(name) for name in self.age_identities_given]
        return [self._key_file("age_identity")]

    @cached_property
    def pseudonym_keys(self):
        """Keys of the pseudonyms of children and mothers, newest first: those that were given, or under DATA_DIR/keys."""
        return list(self.pseudonym_keys_given) or self._key_file("pseudonym_key").read_text().split()

    def missing_keys(self):
        """The names of keys that were not given and are not under DATA_DIR/keys yet; asking makes none."""
        given = {
            "secret_keys": self.secret_keys_given,
            "age_identity": self.age_identities_given,
            "pseudonym_key": self.pseudonym_keys_given,
        }
        return [name for name, values in given.items() if not values and not (self.data_dir / "keys" / name).exists()]

    def make_keys(self):
        """Make the keys that were not given and are not under DATA_DIR/keys yet. Only for an empty database: `migrate`."""
        for name in self.missing_keys():
            path = self.data_dir / "keys" / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = path.with_name(f".{name}-{secrets.token_hex(4)}")
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(f"{x25519.Identity.generate() if name == 'age_identity' else secrets.token_urlsafe(48)}\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                # Two may start together, or die doing so: one of them makes the key, and makes it whole.
                os.link(half, path)
            except FileExistsError:
                pass
            half.unlink()

    def _key_file(self, name):
        path = self.data_dir / "keys" / name
        if path.exists():
            return path
        raise SettingsError(f"{path} is er niet. Zet de sleutels terug; een nieuwe installatie krijgt ze van: app.py migrate")


def read(environ):
    """Settings from `environ`; raises SettingsError naming the first setting that is wrong."""
    data_dir = Path(environ.get("DATA_DIR") or "var").absolute()
    return Settings(
        portal_url=_portal_url(environ.get("PORTAL_URL") or "http://localhost:5000"),
        data_dir=data_dir,
        database_url=_database_url(environ, data_dir),
        redis_url=_one_of_schemes("REDIS_URL", environ.get("REDIS_URL", ""), ("redis", "rediss")),
        documents_dir=_documents_dir(environ.get("STORAGE_URL", ""), data_dir),
        s3=_s3(environ) if environ.get("STORAGE_URL", "").startswith("s3://") else None,
        clamd_url=_clamd_url(environ.get("CLAMD_URL", "")),
        smtp_url=_one_of_schemes("SMTP_URL", environ.get("SMTP_URL", ""), ("smtp", "smtp+starttls", "smtps")),
        mail_from=_mail_from(environ.get("MAIL_FROM") or "noreply@mijnperined.nl"),
        bounce_url=_bounce_url(environ.get("BOUNCE_URL", "")),
        second_factor=_choice("SECOND_FACTOR", environ.get("SECOND_FACTOR") or "required", ("required", "optional")),
        demo=_switch("DEMO", environ.get("DEMO", "")),
        timezone=_timezone(environ.get("TIMEZONE") or "Europe/Amsterdam"),
        proxy_hops=_count("PROXY_HOPS", environ.get("PROXY_HOPS") or "0"),
        secret_keys_given=tuple(_long("SECRET_KEYS", key) for key in _words(environ.get("SECRET_KEYS", ""))),
        age_identities_given=tuple(str(_file("AGE_IDENTITIES", name)) for name in _words(environ.get("AGE_IDENTITIES", ""))),
        pseudonym_keys_given=tuple(_long("PSEUDONYM_KEY", key) for key in _words(environ.get("PSEUDONYM_KEY", ""))),
        watchdog_url=_one_of_schemes("WATCHDOG_URL", environ.get("WATCHDOG_URL", ""), ("https", "http")),
        notify_socket=environ.get("NOTIFY_SOCKET", ""),
        status_key=_long("STATUS_KEY", environ.get("STATUS_KEY", "")),
        siem_url=_one_of_schemes("SIEM_URL", environ.get("SIEM_URL", ""), ("syslog+tls",)),
        trusted_ca=_file("TRUSTED_CA", environ.get("TRUSTED_CA", "")),
        clear_hosts=frozenset(_words(environ.get("CLEAR_HOSTS", "").lower())),
        identity_providers=_file("IDENTITY_PROVIDERS", environ.get("IDENTITY_PROVIDERS", "")),
    )


def _words(text):
    return tuple(text.replace(",", " ").split())


def _portal_url(text):
    parts = _split("PORTAL_URL", text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise SettingsError(f"PORTAL_URL moet lijken op https://portaal.example.nl, zonder pad erachter. Er staat {text!r}.")
    return text.rstrip("/")


def _one_of_schemes(name, text, schemes):
    if text and _split(name, text).scheme not in schemes:
        raise SettingsError(f"{name} moet beginnen met {' of '.join(s + '://' for s in schemes)}. Er staat {_shown(text)!r}.")
    return text


def _database_url(environ, data_dir):
    url = environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'portal.db'}"
    # What the client of PostgreSQL reads by itself can lead it, in clear, to another machine than the address says.
    of_client = sorted(name for name in environ if re.fullmatch(r"PG[A-Z]+", name) and name not in ("PGDATA", "PGPASSWORD"))
    if of_client and not url.startswith("sqlite:"):
        raise SettingsError(f"DATABASE_URL moet alles zelf zeggen. Haal uit de omgeving: {', '.join(of_client)}.")
    return _one_of_schemes("DATABASE_URL", url, ("sqlite", "postgresql"))


def _split(name, url):
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  only asking finds out that it is no number up to 65535
    except ValueError:
        raise SettingsError(f"{name} is geen geldig adres: de host of de poort klopt niet. Er staat {_shown(url)!r}.") from None
    return parts


def _shown(url):
    """An address as it may be read along: without its password."""
    return re.sub(r"(?<=//)([^/@]*?):[^/]*@", r"\1:…@", url)


def _clamd_url(text):
    parts = _split("CLAMD_URL", text)
    by_network = parts.scheme in ("tcp", "tls") and parts.hostname
    if text and not by_network and not (parts.scheme == "unix" and parts.path):
        raise SettingsError(f"CLAMD_URL moet lijken op unix:/pad, tls://host:3310 of tcp://host:3310. Er staat {text!r}.")
    return text


def _bounce_url(text):
    parts = _split("BOUNCE_URL", text)
    by_network = parts.scheme in ("imaps", "imap+starttls", "imap") and parts.hostname
    in_folder = text.startswith("folder:/") and Path(unquote(text.removeprefix("folder:"))).is_dir()
    if text and not by_network and not in_folder:
        raise SettingsError("BOUNCE_URL moet lijken op imaps://naam:wachtwoord@host, of folder:/pad van een map die er is.")
    return text


def _mail_from(text):
    if not re.fullmatch(r"[^@]+@[^@\s]+", text):
        raise SettingsError(f"MAIL_FROM moet een adres zijn, zoals noreply@example.nl. Er staat {text!r}.")
    return text


def _documents_dir(text, data_dir):
    """The folder of the files; beside a bucket the one that it came after, which `move-documents` empties."""
    if text and not text.startswith(("file:", "s3://")):
        raise SettingsError(f"STORAGE_URL moet beginnen met file: of s3://. Er staat {text!r}.")
    return Path(text.removeprefix("file:")).absolute() if text.startswith("file:") else data_dir / "documents"


def _s3(environ):
    url, endpoint = environ["STORAGE_URL"], environ.get("S3_ENDPOINT", "").rstrip("/")
    bucket, _, prefix = url.removeprefix("s3://").strip("/").partition("/")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]+[a-z0-9]", bucket):
        raise SettingsError(f"STORAGE_URL moet lijken op s3://bucket of s3://bucket/map. Er staat {url!r}.")
    _one_of_schemes("S3_ENDPOINT", endpoint, ("https", "http"))
    key_id, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret:
        raise SettingsError("STORAGE_URL noemt een bucket. Geef ook AWS_ACCESS_KEY_ID en AWS_SECRET_ACCESS_KEY.")
    return S3(bucket, prefix, endpoint, environ.get("AWS_REGION") or "us-east-1", key_id, secret)


def _long(name, text):
    if text and len(text) < 32:
        raise SettingsError(f"{name}: een sleutel moet 32 tekens of meer hebben, zodat niemand die raadt.")
    return text


def _choice(name, text, choices):
    if text not in choices:
        raise SettingsError(f"{name} moet een van deze zijn: {', '.join(choices)}. Er staat {text!r}.")
    return text


def _switch(name, text):
    return _choice(name, text.lower() or "off", ("off", "on", "0", "1", "false", "true")) in ("on", "1", "true")


def _timezone(name):
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsError(f"TIMEZONE moet een tijdzone zijn, zoals Europe/Amsterdam. Er staat {name!r}.") from None


def _file(name, text):
    if text and not Path(text).is_file():
        raise SettingsError(f"{name} moet een bestand noemen dat er is. Er staat {text!r}.")
    return Path(text).absolute() if text else None


def _count(name, text):
    if not text.isdigit():
        raise SettingsError(f"{name} moet een heel getal zijn, van 0 of meer. Er staat {text!r}.")
    return int(text)


def environment(**more):
    """The environment of a process of ours with other settings than this one."""
    return dict(os.environ) | more


def _read_at_start():
    """The settings of this process. Of what an operator types, help needs none, and a wrong one ends with its sentence."""
    try:
        found = read(os.environ)
        _demand_place(found.data_dir)
        return found
    except SettingsError as problem:
        # A web server or worker that imports this knows by the exception that starting again is no use.
        if Path(sys.argv[0]).name != "app.py":
            raise
        if {"-h", "--help", "--version"}.intersection(sys.argv) and "--" not in sys.argv:
            return read({})
        sys.exit(str(problem))


def _demand_place(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise SettingsError(f"DATA_DIR: de map {folder} kan niet worden gemaakt ({problem.strerror}).") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(f"DATA_DIR: in de map {folder} mag dit account niet schrijven.")


settings = _read_at_start()
