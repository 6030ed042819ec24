"""Mail texts that people change."""

from peewee import BooleanField, CharField, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

db = DatabaseProxy()


class Row(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Row):
    class Meta:
        table_name = "user"


class MailWording(Row):
    name = CharField(max_length=40)
    number = IntegerField()
    subject = CharField(max_length=200)
    text = TextField()
    reset = BooleanField(default=False)
    changed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField()

    class Meta:
        indexes = ((("name", "number"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([MailWording])


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([MailWording])
