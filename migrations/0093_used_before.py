"""Who answered by a button before the use of accounts was noted used the account then: at the latest answer that counts."""

BEFORE = """
UPDATE "user" SET used_at = (
  SELECT MAX(answer.at) FROM month_answer AS answer WHERE answer.by_id = "user".id AND answer.confirmed
) WHERE used_at IS NULL
"""


def up(migrator, database):
    database.execute_sql(BEFORE)


def down(migrator, database):
    pass  # nobody can tell any more which moments were noted later
