"""When the newest message of a stay came that was accepted: what is known reaches so far, and not to a refused one."""

from peewee import DateTimeField

KNOWN = """UPDATE lnr_stay SET told_at = (
    SELECT MAX(received_at) FROM lnr_message WHERE stay_id = lnr_stay.id AND outcome = 'aanvaard'
) WHERE version IS NOT NULL"""


def up(migrator, database):
    migrator.migrate(migrator.add_column("lnr_stay", "told_at", DateTimeField(null=True)))
    database.execute_sql(KNOWN)


def down(migrator, database):
    migrator.migrate(migrator.drop_column("lnr_stay", "told_at"))
