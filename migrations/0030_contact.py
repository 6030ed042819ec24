"""How Perined is reached: one row for the portal and for each part of its work, to be filled in by a beheerder."""

from peewee import CharField, DatabaseProxy, Model

db = DatabaseProxy()


class ContactPoint(Model):
    about = CharField(max_length=10, unique=True)
    mail = CharField(max_length=254, default="")
    phone = CharField(max_length=30, default="")
    hours = CharField(max_length=80, default="")

    class Meta:
        database = db
        legacy_table_names = False


def up(migrator, database):
    db.initialize(database)
    db.create_tables([ContactPoint])
    for about in ("algemeen", "nethoss", "lza1", "lnr"):
        ContactPoint.create(about=about)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables([ContactPoint])
