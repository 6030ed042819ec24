"""Identity providers: at whose log-in page people of a hospital may prove who they are.

The file of IDENTITY_PROVIDERS names them, a table each, in TOML; docs/operations.md has examples.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from models.typed_text import tidy_address
from settings import SettingsError, settings

NAME = "IDENTITY_PROVIDERS"
REQUIRED = {"label": str, "issuer": str, "client_id": str, "client_secret_file": str}
OPTIONAL = {"domains": list, "trust_email": bool, "organisation_claim": str, "acr": list, "amr": list}
KINDS = {str: "een tekst", list: "een lijst van teksten", bool: "true of false"}
KEY = re.compile(r"[a-z0-9-]{1,30}")  # it stands in addresses
HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class IdentityProvider:
    """One provider, and what it is believed.

    `domains`: of which e-mail addresses it may say that somebody has them; none: only who is logged in already links.
    `trust_email`: it says so of every address of those domains, also without `email_verified`.
    `organisation_claim`: for a provider of many organisations, the claim that names the one: it must equal the domain.
    `acr`, `amr`: the values by which it says that a second factor was used; none: it is never believed to have been.
    """

    key: str
    label: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)
    domains: frozenset[str] = frozenset()
    trust_email: bool = False
    organisation_claim: str = ""
    acr: frozenset[str] = frozenset()
    amr: frozenset[str] = frozenset()

    def vouched_address(self, claims: Mapping[str, Any]) -> str | None:
        """The e-mail address that these claims prove to be of who logged in, as accounts have it; None when they prove none."""
        email = claims.get("email")
        if not isinstance(email, str) or not email.isascii():
            return None
        email = tidy_address(email)
        domain = email.rpartition("@")[2]
        verified = claims.get("email_verified") is True or self.trust_email
        at_home = not self.organisation_claim or claims.get(self.organisation_claim) == domain
        return email if domain in self.domains and verified and at_home else None

    def second_step_taken(self, claims: Mapping[str, Any]) -> bool:
        """Whether these claims say, in the words that were agreed on, that a second factor was used."""
        methods = claims.get("amr")
        return claims.get("acr") in self.acr or (isinstance(methods, list) and not self.amr.isdisjoint(map(str, methods)))


def providers() -> Mapping[str, IdentityProvider]:
    """{key: provider} in the order of the file; none without the setting. Raises SettingsError for a file that is wrong."""
    return read(settings.identity_providers) if settings.identity_providers else {}


@cache
def read(path: Path) -> Mapping[str, IdentityProvider]:
    """{key: provider} of this file, read once. Raises SettingsError with the table and the name that are wrong."""
    try:
        tables = tomllib.loads(path.read_text())
    except OSError as problem:
        raise SettingsError(f"{NAME}: {path} kan niet worden gelezen ({problem.strerror}).") from None
    except ValueError as problem:
        raise SettingsError(f"{NAME}: {path} is geen goede TOML ({problem}).") from None
    found = {key: _provider(path, key, table) for key, table in tables.items()}
    if len({one.issuer for one in found.values()}) < len(found):
        raise SettingsError(f"{NAME}: in {path} staat dezelfde issuer twee keer.")
    return found


def _provider(path, key, table):
    def wrong(what):
        return SettingsError(f"{NAME}: in {path} bij [{key}] {what}.")

    if not KEY.fullmatch(key) or not isinstance(table, dict):
        raise wrong("hoort een tabel met een naam van kleine letters, cijfers en streepjes")
    for name, kind in (REQUIRED | OPTIONAL).items():
        if name in REQUIRED and not table.get(name):
            raise wrong(f"ontbreekt {name}")
        value = table.get(name, kind())
        if not isinstance(value, kind) or (kind is list and not all(isinstance(one, str) for one in value)):
            raise wrong(f"moet {name} {KINDS[kind]} zijn")
    if strange := sorted(set(table) - set(REQUIRED) - set(OPTIONAL)):
        raise wrong(f"staat {strange[0]}, wat niet bestaat")
    _demand_private_line(table["issuer"], wrong)
    lists = {name: frozenset(table.get(name, ())) for name in ("acr", "amr")}
    return IdentityProvider(
        key,
        table["label"],
        table["issuer"],
        table["client_id"],
        _secret(path.parent / table["client_secret_file"], wrong),
        domains=frozenset(domain.lower() for domain in table.get("domains", ())),
        trust_email=table.get("trust_email", False),
        organisation_claim=table.get("organisation_claim", ""),
        **lists,
    )


def _demand_private_line(issuer, wrong):
    try:
        parts = urlsplit(issuer)
        clear = parts.scheme == "http" and (parts.hostname in HERE or parts.hostname in settings.clear_hosts)
    except ValueError:
        raise wrong("is issuer geen adres") from None
    if not parts.hostname or parts.query or parts.fragment or not (parts.scheme == "https" or clear):
        raise wrong("moet issuer een adres zijn dat begint met https://, zonder ? of #")


def _secret(path, wrong):
    try:
        if path.stat().st_mode & 0o007:
            raise wrong(f"noemt client_secret_file {path}, dat iedereen op deze machine kan lezen; voer uit: chmod 600 {path}")
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise wrong(f"noemt client_secret_file {path}, dat er niet is of niet is te lezen") from None
    if not secret:
        raise wrong(f"noemt client_secret_file {path}, dat leeg is")
    return secret
