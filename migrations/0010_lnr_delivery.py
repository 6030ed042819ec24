"""What suppliers deliver to the neonatal registry: keys, messages, stays, what is wrong in them, and stated admissions."""

import re

from peewee import (
    BlobField,
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

db = DatabaseProxy()


class Outside(Model):
    """Only what the new tables point at."""

    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Outside):
    pass


class User(Outside):
    pass


def _table_name(model):
    return "lnr_" + re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False
        table_function = _table_name


class Supplier(Frozen):
    name = CharField(max_length=80, unique=True)
    contact = CharField(max_length=254)
    status = CharField(max_length=12, constraints=[Check("status IN ('aangemeld', 'getest', 'toegelaten', 'geschorst')")])
    created_at = DateTimeField()


class Key(Frozen):
    supplier = ForeignKeyField(Supplier, on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    token_hash = CharField(max_length=64, unique=True)
    hint = CharField(max_length=12)
    request = CharField(max_length=22, unique=True)
    created_at = DateTimeField()
    created_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    expires_at = DateTimeField()
    revoked_at = DateTimeField(null=True)
    revoked_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    last_used_at = DateTimeField(null=True)
    per_minute = IntegerField()
    minute = DateTimeField(null=True)
    sent = IntegerField()


class Stay(Frozen):
    key = CharField(max_length=22, unique=True)
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    test = BooleanField()
    set_root = CharField(max_length=64)
    set_id = CharField(max_length=64)
    version = IntegerField(null=True)
    state = CharField(max_length=12, constraints=[Check("state IN ('ontvangen', 'geweigerd', 'ingetrokken')")])
    child = CharField(max_length=64, null=True, index=True)
    mother = CharField(max_length=64, null=True, index=True)
    own_number = CharField(max_length=64, null=True)
    born = DateTimeField(null=True)
    admitted = DateTimeField(null=True)
    discharged = DateTimeField(null=True)
    place = CharField(max_length=90, null=True)
    intensive = BooleanField(null=True)
    gestation = IntegerField(null=True)
    year = IntegerField(null=True)
    errors = IntegerField()
    warnings = IntegerField()
    first_at = DateTimeField()
    last_at = DateTimeField()

    class Meta:
        indexes = (
            (("hospital", "test", "set_id", "set_root"), True),
            (("hospital", "test", "place"), True),
            (("hospital", "test", "last_at"), False),
            (("test", "last_at"), False),
            (("hospital", "own_number"), False),
            (("hospital", "admitted"), False),
        )


class Message(Frozen):
    key = CharField(max_length=22, unique=True)
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    supplier = ForeignKeyField(Supplier, null=True, on_delete="RESTRICT")
    by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    route = CharField(max_length=10)
    test = BooleanField()
    message_root = CharField(max_length=64)
    message_id = CharField(max_length=64, null=True)
    stay = ForeignKeyField(Stay, null=True, on_delete="RESTRICT")
    version = IntegerField(null=True)
    action = CharField(max_length=12, null=True)
    schema_version = CharField(max_length=64, null=True)
    software = CharField(max_length=129)
    sha256 = CharField(max_length=64)
    size = IntegerField()
    received_at = DateTimeField()
    outcome = CharField(max_length=12, constraints=[Check("outcome IN ('aanvaard', 'geweigerd', 'onleesbaar', 'verouderd')")])
    status = IntegerField()
    answer = TextField()

    class Meta:
        indexes = (
            (("hospital", "test", "message_id", "message_root"), True),
            (("hospital", "sha256"), False),
            (("hospital", "received_at"), False),
            (("supplier", "received_at"), False),
            (("outcome", "received_at"), False),
            (("received_at",), False),
        )


class Content(Frozen):
    message = ForeignKeyField(Message, unique=True, on_delete="RESTRICT")
    original = BlobField()
    record = BlobField(null=True)


class Flaw(Frozen):
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    test = BooleanField()
    stay = ForeignKeyField(Stay, null=True, on_delete="RESTRICT")
    message = ForeignKeyField(Message, on_delete="RESTRICT")
    rule = CharField(max_length=12)
    rule_version = CharField(max_length=10)
    severity = CharField(max_length=14)
    path = CharField(max_length=300)
    first_at = DateTimeField()
    resolved_at = DateTimeField(null=True)
    resolved_by = ForeignKeyField(Message, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = (
            (("hospital", "test", "resolved_at", "first_at"), False),
            (("test", "resolved_at", "first_at"), False),
            (("rule", "first_at"), False),
        )


class Admissions(Frozen):
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    month = CharField(max_length=7)
    count = IntegerField(constraints=[Check("count >= 0")])
    stated_by = ForeignKeyField(User, on_delete="RESTRICT")
    stated_at = DateTimeField()

    class Meta:
        indexes = ((("hospital", "month"), True),)


TABLES = [Supplier, Key, Stay, Message, Content, Flaw, Admissions]


def up(migrator, database):
    db.initialize(database)
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(reversed(TABLES))
