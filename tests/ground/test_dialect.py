"""Which tests are asked on PostgreSQL as well."""

import pytest

from models.accounts.hospital import Hospital
from tests import make
from tests.dialect import Recorder, choose, shape


def test(*sent, seconds=0.0, marked=False, failed=False, threads=1):
    return {"sent": sent, "seconds": seconds, "marked": marked, "failed": failed, "threads": threads}


test.__test__ = False


def test_every_statement_is_sent_by_one_of_the_chosen_and_the_dear_ones_are_left_out():
    tests = {"a": test("1", "2"), "b": test("2"), "c": test("1", "2", "3", seconds=9), "d": test("3"), "pure": test()}

    assert choose(tests) == {"a", "d"}


def test_what_is_marked_failed_or_ran_in_threads_is_asked_whatever_it_sends():
    tests = {"marked": test(marked=True), "failed": test("1", failed=True), "threads": test("1", threads=2), "other": test("1")}

    assert choose(tests) == {"marked", "failed", "threads"}


def test_a_statement_is_the_same_whatever_the_number_of_its_values():
    assert shape('x IN (?, ?, ?) SAVEPOINT "s1f"') == shape('x IN (?, ?) SAVEPOINT "s2e"')
    assert shape("VALUES (?, ?), (?, ?)") == shape("VALUES (?, ?)")
    assert shape("x = ?") != shape("y = ?")


@pytest.mark.only_sqlite  # where the notes are taken
def test_a_value_that_postgresql_takes_in_another_way_makes_another_statement():
    recorder = Recorder(None)
    try:
        recorder.begin()
        make.hospital()
        list(Hospital.select().where(Hospital.name == "A\x00").tuples())
        list(Hospital.select().where(Hospital.id == 1 << 40).tuples())
        told = recorder.end()
    finally:
        recorder.stop()

    assert not told["failed"] and told["threads"] == 1 and len(told["sent"]) == 5
    assert sorted(sent.rpartition(" -- ")[2] for sent in told["sent"] if " -- " in sent) == ["NUL", "big"]
