"""Which coordinator sees to a case or a call back, and who stands in for a coordinator who is away."""

from peewee import SQL, Check, DatabaseProxy, DateField, DateTimeField, ForeignKeyField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Case(Frozen):
    pass


class CaseAssignment(Frozen):
    case = ForeignKeyField(Case, unique=True, on_delete="RESTRICT")
    coordinator = ForeignKeyField(User, on_delete="RESTRICT")
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()


class Absence(Frozen):
    person = ForeignKeyField(User, on_delete="RESTRICT")
    deputy = ForeignKeyField(User, on_delete="RESTRICT")
    first_day = DateField()
    last_day = DateField(index=True)
    by = ForeignKeyField(User, on_delete="RESTRICT")
    at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_by = ForeignKeyField(User, null=True, on_delete="RESTRICT")

    class Meta:
        constraints = [Check("first_day <= last_day AND person_id <> deputy_id", "absence_of_one")]


Absence.add_index(Absence.index(Absence.person, unique=True, where=SQL("ended_at IS NULL"), name="absence_standing_person"))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([CaseAssignment, Absence])
    taken = ForeignKeyField(User, User.id, null=True, on_delete="RESTRICT")
    migrator.migrate(migrator.add_column("logged_call", "taken_by_id", taken))


def down(migrator, database):
    db.initialize(database)
    migrator.migrate(migrator.drop_column("logged_call", "taken_by_id"))
    db.drop_tables([CaseAssignment, Absence])
