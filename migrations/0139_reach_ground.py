"""Several first workplaces of one member may wait, and a change knows what stood there when it was asked for."""

# Said in SQL, because peewee would copy the whole table for it on SQLite.
MEMBER = """CREATE UNIQUE INDEX reachchange_standing_member ON reach_change (member_id, kind)
            WHERE decided_at IS NULL AND workplace_id IS NULL"""
FIRST = """CREATE UNIQUE INDEX reachchange_standing_first ON reach_change (member_id, kind, hospital_id)
           WHERE decided_at IS NULL AND workplace_id IS NULL"""
# Of several first workplaces that wait the oldest stays: the program of before knows one.
LAPSE = """UPDATE reach_change SET outcome = 'vervallen', decided_at = CURRENT_TIMESTAMP
           WHERE decided_at IS NULL AND workplace_id IS NULL AND member_id IS NOT NULL AND EXISTS (
               SELECT 1 FROM reach_change AS older WHERE older.member_id = reach_change.member_id
               AND older.kind = reach_change.kind AND older.id < reach_change.id
               AND older.decided_at IS NULL AND older.workplace_id IS NULL)"""


def up(migrator, database):
    database.execute_sql("ALTER TABLE reach_change ADD COLUMN ground VARCHAR(60)")
    database.execute_sql("DROP INDEX reachchange_standing_member")
    database.execute_sql(f"{MEMBER} AND hospital_id IS NULL")
    database.execute_sql(FIRST)


def down(migrator, database):
    database.execute_sql("DROP INDEX reachchange_standing_first")
    database.execute_sql("DROP INDEX reachchange_standing_member")
    database.execute_sql(LAPSE)
    database.execute_sql(MEMBER)
    migrator.migrate(migrator.drop_column("reach_change", "ground"))
