"""Columns that are encrypted in the database, and fingerprints by which a sealed value can still be found.

The keys are derived from SECRET_KEYS, which live outside the database: the newest seals, all of them open.
"""

import base64
import hmac
import json
import zlib
from functools import lru_cache
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from peewee import BlobField, TextField

from settings import settings


class SealedField(TextField):
    """Text that only a process with the keys can read. It cannot be compared, sorted or searched in the database."""

    def db_value(self, value):
        return None if value is None else _box(tuple(settings.secret_keys)).encrypt(value.encode()).decode()

    def python_value(self, value):
        """The text; cryptography.fernet.InvalidToken when it was tampered with or the key is gone."""
        return None if value is None else _box(tuple(settings.secret_keys)).decrypt(value.encode()).decode()


class SealedList(SealedField):
    """A list of texts, sealed as one."""

    def db_value(self, value):
        return super().db_value(None if value is None else json.dumps(value))

    def python_value(self, value):
        opened = super().python_value(value)
        return None if opened is None else json.loads(opened)


class SealedBytes(BlobField):
    """Bytes that were compressed and sealed; text is taken as UTF-8. For what is a megabyte at most: it passes as one piece."""

    def db_value(self, value):
        if value is None:
            return None
        packed = zlib.compress(value.encode() if isinstance(value, str) else value, 1)
        # The token is made of letters for e-mail; as bytes it takes a quarter less.
        return super().db_value(base64.urlsafe_b64decode(_box(tuple(settings.secret_keys)).encrypt(packed)))

    def python_value(self, value):
        """The bytes; cryptography.fernet.InvalidToken when they were tampered with or the key is gone."""
        if value is None:
            return None
        token = base64.urlsafe_b64encode(bytes(value))
        return zlib.decompress(_box(tuple(settings.secret_keys)).decrypt(token))


def fingerprint(text):
    """What stands in the database in place of `text` to find it again: the same for the same text, useless without the key."""
    return fingerprints(text)[0]


def fingerprints(text):
    """The fingerprints of `text` under every key that still opens, newest first."""
    return [hmac.new(_derived(key, b"fingerprint"), text.encode(), sha256).hexdigest() for key in settings.secret_keys]


@lru_cache(maxsize=4)
def _box(keys):
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"sealed column"))) for key in keys])


@lru_cache(maxsize=16)
def _derived(key, purpose):
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"meldportaal " + purpose).derive(key.encode())
