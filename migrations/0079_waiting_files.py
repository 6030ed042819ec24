"""The oldest file that waits, for the scanner or to be looked at: without these the question walks over all that do not."""


def up(migrator, database):
    database.execute_sql("CREATE INDEX document_to_scan ON document (added_at) WHERE state = 'wacht' AND removed_at IS NULL")
    database.execute_sql(
        "CREATE INDEX document_to_look_at ON document (added_at) WHERE look_due IS NOT NULL AND removed_at IS NULL"
    )


def down(migrator, database):
    database.execute_sql("DROP INDEX document_to_scan")
    database.execute_sql("DROP INDEX document_to_look_at")
