"""When the first message of a stay came that was accepted, and the first of these that told of the discharge.

Which one told of it stands in what is sealed: of stays from before it is the first that came since.
"""

from peewee import DateTimeField

COLUMNS = ("accepted_at", "discharge_told_at")
FIRST = """(SELECT MIN(received_at) FROM lnr_message
    WHERE stay_id = lnr_stay.id AND outcome = 'aanvaard' AND action <> 'intrekking'"""
KNOWN = f"""UPDATE lnr_stay SET accepted_at = {FIRST}),
    discharge_told_at = {FIRST} AND received_at >= lnr_stay.discharged) WHERE version IS NOT NULL"""


def up(migrator, database):
    migrator.migrate(*(migrator.add_column("lnr_stay", name, DateTimeField(null=True)) for name in COLUMNS))
    database.execute_sql(KNOWN)


def down(migrator, database):
    migrator.migrate(*(migrator.drop_column("lnr_stay", name) for name in COLUMNS))
