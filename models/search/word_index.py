"""Blind index: the words by which a row is found, written in the transaction that changes the row.

Sealed text (models/encrypted_fields.py) is found by whole words, each kept as a keyed hash that differs from hospital to
hospital: without the keys nobody reads them or sees that two hospitals wrote the same word, and a hospital cannot find another
one's. Names, which are not sealed, are found by how their words begin (edge n-grams). Both are equality on one index, on either
database; FTS5 and tsvector would be a second index, and an extension for accents, for names of a few words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from peewee import CharField, IntegerField, ModelSelect

from models.base import NOBODY, Record, db
from models.encrypted_fields import CannotDecrypt, fingerprint, fingerprints

SHORTEST, LONGEST = 3, 12  # letters of a sealed word at least; letters of a name that are compared at most
BEGINNING = 2  # letters of a name at least
WORDS = 6  # of a question
HASH = 22  # hexadecimal digits, so 88 bits: no two of a billion words are taken for one another
CANDIDATES = 2000  # rows of one kind that are looked into, the newest
AT_ONCE = 200  # rows in one INSERT


class SearchWord(Record):
    """One word of one row. `kind`: the table in which the row stands; `case_id`: the case it is a part of."""

    kind = CharField(max_length=20)
    row_id = IntegerField()
    case_id = IntegerField(null=True, index=True)
    word = CharField(max_length=HASH)

    class Meta:
        indexes = ((("word", "kind", "row_id"), True), (("kind", "row_id"), False))

    @classmethod
    def owned_by(cls, hospital: Any, processes: Any) -> Any:
        return NOBODY  # it leads to rows; whether somebody sees those is asked of the rows

    @classmethod
    def forget_case(cls, case_id: int) -> None:
        """Nothing of this case is found any more; in the caller's transaction."""
        cls.delete().where(cls.case_id == case_id).execute()


class Searched:
    """What a record knows that is found by its words. `searched`: the columns in which those stand."""

    searched: Sequence[str] = ()

    def searched_text(self) -> str:
        """What is looked in."""
        return "\n".join(getattr(self, name) or "" for name in self.searched)

    def found_at(self) -> tuple[int | None, int | None]:
        """(id of the case, id of the hospital) whose sealed text it is; two times None of names that are not sealed."""
        return self.case_id, self.case.hospital_id  # type: ignore[attr-defined]

    def save(self, *args: Any, **more: Any) -> Any:
        """Save the row and its words together."""
        changed = {field.name for field in self.dirty_fields} & set(self.searched)  # type: ignore[attr-defined]
        if not changed:
            return super().save(*args, **more)  # type: ignore[misc]
        with db.atomic():
            saved = super().save(*args, **more)  # type: ignore[misc]
            index(self)
        return saved


def words(text: str) -> list[str]:
    """The words of a text as they are compared: without capitals and accents, each once."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return list(dict.fromkeys(re.findall(r"[^\W_]+", bare)))


def index(row: Any) -> None:
    """Write down by which words this row is found, and by no other, in the caller's transaction."""
    case, hospital = row.found_at()
    kept = set(_of_name(words(row.searched_text())) if hospital is None else _sealed(words(row.searched_text()), hospital))
    mine = (SearchWord.kind == kind_of(type(row))) & (SearchWord.row_id == row.id)
    there = {word for (word,) in SearchWord.select(SearchWord.word).where(mine).tuples()}
    for gone in _parts(there - kept):
        SearchWord.delete().where(mine, SearchWord.word.in_(gone)).execute()
    for new in _parts(kept - there):
        told = [{"kind": kind_of(type(row)), "row_id": row.id, "case_id": case, "word": word} for word in new]
        SearchWord.insert_many(told).execute()


def forget(model: type[Record], row_id: int) -> None:
    """This row is not found any more; in the caller's transaction."""
    SearchWord.delete().where(SearchWord.kind == kind_of(model), SearchWord.row_id == row_id).execute()


def kind_of(model: type[Record]) -> str:
    return model._meta.table_name


def in_names(model: type[Record], asked: Sequence[str]) -> ModelSelect | None:
    """The ids of the rows of which a word begins as each of the words `asked`, newest first, as a sub-query.

    None when no word is long enough.
    """
    return _rows(model, [[word[:LONGEST]] for word in asked if len(word) >= BEGINNING])


def in_sealed(model: type[Record], asked: Sequence[str], hospitals: Iterable[int]) -> ModelSelect | None:
    """The same of the rows of these hospitals whose sealed text holds each of the words `asked`, under any key that opens."""
    within = list(hospitals)
    long = [word for word in asked if len(word) >= SHORTEST]
    return _rows(model, [[hashed for one in within for hashed in _hashes(one, word)] for word in long])


def rebuild(models: Iterable[type[Record]]) -> Iterator[tuple[str, int]]:
    """Write the words of every row of `models` anew; yields (table, rows) as each is done. Interrupted, it can be run again."""
    for model in models:
        last = done = 0
        while ids := [row.id for row in model.select(model.id).where(model.id > last).order_by(model.id).limit(AT_ONCE)]:
            with db.atomic():
                for row in _legible(model, ids):
                    index(row)
            last, done = ids[-1], done + len(ids)
        yield kind_of(model), done


def is_unfinished(models: Sequence[type[Record]]) -> bool:
    """Whether `rebuild` was never carried out to its end: the rows of the last of `models` have no words."""
    last = models[-1]
    return last.select().exists() and not SearchWord.select().where(SearchWord.kind == kind_of(last)).exists()


def _legible(model, ids):
    """These rows, held until the transaction ends: who changes one meanwhile waits, and writes its words after ours.

    But for one that no longer opens: `verify` tells of that one, and it holds up no other.
    """
    query = model.select().where(model.id.in_(ids)).order_by(model.id)
    try:
        return list(query.for_update() if db.for_update else query)
    except CannotDecrypt:
        return [row for one in ids for row in _legible(model, [one])] if len(ids) > 1 else []


def _rows(model, asked):
    if not asked:
        return None
    found = None
    for alternatives in reversed(asked[:WORDS]):
        one = SearchWord.alias()
        narrower = one.select(one.row_id).where(one.kind == kind_of(model), one.word.in_(alternatives))
        found = narrower if found is None else narrower.where(one.row_id.in_(found))
    return found.order_by(one.row_id.desc()).limit(CANDIDATES)


def _of_name(found):
    return {word[:length] for word in found for length in range(BEGINNING, min(len(word), LONGEST) + 1)}


def _sealed(found, hospital):
    return {fingerprint(_scoped(hospital, word))[:HASH] for word in found if len(word) >= SHORTEST}


def _hashes(hospital, word):
    return [hashed[:HASH] for hashed in fingerprints(_scoped(hospital, word))]


def _scoped(hospital, word):
    return f"woord {hospital}: {word}"


def _parts(values):
    values = sorted(values)
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
