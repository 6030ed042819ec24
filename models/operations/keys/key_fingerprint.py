"""Key check: which keys belong to this database. A process that has others, or not all of them, may not touch it.

Keys are made once, by the first `migrate` of an empty database. A second machine without them would otherwise make its own, and
write what no other machine can read.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from peewee import CharField, DateTimeField

from models import clock
from models.base import Record, Refused
from models.files import storage
from settings import settings

NAMES = {"secret_keys": "SECRET_KEYS", "age_identity": "AGE_IDENTITIES", "pseudonym_key": "PSEUDONYM_KEY"}


class KeyFingerprint(Record):
    """One key that something here was sealed or named with; of an age identity its public half."""

    kind = CharField(max_length=20, choices=[(kind, kind) for kind in NAMES])
    fingerprint = CharField(max_length=80)
    since = DateTimeField()
    retired_at = DateTimeField(null=True)  # since then nothing here is sealed with it any more

    class Meta:
        indexes = ((("kind", "fingerprint"), True),)

    @classmethod
    def demand_fit(cls, now: datetime | None = None) -> None:
        """Raise Refused unless every key that is in use here is at hand. A new one is noted: others need it from now on."""
        if unknown := cls.unknown():
            rows = [{"kind": kind, "fingerprint": print, "since": now or clock.now()} for kind, print in unknown]
            cls.insert_many(rows).on_conflict_ignore().execute()

    @classmethod
    def unknown(cls) -> list[tuple[str, str]]:
        """(kind, fingerprint) of keys at hand that this database does not know yet. Raises Refused as `demand_fit` does."""
        demand_present(settings.missing_keys())
        told, held = {(row.kind, row.fingerprint): row for row in cls.select()}, at_hand()
        for kind, here in held.items():
            if not here:
                raise Refused(f"{kind}: er staat geen sleutel in. {put_back([kind])}")
            lacking = {print for (of, print), row in told.items() if of == kind and not row.retired_at} - set(here)
            if lacking:
                raise Refused(
                    f"{kind}: er staan andere sleutels dan waarmee deze database is verzegeld (nodig: "
                    f"{', '.join(sorted(lacking))}). {put_back([kind])}"
                )
            if (first := told.get((kind, here[0]))) and first.retired_at:
                raise Refused(f"{kind}: vooraan staat een sleutel die door een nieuwere is vervangen. Zet de nieuwste vooraan.")
        return [(kind, print) for kind, here in held.items() for print in here if (kind, print) not in told]

    @classmethod
    def retire(cls, now: datetime | None = None) -> None:
        """From now on nothing is sealed with any key but the first of each kind."""
        cls.demand_fit(now)
        for kind, here in at_hand().items():
            older = (cls.kind == kind) & (cls.fingerprint != here[0]) & cls.retired_at.is_null()
            cls.update(retired_at=now or clock.now()).where(older).execute()


def at_hand() -> dict[str, list[str]]:
    """{kind: fingerprints of the keys that this process has, newest first}."""
    return of_text() | {"age_identity": storage.recipients()}


def of_text() -> dict[str, list[str]]:
    """{kind of key: fingerprints} of the keys of text that are here, by which a backup says which ones open it."""
    made = {"secret_keys": lambda: settings.secret_keys, "pseudonym_key": lambda: settings.pseudonym_keys}
    return {
        name: [hashlib.sha256(f"{name}:{key}".encode()).hexdigest()[:16] for key in keys()]
        for name, keys in made.items()
        if name not in settings.missing_keys()
    }


def demand_present(missing: Iterable[str]) -> None:
    """Raise Refused when there are kinds of keys that are not here."""
    if missing := list(missing):
        raise Refused(f"Ontbreekt: {', '.join(missing)}. {put_back(missing)}")


def put_back(kinds: Iterable[str]) -> str:
    """What to do about keys of these kinds that are not here."""
    names = " en ".join(NAMES[kind] for kind in kinds)
    return f"Zet de sleutels van deze installatie in {settings.data_dir / 'keys'}, of noem ze in {names}."
