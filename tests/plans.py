"""How a database would find what a statement asks, on a database that was never analysed: by an index, or by reading all of it.

SQLite then goes by the indexes alone, so what it answers for three rows holds for a million. PostgreSQL goes by size, so it is
asked whether an index can serve at all: which plan it would make if reading from end to end were the last resort.

The fixture `asked` hears what a test sends; tests/ground/test_plans.py asks of it.
"""

import re

import peewee
import pytest
from flask import has_request_context, request

from models import MODELS
from models.base import db, on_postgresql
from tests.dialect import shape

# Tables that do not grow with use. Every other one does: a new table is taken to, until it stands here with its reason.
SMALL = {
    "absence": "some days a person and year",
    "account_review": "one a hospital and year",
    "annual_report_edition": "one a year",
    "asked_document": "the lists of the themes",
    "attendance": "the members at some meetings a year",
    "audit_anchor": "one",
    "audit_shipment": "one for each SIEM",
    "backup_run": "one a night",
    "births": "one a hospital and year",
    "committee_member": "the people of two committees",
    "committee_settings": "as often as the settings change",
    "contact_point": "one for each part of the work",
    "erasure_request": "some a year, each a person's word",
    "heartbeat": "one for each clock and worker",
    "hospital": "the hospitals of the country",
    "integrity_run": "one a night",
    "key_fingerprint": "the keys",
    "legal_hold": "some a year, each a person's word",
    "lnr_admissions": "one a NICU and month",
    "lnr_agreement": "one a NICU and year",
    "lnr_attempt": "the steps of a supplier",
    "lnr_case_mix_model": "one in some years",
    "lnr_closed_year": "one a year",
    "lnr_edition": "one a NICU and year",
    "lnr_indicator_setting": "the indicators, as often as their use changes",
    "lnr_key": "some for each supplier",
    "lnr_look": "the addresses of this minute",
    "lnr_research": "one for each study",
    "lnr_risk_cell": "some a NICU and year",
    "lnr_stay_erasure": "some a year, each a person's word",
    "lnr_stay_hold": "some a year, each a person's word",
    "lnr_supplier": "makers of software",
    "lnr_uncounted_year": "hospital-years that wait for their count",
    "lnr_year_closing": "some a year",
    "mail_preference": "some for each account that chose",
    "mail_schedule": "as often as the schedule changes",
    "mail_wording": "as often as a text changes",
    "meeting": "some a year",
    "month_opening": "one a month",
    "outgoing_hold": "one a restore",
    "passkey": "some for each account",
    "question": "the questions",
    "questionnaire": "the questionnaires",
    "reminder_wait": "what waits now, made anew each morning",
    "retention_term": "the kinds",
    "saved_view": "some for each account",
    "second_source_list": "some a year",
    "section": "the parts of the questionnaires",
    "sending_hold": "some a year",
    "series": "one for each process",
    "theme": "the themes",
    "trail_review": "one a month",
    "user": "the accounts",
    "user_role": "some for each account",
    "version": "the versions of the questionnaires",
    "workplace": "some for each member of a committee",
}
GROWING = {model._meta.table_name for model in MODELS} - SMALL.keys()
# Columns of few values: by these alone an index is a good part of the table.
PLAIN = {
    "action", "active", "generated", "kind", "month", "name", "outcome", "process", "removed_at", "resolved_at", "severity",
    "state", "status", "superseded", "test", "version", "year",
}  # fmt: skip
# Indexes of what waits for somebody: to read one from end to end is to read what there is to do.
WAITING = {"heldchange_standing", "reachchange_undecided", "upload_link_live"}
# (where it was sent, table) -> why it may read so much.
ALLOWED = {
    ("agenda.index", "case"): "every approved case, to find those that no meeting treated yet",
    ("agenda.index", "treatment"): "what lies with assessors now, which is little",
    ("committee.agreement", "treatment"): "what was compared since a year, of some hundreds",
    ("meetings.agreement", "treatment"): "the same",
    ("meetings.index_view", "treatment"): "what is with assessors now or waits for them, of the meetings that are open",
    ("committee.index_view", "case"): "the committee of LZA1 reads every approved case of its process",
    ("lnr_all_flaws.index_view", "lnr_flaw"): "what was solved since a day, which the index gives",
    ("lnr_benchmark.file", "lnr_count_cell"): "the same, as a file",
    ("lnr_benchmark.index", "lnr_count_cell"): "the cells of one year, which is what the page is",
    ("lnr_completeness.index", "lnr_count_cell"): "the cells of one hospital and year: what closing it would fix",
    ("lnr_overview.confirm", "lnr_amount_cell"): "closing a year, which a person does once a year, reads what it fixes",
    ("lnr_overview.confirm", "lnr_count_cell"): "the same",
    ("lnr_overview.confirm", "lnr_fact"): "the same",
    ("lnr_overview.confirm", "lnr_stay"): "the same",
    ("lnr_overview.index", "lnr_count_cell"): "the cells of one year: what closing it would fix",
    ("lnr_overview.index", "lnr_stay"): "counts every stay of one year, which is what the page is",
    ("annual_report.settle", "mail"): "the same, to settle it",
    ("annual_report.settle", "month_answer"): "the same, to settle it",
    ("annual_report.report", "mail"): "who was asked in the year that is told",
    ("annual_report.report", "month_answer"): "who answered in the year that is told",
    ("annual_report.file", "mail"): "who was asked in the year that is told",
    ("annual_report.file", "month_answer"): "who answered in the year that is told",
    ("second_source.index", "mail"): "who was asked in the year that is compared",
    ("radar.index", "mail"): "who was asked in the last two years, which is what the page is",
    ("months.export", "mail"): "the same months as on the page",
    ("months.export", "month_answer"): "the same months as on the page",
    ("ask_about_last_month", "monthly_call"): "who was asked in that month",
    ("months.export", "monthly_call"): "the same months as on the page",
    ("months.index", "mail"): "who was asked in the months that are shown",
    ("months.index", "month_answer"): "who answered in the months that are shown",
    ("months.index", "monthly_call"): "who was asked in that month",
    ("months.remind_all", "month_answer"): "who answered in that month",
    ("months.remind_all", "monthly_call"): "who was asked in that month",
    ("months.silent", "month_answer"): "who answered in that month",
    ("months.silent", "monthly_call"): "who was asked in that month",
    ("outbox.index_view", "mail"): "how many mails failed or are uncertain, which are few",
    ("installation_status.index_view", "mail"): "the same",
    ("tell_the_watchdog", "mail"): "the same, when there is a watchdog",
    ("version.index", "form"): "the same",
    ("send_waiting_mail", "mail"): "mails that are on their way, which are few",
    ("remind_reporters", "treatment"): "what lies with assessors now, which is little",
    ("reckon_what_could_not_be_opened", "lnr_fact"): "once a night, where a model stands: whose risk is still open",
    ("forget_failed_attempts", "failed_attempt"): "goes after a day, so it holds no more than that",
    ("forget_failed_attempts", "heard_log_out"): "the same",
    ("remind_reporters", "monthly_call"): "in mid-month: who was asked in that month",
    ("remind_reporters", "month_answer"): "in mid-month: who answered in that month",
    ("remind_reporters", "mail"): "mails that wait for the daily mail, which are those of a day",
    ("user_trail.index_view", "event"): "what was done to accounts, a page of it: some hundreds of lines a year",
    ("user_trail.export", "event"): "the same, as a file",
    ("questionnaires.index_view", "form"): "how often each version was filled in; only for maternal death",
    ("review.index", "mail"): "who was asked in the last month",
    ("cases.index_view", "mail"): "the months in which this hospital was asked",
    ("followed.hospital", "mail"): "the same, for its coordinator",
    ("followed.pause", "mail"): "the same, for its coordinator",
    ("followed.resume", "mail"): "the same, for its coordinator",
    ("tidy_documents", "document"): "holds the table against the folder each night",
    ("tidy_documents", "committee_step"): "holds the table against the folder each night",
    ("tidy_documents", "case"): "holds the counted files against the table each night",
    ("attach_complete_questionnaires", "form"): "a partial index: only what is due is in it",
}


class Asked:
    """What was sent, and where; `begin` says where, for what is sent outside a request."""

    def __init__(self):
        self.where, self.sent = "", {}

    def begin(self, where):
        self.where = where

    def note(self, sql, params):
        where = request.endpoint if has_request_context() else self.where
        if where and re.match(r"SELECT|UPDATE|DELETE|WITH", sql):
            self.sent.setdefault((where, shape(sql)), (sql, params))

    def faults(self):
        """What reads a whole table and may not, a line each."""
        for (where, short), (sql, params) in list(self.sent.items()):
            if short not in KNOWN:
                KNOWN[short] = list(whole(sql, params))
            for table, line in KNOWN[short]:
                if (where, table) not in ALLOWED:
                    yield f"{where}: {table}: {line} {short}"


KNOWN = {}  # statement -> what it reads from end to end: asked once


@pytest.fixture
def asked(monkeypatch):
    """An Asked that hears every statement from now on."""
    heard, send = Asked(), peewee.Database.execute_sql

    def note(database, sql, params=None):
        heard.note(sql, params)
        return send(database, sql, params)

    monkeypatch.setattr(peewee.Database, "execute_sql", note)
    return heard


def whole(sql, params):
    """(table, line of the plan) of what grows and is read from end to end, or by no more than columns of few values.

    A page of rows in the order of an index stops when it is full; so does a count with a limit.
    """
    if not any(f'"{table}"' in sql for table in GROWING):
        return
    db.connect(reuse_if_open=True)
    yield from _on_postgresql(sql, params) if on_postgresql() else _on_sqlite(sql, params)


def _on_sqlite(sql, params):
    names = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(\w+)"', sql)}
    plan = [row[3] for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()]
    stops = "LIMIT" in sql and not any("TEMP B-TREE FOR ORDER BY" in line or "FOR GROUP BY" in line for line in plan)
    for line in plan:
        found = re.match(r"(SCAN|SEARCH) (\w+)(?: .*?\((.*)\))?", line)
        if WAITING & set(line.split()):
            continue
        table = found and names.get(found[2], found[2])
        if table not in GROWING or (stops and re.search(r"LIMIT \?(?: OFFSET \?)?\)?", sql)) or "0 = 1" in sql:
            continue
        columns = {re.split("[=<>]", part)[0] for part in (found[3] or "").split(" AND ")} - {""}
        if found[1] == "SCAN" or columns <= PLAIN:
            yield table, line


LAST_RESORT = "; ".join(f"SET LOCAL enable_{way} = off" for way in ("seqscan", "hashjoin", "mergejoin", "material", "memoize"))


def _on_postgresql(sql, params):
    """Where no index serves at all. Which one it takes says nothing on tables that hold next to nothing."""
    with db.atomic() as made:
        db.execute_sql(LAST_RESORT)
        (plan,) = db.execute_sql(f"EXPLAIN (FORMAT JSON) {sql}", params).fetchone()
        made.rollback()
    yield from _read_whole(plan[0]["Plan"])


def _read_whole(node):
    if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING:
        yield node["Relation Name"], "Seq Scan"
    for part in node.get("Plans", ()):
        yield from _read_whole(part)
