"""Stays of the LNR that are erased on request, by two people."""

from peewee import SQL, BooleanField, DatabaseProxy, DateTimeField, ForeignKeyField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Hospital(Frozen):
    pass


class Stay(Frozen):
    class Meta:
        table_name = "lnr_stay"


class StayErasure(Frozen):
    stay = ForeignKeyField(Stay, backref="+", on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    reason = TextField()
    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField()
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    granted = BooleanField(null=True)

    class Meta:
        table_name = "lnr_stay_erasure"


StayErasure.add_index(
    StayErasure.index(StayErasure.stay, unique=True, where=SQL("granted IS NULL"), name="lnr_stay_erasure_standing")
)


def up(migrator, database):
    db.initialize(database)
    migrator.migrate(migrator.add_column("lnr_stay", "erased_at", DateTimeField(null=True)))
    db.create_tables([StayErasure])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([StayErasure])
    migrator.migrate(migrator.drop_column("lnr_stay", "erased_at"))
