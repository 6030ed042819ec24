"""A data year for every stay that counts, and indexes by which a year, and what belongs to no stay, are found."""

from datetime import UTC
from zoneinfo import ZoneInfo

from peewee import SQL, BooleanField, CharField, DatabaseProxy, DateTimeField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()
NETHERLANDS = ZoneInfo("Europe/Amsterdam")
YEARS, LOOSE = "lnr_stay_test_year_hospital_id", "lnr_message_loose"


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class Hospital(Frozen):
    pass


class Stay(Frozen):
    hospital = ForeignKeyField(Hospital)
    test = BooleanField()
    state = CharField()
    born = DateTimeField(null=True)
    discharged = DateTimeField(null=True)
    year = IntegerField(null=True)
    first_at = DateTimeField()

    class Meta:
        table_name = "lnr_stay"


class Message(Frozen):
    hospital = ForeignKeyField(Hospital)
    stay = ForeignKeyField(Stay, null=True)
    received_at = DateTimeField()

    class Meta:
        table_name = "lnr_message"


def up(migrator, database):
    db.initialize(database)
    _name_years()
    db.execute(Stay.index(Stay.test, Stay.year, Stay.hospital, name=YEARS))
    loose = Message.index(Message.hospital, Message.received_at, where=SQL("stay_id IS NULL"), name=LOOSE)
    db.execute(loose)


def _name_years():
    """Of a stay without a moment of admission: that of discharge, else of birth, else of the first message."""
    for stay in list(Stay.select().where(Stay.year.is_null(), Stay.state != "ingetrokken")):
        if (known := stay.discharged or stay.born) or stay.state == "ontvangen":
            year = (known or stay.first_at).replace(tzinfo=UTC).astimezone(NETHERLANDS).year
            Stay.update(year=year).where(Stay.id == stay.id).execute()


def down(migrator, database):
    db.initialize(database)
    migrator.migrate(migrator.drop_index("lnr_stay", YEARS), migrator.drop_index("lnr_message", LOOSE))
