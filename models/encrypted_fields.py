"""Columns that are encrypted in the database, and fingerprints by which a sealed value can still be found.

The keys are derived from SECRET_KEYS, which live outside the database: the newest seals, all of them open.
"""

import base64
import hmac
import json
import zlib
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from peewee import BlobField, Node, TextField

from models.base import Record
from settings import settings


class CannotDecrypt(Exception):
    """A sealed value does not open: it was changed outside the portal, or its key is gone. Says in which column."""


class SealedField(TextField):
    """Text that only a process with the keys can read. It cannot be compared, sorted or searched in the database.

    Only the empty text is kept as it is, so that the database can hold that something was written.
    """

    read = staticmethod(bytes.decode)

    def db_value(self, value: str | None) -> str | None:
        return value and _box(tuple(settings.secret_keys)).encrypt(value.encode()).decode()

    def python_value(self, value: str | None) -> str | None:
        """The text; Unreadable when it does not open."""
        return value and _opened(self, value.encode())


class SealedList(SealedField):
    """A list of texts, sealed as one."""

    read = staticmethod(json.loads)  # type: ignore[assignment]

    def db_value(self, value: Sequence[str] | None) -> str | None:
        return super().db_value(None if value is None else json.dumps(value))


class SealedBytes(BlobField):
    """Bytes that were compressed and sealed; text is taken as UTF-8. For what is a megabyte at most: it passes as one piece."""

    read = staticmethod(zlib.decompress)

    def db_value(self, value: bytes | str | None) -> memoryview | None:
        if value is None:
            return None
        packed = zlib.compress(value.encode() if isinstance(value, str) else value, 1)
        # The token is made of letters for e-mail; as bytes it takes a quarter less.
        return super().db_value(base64.urlsafe_b64decode(_box(tuple(settings.secret_keys)).encrypt(packed)))

    def python_value(self, value: bytes) -> bytes:
        """The bytes; Unreadable when they do not open."""
        return None if value is None else _opened(self, base64.urlsafe_b64encode(bytes(value)))


def columns(model: type[Record]) -> list:
    """The sealed columns of a model; none of most."""
    return [field for field in model._meta.sorted_fields if isinstance(field, SealedField | SealedBytes)]


def empty(model: type[Record], rows: Node) -> None:
    """Forget every sealed text of these rows, in the caller's transaction."""
    for field in columns(model):
        model.update({field: ""}).where(rows, field.is_null(False)).execute()


def _opened(field, token):
    try:
        return field.read(_box(tuple(settings.secret_keys)).decrypt(token))
    except (InvalidToken, ValueError, zlib.error):
        # The last two: something that was sealed for a column of another kind.
        where = f"{field.model._meta.table_name}.{field.column_name}" if hasattr(field, "model") else "van geen tabel"
        raise CannotDecrypt(where) from None


def fingerprint(text: str) -> str:
    """What stands in the database in place of `text` to find it again: the same for the same text, useless without the key."""
    return fingerprints(text)[0]


def fingerprints(text: str) -> list[str]:
    """The fingerprints of `text` under every key that still opens, newest first."""
    return [hmac.new(_derived(key, b"fingerprint"), text.encode(), sha256).hexdigest() for key in settings.secret_keys]


@lru_cache(maxsize=4)
def _box(keys):
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"sealed column"))) for key in keys])


@lru_cache(maxsize=16)
def _derived(key, purpose):
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"meldportaal " + purpose).derive(key.encode())
