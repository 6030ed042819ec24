"""Passkeys: keys in a telephone, a computer or on a stick, with which somebody proves to be themselves."""

import json
from typing import Any

from flask_security import WebAuthnMixin
from peewee import BlobField, BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, Node, TextField

from models import clock
from models.accounts.user import User
from models.base import EVERYBODY, Record


class TransportsField(TextField):
    """How a browser reaches the key: a short list of words."""

    def db_value(self, value: Any) -> str:
        return json.dumps([str(getattr(word, "value", word)) for word in value or ()])

    def python_value(self, value: Any) -> Any:
        return json.loads(value or "[]")


class Passkey(Record, WebAuthnMixin):
    """One passkey. The secret half never leaves the device; this is the other half. Field names are Flask-Security's."""

    user = ForeignKeyField(User, backref="webauthn", on_delete="CASCADE")
    name = CharField(max_length=64)
    credential_id = BlobField(unique=True)
    public_key = BlobField()
    sign_count = IntegerField(default=0)
    transports = TransportsField(default=list)
    extensions = TextField(null=True)
    usage = CharField(max_length=12)
    backup_state = BooleanField(default=False)
    device_type = CharField(max_length=20)
    lastuse_datetime = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("user", "name"), True),)

    def __str__(self):
        return self.name

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY
