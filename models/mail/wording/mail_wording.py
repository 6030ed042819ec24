"""Mail texts that people at Perined change: subject and words of each kind of mail, with placeholders such as {nummer}.

Plain text, never a template: what stands between braces is looked up here and nothing is run. Buttons, links, lists and small
print stay in templates/mail/, around the block `said`, so nobody can take them out.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, IntegrityError, Node, TextField

from models import access, clock
from models.accounts.user import User
from models.audit.audit_event import AuditEvent
from models.base import EVERYBODY, Record, Refused, db
from models.mail.mail_status import MAIL_LABELS
from models.mail.mail_templates import TEMPLATES
from models.mail.wording.placeholders import AS_PLACEHOLDERS, PLAIN, VALUES
from models.mail.wording.standard_phrase import LONGEST_PHRASE, LONGEST_REASON, SPLITS, STANDARD_PHRASES
from models.typed_text import one_line, tidy

LONGEST_SUBJECT, LONGEST_TEXT = 120, 2000
WORDING_LABELS = MAIL_LABELS | {name: phrase.label for name, phrase in STANDARD_PHRASES.items()}
# Their subject depends on what the mail tells.
FIXED_SUBJECT = {"reminder", "committee_reminder", "file_blocked", "case_assigned", "account_review"}
# Without these the reader does not know what the mail is about.
MUST = ("nummer", "maand", "jaar", "account", "laatste dag", "begin")
MOVED = "Iemand heeft deze tekst intussen gewijzigd. Bekijk de mail opnieuw."
PHRASE_MOVED = "Iemand heeft deze zin intussen gewijzigd. Bekijk de zin opnieuw."
LINK_IN_MAIL = "Zet hier geen link. De knop onder de tekst blijft vanzelf staan."
LINK_IN_PHRASE = "Zet geen link in deze zin."
PROOF = "wording_test"  # the try-out of a text, which is none of its own
EXTENDS = re.compile(r"{% extends '([^']+)' %}")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
LINK = re.compile(r"https?:|www\.", re.IGNORECASE)


@dataclass(frozen=True)
class MailWords:
    """Subject and text; paragraphs of the text stand apart by an empty line."""

    subject: str
    text: str

    @property
    def placeholders(self) -> set[str]:
        return set(PLACEHOLDER.findall(f"{self.subject} {self.text}"))

    def filled(self, name: str, known: dict) -> dict[str, Any]:
        """What the template 'rewritten' needs: of which mail, its subject, and its paragraphs."""
        told = [_fill(" ".join(paragraph.split()), known) for paragraph in re.split(r"\n\s*\n", self.text) if paragraph.strip()]
        return {"of": name, "rewritten_subject": _fill(self.subject, known), "said": told}


def _fill(text, known):
    """`text` with what its placeholders stand for; one that means nothing here stays as it was typed."""

    def value(found):
        try:
            return str(VALUES[found[1]](known))
        except KeyError:
            return found[0]

    return PLACEHOLDER.sub(value, text)


def delivered(name: str) -> MailWords:
    """The text as it came with the portal; the subject empty where it is not to be chosen."""
    if name in STANDARD_PHRASES:
        return MailWords("", STANDARD_PHRASES[name].text)
    known = AS_PLACEHOLDERS
    whole = PLAIN.get_template("marked.txt").render(known | {"of": name})
    text = whole.partition("\x02")[2].partition("\x03")[0]
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()]
    subject = "" if name in FIXED_SUBJECT else PLAIN.get_template(f"{name}/subject.txt").render(known).strip()
    return MailWords(subject, "\n\n".join(paragraphs))


@cache
def can_change() -> list[str]:
    """The kinds of mail whose text can be changed, by their name in Dutch: those with a block `said`."""
    names = [name for name in MAIL_LABELS if name != PROOF and _has_words(f"{name}/body.txt")]
    return sorted(names, key=lambda name: MAIL_LABELS[name])


def _has_words(template):
    source = TEMPLATES.loader.get_source(TEMPLATES, template)[0]
    parent = EXTENDS.search(source)
    return "{% block said %}" in source or (parent is not None and _has_words(parent[1]))


def known_placeholders(name: str) -> list[str]:
    """What may stand between braces in this mail; nothing in a phrase, which is read as it stands."""
    if name in STANDARD_PHRASES:
        return []
    return sorted(delivered(name).placeholders | {"naam", "contact"})


def problems(name: str, subject: str, text: str) -> dict[str, str]:
    """{'subject' or 'text': what is wrong with it}, as sentences."""
    as_was, known = delivered(name), known_placeholders(name)
    parts = {"text": (text, as_was.text)} | ({} if _has_no_subject(name) else {"subject": (subject, as_was.subject)})
    found = {part: _problem(typed, was, known) for part, (typed, was) in parts.items()}
    if name in STANDARD_PHRASES and STANDARD_PHRASES[name].listed and not found["text"]:
        found["text"] = _problem_of_list(name, text)
    return {part: problem for part, problem in found.items() if problem}


def _problem_of_list(name, text):
    if not (words := _split(text)):
        return "Vul ten minste één reden in."
    if long := [word for word in words if len(word) > LONGEST_REASON]:
        return f"Een reden is hoogstens {LONGEST_REASON} letters. Deze is langer: {long[0]}"
    if taken := [word for word in words if _is_taken(name, word)]:
        return f"Laat deze reden weg, het portaal gebruikt die zelf: {taken[0]}"
    return ""


def _is_taken(name, word):
    return word.casefold() in STANDARD_PHRASES[name].taken


def _split(text):
    """The words of a list, each once, in their order."""
    return list(dict.fromkeys(" ".join(word.split()) for word in text.split(SPLITS) if word.strip()))


def _has_no_subject(name):
    return name in FIXED_SUBJECT or name in STANDARD_PHRASES


def _problem(typed: str, was: str, known: Collection[str]) -> str:
    if not typed.strip():
        return "Vul hier tekst in."
    if not known and re.search("[{}]", typed):
        return "Hier zijn geen invulplekken. Laat de accolades weg."
    used = PLACEHOLDER.findall(typed)
    if strange := [word for word in used if word not in known]:
        return f"‘{{{strange[0]}}}’ kent deze mail niet. U kunt gebruiken: {', '.join(f'{{{word}}}' for word in known)}."
    if "{" in (rest := PLACEHOLDER.sub("", typed)) or "}" in rest:
        return "Er staat een losse accolade. Schrijf een invulplek als {naam}, of laat de accolade weg."
    if lost := [word for word in MUST if f"{{{word}}}" in was and word not in used]:
        return f"Laat {{{lost[0]}}} staan: anders weet de lezer niet waarover de mail gaat."
    if LINK.search(typed):
        return LINK_IN_MAIL if known else LINK_IN_PHRASE
    return ""


class MailWording(Record):
    """One change of the text of one kind of mail, or of a phrase. The latest counts; `reset` is back to what was delivered."""

    name = CharField(max_length=40, choices=list(WORDING_LABELS.items()))
    number = IntegerField()  # one more than the row it replaces: of two who change at once, one does
    subject = CharField(max_length=200)
    text = TextField()
    reset = BooleanField(default=False)
    changed_by = ForeignKeyField(User, backref="+", on_delete="RESTRICT")
    changed_at = DateTimeField()

    class Meta:
        indexes = ((("name", "number"), True),)

    def __str__(self):
        return WORDING_LABELS[self.name]

    @classmethod
    def for_management(cls) -> Node:
        return EVERYBODY

    @classmethod
    def of_process(cls, processes: Collection[str]) -> Node:
        return EVERYBODY

    @classmethod
    def latest(cls, name: str) -> "MailWording | None":
        """The latest change of this mail, or None."""
        return cls.select().where(cls.name == name).order_by(cls.number.desc()).first()

    @classmethod
    def current(cls, name: str) -> MailWords | None:
        """The text that counts, when it is not the delivered one."""
        row = cls.latest(name)
        return row.words if row and not row.reset else None

    @property
    def words(self) -> MailWords:
        return MailWords(self.subject, self.text)

    @classmethod
    def changed(cls) -> dict[str, "MailWording"]:
        """{kind of mail: its latest change} of those that are not as delivered."""
        newest = {row.name: row for row in cls.select(cls, User).join(User).order_by(cls.number)}
        return {name: row for name, row in newest.items() if not row.reset}

    @classmethod
    def before(cls, rows: "Iterable[MailWording]") -> dict[int, str]:
        """{id of a change: subject and text before it}, in one query."""
        earlier = {(row.name, row.number): row.words for row in cls.select().where(cls.name.in_({row.name for row in rows}))}
        found = {row.id: earlier.get((row.name, row.number - 1)) or delivered(row.name) for row in rows}
        return {id: f"{words.subject}\n\n{words.text}".strip() for id, words in found.items()}

    @classmethod
    def amend(
        cls, by: User, name: str, seen: int, subject: str, text: str, now: datetime | None = None
    ) -> "MailWording | None":
        """Give a mail another text. Raises Refused for one that cannot be, and when somebody changed it since `seen`."""
        access.demand(by, "curate")
        if name not in (*can_change(), *STANDARD_PHRASES):
            raise Refused("De tekst van deze mail ligt vast.")
        subject = one_line(subject, LONGEST_SUBJECT, "Het onderwerp")
        is_phrase = name in STANDARD_PHRASES
        text = one_line(text, LONGEST_PHRASE, "De tekst") if is_phrase else tidy(text, LONGEST_TEXT, "De tekst")
        for problem in problems(name, subject, text).values():
            raise Refused(problem)
        words = MailWords("" if _has_no_subject(name) else subject, text)
        return cls._keep(by, name, seen, words, words == delivered(name), now)

    @classmethod
    def restore(cls, by: User, name: str, seen: int, now: datetime | None = None) -> "MailWording | None":
        """Back to the delivered text."""
        access.demand(by, "curate")
        return cls._keep(by, name, seen, delivered(name), True, now)

    @classmethod
    def _keep(cls, by, name, seen, words, reset, now):
        was, now, is_phrase = cls.latest(name), now or clock.now(), name in STANDARD_PHRASES
        if (was.number if was else 0) != seen:
            raise Refused(PHRASE_MOVED if is_phrase else MOVED)
        if words == (cls.current(name) or delivered(name)):
            return was
        try:
            with db.atomic():
                about = {"subject": words.subject, "text": words.text, "reset": reset, "changed_by": by, "changed_at": now}
                made = cls.create(name=name, number=seen + 1, **about)
                detail = "terug naar de geleverde tekst" if reset else ""
                action, kind = ("phrase.change", "Zin") if is_phrase else ("mail.wording", "Mailtekst")
                AuditEvent.log(action, by=by, subject=f"{kind}: {made}", detail=detail, at=now)
        except IntegrityError:
            raise Refused(PHRASE_MOVED if is_phrase else MOVED) from None
        return made


def phrases(*names: str, at: datetime | None = None) -> dict[str, str]:
    """{standard phrase: its words now, or as they were at the moment `at`}, in one query."""
    counted = MailWording.select().where(MailWording.name.in_(names), MailWording.changed_at <= (at or clock.now()))
    changed = {row.name: row.text for row in counted.order_by(MailWording.number)}
    return {name: STANDARD_PHRASES[name].text for name in names} | changed


def reasons(name: str) -> list[str]:
    """What can be chosen from the list that this standard phrase is; nothing that the portal says itself."""
    return [word for word in _split(phrases(name)[name]) if not _is_taken(name, word)]
