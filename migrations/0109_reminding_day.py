"""On which day of the month the clock reminds hospitals where nobody answered; empty: never."""

from peewee import SQL, Check, IntegerField


def up(migrator, database):
    field = IntegerField(null=True, constraints=[SQL("DEFAULT 15"), Check("remind_day BETWEEN 1 AND 28")])
    migrator.migrate(migrator.add_column("mail_schedule", "remind_day", field))
    # Where the request itself leaves on that day, nobody is reminded until a day is chosen.
    database.execute_sql("UPDATE mail_schedule SET remind_day = NULL WHERE send_day = 15")


def down(migrator, database):
    migrator.migrate(migrator.drop_column("mail_schedule", "remind_day"))
