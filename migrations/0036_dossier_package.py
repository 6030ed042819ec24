"""The dossier of a case as one file: asked for, made by the worker, kept for some days."""

from peewee import (
    SQL,
    BigIntegerField,
    CharField,
    DatabaseProxy,
    DateTimeField,
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
    pass


class Case(Frozen):
    pass


class RetentionTerm(Frozen):
    kind = CharField(max_length=20, unique=True)
    days = IntegerField()


class DossierPackage(Frozen):
    key = CharField(max_length=22, unique=True)
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    kind = CharField(max_length=4)
    asked_by = ForeignKeyField(User, on_delete="RESTRICT")
    asked_at = DateTimeField()
    due = DateTimeField(null=True)
    tries = IntegerField(default=0)
    done = IntegerField(default=0)
    total = IntegerField(default=0)
    documents = TextField(default="[]")
    held_back = IntegerField(default=0)
    problem = CharField(max_length=200, default="")
    made_at = DateTimeField(null=True)
    size = BigIntegerField(null=True)
    sha256 = CharField(max_length=64, null=True)
    blob = CharField(max_length=32, null=True, unique=True)
    destroyed_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("case", "asked_by", "kind"), False),)


LIVE, WAITING, GONE = SQL("destroyed_at IS NULL"), SQL("due IS NOT NULL"), SQL("destroyed_at IS NOT NULL")
WHOLE = (DossierPackage.case, DossierPackage.asked_by, DossierPackage.kind)
DossierPackage.add_index(DossierPackage.index(*WHOLE, unique=True, where=WAITING, name="package_waiting"))
DossierPackage.add_index(DossierPackage.index(DossierPackage.due, where=WAITING, name="package_due"))
DossierPackage.add_index(DossierPackage.index(DossierPackage.asked_at, where=LIVE, name="package_live"))
DossierPackage.add_index(DossierPackage.index(DossierPackage.destroyed_at, where=GONE, name="package_gone"))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([DossierPackage])
    RetentionTerm.create(kind="dossier_package", days=3)


def down(migrator, database):
    db.initialize(database)
    RetentionTerm.delete().where(RetentionTerm.kind == "dossier_package").execute()
    db.drop_tables([DossierPackage])
