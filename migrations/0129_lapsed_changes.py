"""Which changes of accounts a restore let lapse is one look-up."""


def up(migrator, database):
    database.execute_sql("CREATE INDEX heldchange_lapsed ON held_change (decided_at) WHERE outcome = 'vervallen'")


def down(migrator, database):
    database.execute_sql("DROP INDEX heldchange_lapsed")
