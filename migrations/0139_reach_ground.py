"""Several first workplaces of one member may wait, and a change knows what stood there when it was asked for."""

# Said in SQL, because peewee would copy the whole table for it on SQLite.
MEMBER = """CREATE UNIQUE INDEX reachchange_standing_member ON reach_change (member_id, kind)
            WHERE decided_at IS NULL AND workplace_id IS NULL"""
FIRST = """CREATE UNIQUE INDEX reachchange_standing_first ON reach_change (member_id, kind, hospital_id)
           WHERE decided_at IS NULL AND workplace_id IS NULL"""


def up(migrator, database):
    database.execute_sql("ALTER TABLE reach_change ADD COLUMN ground VARCHAR(60)")
    database.execute_sql("DROP INDEX reachchange_standing_member")
    database.execute_sql(f"{MEMBER} AND hospital_id IS NULL")
    database.execute_sql(FIRST)


def down(migrator, database):
    database.execute_sql("DROP INDEX reachchange_standing_first")
    database.execute_sql("DROP INDEX reachchange_standing_member")
    database.execute_sql(MEMBER)
    migrator.migrate(migrator.drop_column("reach_change", "ground"))
