"""The committee: its members, meetings, and the treatment of a case beside its status."""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    DatabaseProxy,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

db = DatabaseProxy()


class Frozen(Model):
    class Meta:
        database = db
        legacy_table_names = False


class User(Frozen):
    pass


class Hospital(Frozen):
    pass


class Case(Frozen):
    pass


class Version(Frozen):
    pass


class CaseReader(Frozen):
    case = ForeignKeyField(Case, on_delete="RESTRICT")
    user = ForeignKeyField(User, on_delete="RESTRICT")
    rule = CharField(max_length=60)
    since = DateTimeField()
    ended_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("case", "user"), True), (("user", "ended_at"), False))


class CommitteeMember(Frozen):
    user = ForeignKeyField(User, unique=True, on_delete="RESTRICT")
    discipline = CharField(max_length=40)
    term_from = DateField()
    term_until = DateField(null=True)
    chair = BooleanField(default=False)
    secretary = BooleanField(default=False)
    declared_on = DateField(null=True)

    class Meta:
        constraints = [Check("term_until IS NULL OR term_until >= term_from", "committee_member_term")]


class Workplace(Frozen):
    member = ForeignKeyField(CommitteeMember, on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)

    class Meta:
        constraints = [Check("until IS NULL OR until >= since", "workplace_period")]


class Meeting(Frozen):
    key = CharField(max_length=22, unique=True)
    process = CharField(max_length=10)
    day = DateField()
    closed_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("process", "day"), True),)


class Treatment(Frozen):
    key = CharField(max_length=22, unique=True)
    case = ForeignKeyField(Case, unique=True, on_delete="RESTRICT")
    meeting = ForeignKeyField(Meeting, on_delete="RESTRICT")
    state = CharField(max_length=16)
    since = DateTimeField()
    round = IntegerField(default=1)
    compared_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)
    closed_why = CharField(max_length=300, default="")

    class Meta:
        indexes = ((("state", "since"), False),)
        constraints = [
            Check("state IN ('geagendeerd', 'bij_beoordelaars', 'binnen', 'besproken', 'gesloten')", "treatment_state"),
            Check("state <> 'gesloten' OR closed_at IS NOT NULL", "treatment_closed"),
            Check("state <> 'binnen' OR compared_at IS NOT NULL", "treatment_compared"),
        ]


class InvolvedHospital(Frozen):
    treatment = ForeignKeyField(Treatment, on_delete="RESTRICT")
    hospital = ForeignKeyField(Hospital, on_delete="RESTRICT")

    class Meta:
        indexes = ((("treatment", "hospital"), True),)


class Assessment(Frozen):
    key = CharField(max_length=22, unique=True)
    treatment = ForeignKeyField(Treatment, on_delete="RESTRICT")
    assessor = ForeignKeyField(User, on_delete="RESTRICT")
    third = BooleanField(default=False)
    term = DateField()
    named_at = DateTimeField()
    named_by = ForeignKeyField(User, on_delete="RESTRICT")
    declared_at = DateTimeField(null=True)
    handed_in_at = DateTimeField(null=True)
    late = BooleanField(default=False)
    ended_at = DateTimeField(null=True)
    ended_why = CharField(max_length=40, default="")

    class Meta:
        constraints = [
            Check("handed_in_at IS NULL OR declared_at IS NOT NULL", "assessment_declared"),
            Check("(ended_at IS NULL) = (ended_why = '')", "assessment_ended"),
        ]


Assessment.add_index(
    Assessment.index(
        Assessment.treatment, Assessment.assessor, unique=True, where=SQL("ended_at IS NULL"), name="assessment_of_assessor"
    )
)


class CommitteeForm(Frozen):
    treatment = ForeignKeyField(Treatment, on_delete="RESTRICT")
    assessment = ForeignKeyField(Assessment, null=True, unique=True, on_delete="RESTRICT")
    version = ForeignKeyField(Version, on_delete="RESTRICT")
    answers = TextField()
    revision = IntegerField(default=0)
    still_open = IntegerField()
    asked = IntegerField()
    changed_at = DateTimeField()
    changed_by = ForeignKeyField(User, on_delete="RESTRICT")
    fixed_at = DateTimeField(null=True)


CommitteeForm.add_index(
    CommitteeForm.index(
        CommitteeForm.treatment, unique=True, where=SQL("assessment_id IS NULL"), name="committee_form_consensus"
    )
)

TABLES = (
    CaseReader, CommitteeMember, Workplace, Meeting, Treatment, InvolvedHospital, Assessment, CommitteeForm,
)  # fmt: skip
# Which questionnaires there may be once: now one for each use, where it was one.
INDEXES = (("questionnaire_theme_id", "theme_id"), ("questionnaire_process", "process"))


def up(migrator, database):
    db.initialize(database)
    # Said in SQL, because peewee would copy the whole table for it on SQLite.
    database.execute_sql("ALTER TABLE questionnaire ADD COLUMN purpose VARCHAR(12) NOT NULL DEFAULT 'melding'")
    database.execute_sql("ALTER TABLE hospital ADD COLUMN region VARCHAR(40) NOT NULL DEFAULT ''")
    migrator.migrate(migrator.add_column("theme", "always_discussed", BooleanField(default=False)))
    names = "('Maternale sterfte', 'Acute Fatty Liver of Pregnancy')"
    database.execute_sql(f"UPDATE theme SET always_discussed = true WHERE name IN {names}")
    for name, column in INDEXES:
        migrator.migrate(migrator.drop_index("questionnaire", name))
        migrator.migrate(migrator.add_index("questionnaire", (column, "purpose"), True))
    db.create_tables(TABLES)


def down(migrator, database):
    db.initialize(database)
    db.drop_tables(TABLES)
    for name, column in INDEXES:
        migrator.migrate(migrator.drop_index("questionnaire", f"questionnaire_{column}_purpose"))
        database.execute_sql(f'CREATE UNIQUE INDEX "{name}" ON questionnaire ({column})')
    for table, column in (("questionnaire", "purpose"), ("hospital", "region"), ("theme", "always_discussed")):
        database.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
