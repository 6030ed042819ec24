"""Members of a committee who work in no hospital, such as a lawyer: known, and without a workplace."""


def up(migrator, database):
    database.execute_sql("ALTER TABLE committee_member ADD COLUMN outside BOOLEAN NOT NULL DEFAULT FALSE")


def down(migrator, database):
    migrator.migrate(migrator.drop_column("committee_member", "outside"))
