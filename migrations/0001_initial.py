"""The first schema. Frozen: later changes of the models come as later migrations."""

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)  # fmt: skip

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Frozen):
    code = CharField(max_length=20, unique=True)
    name = CharField(max_length=120, unique=True)
    agb = CharField(max_length=8, unique=True, null=True)
    ura = CharField(max_length=8, unique=True, null=True)
    perined = CharField(max_length=8, unique=True, null=True)
    phone = CharField(max_length=30)
    active = BooleanField()
    mail_on_approval = BooleanField()
    created_at = DateTimeField()


class User(Frozen):
    email = CharField(max_length=254, unique=True)
    name = CharField(max_length=120)
    phone = CharField(max_length=30)
    password = CharField(max_length=255, null=True)
    active = BooleanField()
    fs_uniquifier = CharField(max_length=64, unique=True)
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    committee = CharField(
        max_length=10, null=True, constraints=[Check("committee IS NULL OR committee IN ('nethoss', 'lza1')")]
    )
    created_at = DateTimeField()
    invited_at = DateTimeField(null=True)
    last_login_at = DateTimeField(null=True)
    current_login_at = DateTimeField(null=True)
    last_login_ip = CharField(max_length=64, null=True)
    current_login_ip = CharField(max_length=64, null=True)
    login_count = IntegerField()
    address_refused_at = DateTimeField(null=True)


class UserRole(Frozen):
    user = ForeignKeyField(User, on_delete="CASCADE")
    name = CharField(
        max_length=20,
        constraints=[
            Check(
                "name IN ('melder', 'invoerder', 'coordinator', 'lza1-melder', 'lza1-coordinator', "
                "'commissielid', 'lnr-contact', 'lnr-beheer', 'beheerder')"
            )
        ],
    )

    class Meta:
        indexes = ((("user", "name"), True),)


class KnownDevice(Frozen):
    user = ForeignKeyField(User, on_delete="CASCADE")
    token_hash = CharField(max_length=64, unique=True)
    created_at = DateTimeField()


class Event(Frozen):
    at = DateTimeField(index=True)
    actor = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    roles = CharField(max_length=120)
    action = CharField(max_length=30)
    kind = CharField(max_length=1)
    case_id = IntegerField(index=True, null=True)
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    subject = CharField(max_length=200)
    rule = CharField(max_length=60)
    result = CharField(max_length=20)
    detail = CharField(max_length=500)
    address = CharField(max_length=64)
    previous = CharField(max_length=64)
    hash = CharField(max_length=64, unique=True)

    class Meta:
        indexes = ((("action", "at"), False), (("result", "at"), False))


class Mail(Frozen):
    name = CharField(max_length=40)
    user = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    to = CharField(max_length=254, column_name="to_address")
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    case_id = IntegerField(index=True, null=True)
    month = CharField(max_length=7, null=True)
    about = TextField()
    once = CharField(max_length=120, unique=True, null=True)
    status = CharField(max_length=10)
    attempts = IntegerField()
    not_before = DateTimeField()
    claimed_at = DateTimeField(null=True)
    sent_at = DateTimeField(null=True)
    error = CharField(max_length=500)
    subject = CharField(max_length=200)
    text = TextField()
    created_at = DateTimeField(index=True)

    class Meta:
        indexes = (
            (("status", "not_before"), False),
            (("status", "created_at"), False),
            (("name", "created_at"), False),
            (("hospital", "month"), False),
            (("name", "month", "status", "hospital"), False),
        )


class Theme(Frozen):
    process = CharField(max_length=10)
    name = CharField(max_length=80, unique=True)
    long_name = CharField(max_length=160)
    definition = TextField()
    position = IntegerField()
    valid_from = DateField()
    valid_to = DateField(null=True, constraints=[Check("valid_to IS NULL OR valid_to >= valid_from")])


class AskedDocument(Frozen):
    theme = ForeignKeyField(Theme, on_delete="RESTRICT")
    label = CharField(max_length=200)
    if_applicable = BooleanField()
    position = IntegerField()
    valid_from = DateField()
    valid_to = DateField(null=True, constraints=[Check("valid_to IS NULL OR valid_to >= valid_from")])

    class Meta:
        indexes = ((("theme", "label", "valid_from"), True),)


class MonthAnswer(Frozen):
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    month = CharField(max_length=7)
    kind = CharField(max_length=5, constraints=[Check("kind IN ('nul', 'casus')")])
    proof = CharField(max_length=10)
    confirmed = BooleanField()
    doubt = CharField(max_length=200)
    note = CharField(max_length=200)
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_why = CharField(max_length=20)
    ended_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("month", "hospital"), False),)


MonthAnswer.add_index(
    MonthAnswer.index(
        MonthAnswer.hospital, MonthAnswer.month, unique=True, where=SQL("ended_at IS NULL"), name="monthanswer_standing"
    )
)


class MonthOpening(Frozen):
    month = CharField(max_length=7, unique=True)
    opened_at = DateTimeField()


class MonthlyCall(Frozen):
    user = ForeignKeyField(User, on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    month = CharField(max_length=7)
    created_at = DateTimeField()
    expires_at = DateTimeField()

    class Meta:
        indexes = (
            (("user", "month"), True), (("hospital", "month"), False),
            (("month",), False),
        )  # fmt: skip


class CallLink(Frozen):
    call = ForeignKeyField(MonthlyCall, on_delete="RESTRICT")
    purpose = CharField(max_length=3, constraints=[Check("purpose IN ('nee', 'ja')")])
    nonce = CharField(max_length=43)
    token_hash = CharField(max_length=64, unique=True)

    class Meta:
        indexes = ((("call", "purpose"), True),)


class LinkVisit(Frozen):
    link = ForeignKeyField(CallLink, on_delete="CASCADE")
    call = ForeignKeyField(MonthlyCall, on_delete="CASCADE")
    at = DateTimeField()
    method = CharField(max_length=7)
    address = CharField(max_length=64)
    agent = CharField(max_length=300)

    class Meta:
        indexes = ((("address", "at"), False),)


class Series(Frozen):
    process = CharField(max_length=10, unique=True)
    last = IntegerField()


class Case(Frozen):
    key = CharField(max_length=22, unique=True)
    number = CharField(max_length=12, unique=True)
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    theme = ForeignKeyField(Theme, on_delete="RESTRICT")
    process = CharField(max_length=10)
    reporter = ForeignKeyField(User, on_delete="RESTRICT")
    patient_number = TextField(null=True)
    patient_hash = CharField(max_length=64, null=True)
    month = CharField(max_length=7, null=True)
    status = CharField(max_length=12)
    status_since = DateTimeField()
    round = IntegerField()
    request_key = CharField(max_length=43, unique=True, null=True)
    created_at = DateTimeField()
    submitted_at = DateTimeField(null=True)
    submitted_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    approved_at = DateTimeField(null=True)
    approved_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    closed_why = CharField(max_length=300)
    uploads = IntegerField()

    class Meta:
        indexes = (
            (("hospital", "created_at"), False), (("hospital", "status", "created_at"), False),
            (("hospital", "status", "status_since"), False), (("theme", "month", "created_at"), False),
            (("patient_hash",), False), (("hospital", "month"), False),
            (("created_at",), False), (("status", "status_since"), False),
            (("process", "created_at"), False), (("process", "status", "status_since"), False),
            (("process", "status", "created_at"), False), (("theme", "created_at"), False),
            (("process", "status_since"), False), (("theme", "status", "created_at"), False),
        )  # fmt: skip
        constraints = [
            Check("status <> 'goedgekeurd' OR (approved_by_id IS NOT NULL AND approved_at IS NOT NULL)", "case_approved_by"),
            Check("status NOT IN ('ingediend', 'goedgekeurd') OR submitted_at IS NOT NULL", "case_submitted_at"),
            Check("status NOT IN ('ingediend', 'goedgekeurd') OR uploads > 0", "case_uploads"),
            Check("status <> 'ingetrokken' OR closed_why <> ''", "case_closed_why"),
            Check("status IN ('concept', 'ingediend', 'onvolledig', 'goedgekeurd', 'ingetrokken')", "case_status"),
        ]


class Remark(Frozen):
    author = ForeignKeyField(User, on_delete="RESTRICT")
    text = TextField()
    internal = BooleanField()
    created_at = DateTimeField()
    case = ForeignKeyField(Case, on_delete="RESTRICT")


class Document(Frozen):
    key = CharField(max_length=22, unique=True)
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    asked = ForeignKeyField(AskedDocument, null=True, on_delete="RESTRICT")
    name = CharField(max_length=200)
    media_type = CharField(max_length=100)
    size = BigIntegerField(constraints=[Check("size > 0")])
    sha256 = CharField(max_length=64)
    blob = CharField(max_length=32, unique=True)
    upload_key = CharField(max_length=43)
    generated = BooleanField()
    added_by = ForeignKeyField(User, on_delete="RESTRICT")
    added_at = DateTimeField()
    removed_at = DateTimeField(index=True, null=True)
    removed_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    purged_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("case", "upload_key"), True),)


class AskedAnswer(Frozen):
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    asked = ForeignKeyField(AskedDocument, on_delete="RESTRICT")
    reason = CharField(max_length=200)
    expected_on = DateField(null=True)
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()

    class Meta:
        indexes = ((("case", "asked"), True),)
        constraints = [
            Check("(reason <> '') <> (expected_on IS NOT NULL)", "askedanswer_one_of"),
        ]


class Reminder(Frozen):
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    round = IntegerField()
    weeks = IntegerField()
    user = ForeignKeyField(User, on_delete="RESTRICT")
    mail = ForeignKeyField(Mail, null=True, on_delete="RESTRICT")
    created_at = DateTimeField()

    class Meta:
        indexes = ((("case", "round", "weeks", "user"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables(Frozen.__subclasses__())
