"""Children and mothers under another name: the same for the same number, and useless without PSEUDONYM_KEY.

A keyed hash, because somebody who has a plain one can try all billion citizen service numbers in an hour. Every key that is
listed still finds; the newest names. `python app.py reseal` gives everybody the name under the newest key, from the sealed
originals; after that the older key can go.
"""

import hmac
from hashlib import sha256
from typing import Any

from settings import settings


def pseudonym(kind: str, number: str) -> str:
    """The name under the newest key; None without a number. `kind` keeps the numbers of different registers apart."""
    return number and pseudonyms(kind, number)[0]


def pseudonyms(kind: str, number: str) -> list[str]:
    """The names under every key, newest first."""
    said = f"{kind}:{number}".encode()
    return [hmac.new(key.encode(), said, sha256).hexdigest() for key in settings.pseudonym_keys]


def of_person(who: str, number: str) -> tuple[str, str]:
    """(kind, number) by which a citizen service number is known in every hospital; `who` is 'kind' or 'moeder'."""
    return f"{who} bsn", number


def of_patient(who: str, hospital: int, number: Any) -> tuple[str, str]:
    """(kind, number) by which a hospital's own number is known there; case and spaces do not count. `hospital`: its id."""
    return f"{who} {hospital}", " ".join(number.split()).casefold()
