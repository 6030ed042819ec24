"""Models of expected deaths with their approval, and what they expected by hospital, year and band."""

from peewee import (
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateTimeField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    class Meta:
        table_name = "user"


class Hospital(Frozen):
    class Meta:
        table_name = "hospital"


class CaseMixModel(Frozen):
    key = CharField(max_length=22, unique=True)
    code = CharField(max_length=30, unique=True)
    text = TextField()
    proposed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    proposed_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    approved = BooleanField(null=True)
    reason = TextField(default="")
    withdrawn_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    withdrawn_at = DateTimeField(null=True)
    withdrawal_reason = TextField(default="")

    class Meta:
        table_name = "lnr_case_mix_model"
        constraints = [
            Check(
                "NOT approved OR (decided_by_id IS NOT NULL AND decided_by_id <> proposed_by_id)", "case_mix_model_two_people"
            )
        ]


class RiskCell(Frozen):
    year = IntegerField()
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    band = CharField(max_length=10)
    model = CharField(max_length=30)
    children = IntegerField()
    events = IntegerField()
    expected = DoubleField()
    unknown = IntegerField()
    unknown_events = IntegerField()

    class Meta:
        table_name = "lnr_risk_cell"
        indexes = ((("year", "hospital", "band"), True), (("hospital", "year"), False))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([CaseMixModel, RiskCell])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([RiskCell, CaseMixModel])
