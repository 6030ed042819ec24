"""The yearly access review: who judged which account when; and the day of each account found by an index."""

from peewee import SQL, CharField, Check, DatabaseProxy, DateField, DateTimeField, ForeignKeyField, IntegerField, Model

db = DatabaseProxy()
INDEX = 'CREATE INDEX user_ends_on ON "user" (ends_on) WHERE active AND ends_on IS NOT NULL'
DAYS = 5 * 365


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Hospital(Frozen):
    pass


class RetentionTerm(Frozen):
    kind = CharField(max_length=20, unique=True)
    days = IntegerField()


class AccountReview(Frozen):
    hospital = ForeignKeyField(Hospital, null=True, on_delete="RESTRICT")
    year = IntegerField()
    opened_at = DateTimeField()
    reminded = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    closed_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("hospital", "year"), True),)


AccountReview.add_index(
    AccountReview.index(AccountReview.year, unique=True, where=SQL("hospital_id IS NULL"), name="account_review_national")
)
AccountReview.add_index(AccountReview.index(AccountReview.opened_at, name="account_review_opened"))


class ReviewedAccount(Frozen):
    review = ForeignKeyField(AccountReview, on_delete="CASCADE")
    account = ForeignKeyField(User, on_delete="RESTRICT")
    verdict = CharField(max_length=10, null=True, constraints=[Check("verdict IN ('werkt', 'stopt')")])
    stops_on = DateField(null=True)
    by = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    at = DateTimeField(null=True)

    class Meta:
        indexes = ((("review", "account"), True),)


def up(migrator, database):
    db.initialize(database)
    db.create_tables([AccountReview, ReviewedAccount])
    RetentionTerm.create(kind="account_review", days=DAYS)
    database.execute_sql(INDEX)


def down(migrator, database):
    db.initialize(database)
    database.execute_sql("DROP INDEX user_ends_on")
    RetentionTerm.delete().where(RetentionTerm.kind == "account_review").execute()
    db.drop_tables([ReviewedAccount, AccountReview])
