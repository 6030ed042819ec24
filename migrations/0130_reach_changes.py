"""Changes by which somebody reads more cases, that wait for a second person."""

from peewee import SQL, CharField, DatabaseProxy, DateField, DateTimeField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Hospital(Frozen):
    pass


class CommitteeMember(Frozen):
    pass


class Workplace(Frozen):
    pass


class ReachChange(Frozen):
    asked_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    asked_at = DateTimeField()
    stop_hash = CharField(max_length=64, unique=True)
    decided_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    decided_at = DateTimeField(null=True)
    outcome = CharField(max_length=15, null=True)
    told_with = IntegerField(null=True)
    kind = CharField(max_length=10)
    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    member = ForeignKeyField(CommitteeMember, null=True, backref="+", on_delete="RESTRICT")
    workplace = ForeignKeyField(Workplace, null=True, backref="+", on_delete="RESTRICT")
    region = CharField(max_length=40, default="")
    since = DateField(null=True)
    until = DateField(null=True)


def _one_each(key, *more, where):
    waits = SQL(f"decided_at IS NULL AND {where}")
    ReachChange.add_index(ReachChange.index(key, *more, unique=True, where=waits, name=f"reachchange_standing_{key.name}"))


_one_each(ReachChange.hospital, ReachChange.kind, where="member_id IS NULL")
_one_each(ReachChange.member, ReachChange.kind, where="workplace_id IS NULL")
_one_each(ReachChange.workplace, where="workplace_id IS NOT NULL")
ReachChange.add_index(ReachChange.index(ReachChange.decided_at, where=SQL("outcome = 'vervallen'"), name="reachchange_lapsed"))
ReachChange.add_index(ReachChange.index(ReachChange.asked_at, where=SQL("decided_at IS NULL"), name="reachchange_undecided"))


def up(migrator, database):
    db.initialize(database)
    db.create_tables([ReachChange])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([ReachChange])
