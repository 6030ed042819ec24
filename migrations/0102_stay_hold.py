"""Legal hold on a stay of the LNR, lifted by two people."""

from peewee import SQL, DatabaseProxy, DateTimeField, ForeignKeyField, Model, TextField

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Stay(Frozen):
    class Meta:
        table_name = "lnr_stay"


class StayHold(Frozen):
    stay = ForeignKeyField(Stay, backref="+", on_delete="RESTRICT")
    reason = TextField()
    placed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    placed_at = DateTimeField()
    lifted_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    lifted_at = DateTimeField(null=True)
    lift_asked_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    lift_asked_at = DateTimeField(null=True)

    class Meta:
        table_name = "lnr_stay_hold"


StayHold.add_index(StayHold.index(StayHold.stay, unique=True, where=SQL("lifted_at IS NULL"), name="lnr_stay_hold_standing"))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([StayHold])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([StayHold])
