"""The schedule of the clock's mails, and what is held back."""

from peewee import SQL, CharField, Check, DatabaseProxy, DateField, DateTimeField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()


class Row(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Row):
    pass


class User(Row):
    class Meta:
        table_name = "user"


class MailSchedule(Row):
    number = IntegerField(unique=True)
    send_day = IntegerField(constraints=[Check("send_day BETWEEN 1 AND 28")])
    send_hour = IntegerField(constraints=[Check("send_hour BETWEEN 6 AND 20")])
    first_weeks = IntegerField(constraints=[Check("first_weeks >= 1")])
    second_weeks = IntegerField(constraints=[Check("second_weeks > first_weeks")])
    third_weeks = IntegerField(constraints=[Check("third_weeks > second_weeks AND third_weeks <= 52")])
    changed_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField(null=True)


class SendingHold(Row):
    hospital = ForeignKeyField(Hospital, null=True, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=40, null=True)
    until = DateField(index=True)
    reason = CharField(max_length=200)
    by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_by = ForeignKeyField(User, null=True, backref="+", on_delete="RESTRICT")

    class Meta:
        constraints = [
            Check("(hospital_id IS NULL) <> (user_id IS NULL) AND (user_id IS NULL) = (name IS NULL)", "sending_hold_of_one")
        ]


for whom in ((SendingHold.hospital,), (SendingHold.user, SendingHold.name)):
    names = "_".join(field.name for field in whom)
    SendingHold.add_index(
        SendingHold.index(*whom, unique=True, where=SQL("ended_at IS NULL"), name=f"sending_hold_standing_{names}")
    )


def up(migrator, database):
    db.initialize(database)
    db.create_tables([MailSchedule, SendingHold])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([SendingHold, MailSchedule])
