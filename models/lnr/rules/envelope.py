"""Who sends, which version, whether numbers are real: the only rules that also look at a withdrawal."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from models.lnr.dataset.definition import BSN
from models.lnr.message.header import is_number, numbers_of
from models.lnr.rules.registry import rule

if TYPE_CHECKING:
    from models.lnr.rules.registry import Hit
    from models.lnr.rules.subject import RuleSubject


@rule("R-02", withdrawal=True)
def sender(case: "RuleSubject") -> "Iterator[Hit]":
    sent = case.stay.all("sending_institution_ids")
    if not any(is_number(*pair) for pair in numbers_of(sent)):
        yield case.hit("sending_institution_ids", "form")
    elif not case.context.may_send_for(sent):
        yield case.hit("sending_institution_ids", "other")
    if case.header.processing == "P" and not case.context.production_allowed():
        yield case.hit("processing_code", "admitted")


@rule("R-03", withdrawal=True)
def message_id(case: "RuleSubject") -> "Iterator[Hit]":
    if case.context.same_message_other_content(case.header.message_root, case.header.message_id):
        yield case.hit("message_id")


@rule("R-04", withdrawal=True)
def version(case: "RuleSubject") -> "Iterator[Hit]":
    header = case.header
    newest = case.context.newest_version(header.set_root, header.set_id)
    withdrawn = newest is not None and case.context.is_withdrawn(header.set_root, header.set_id)
    if case.context.is_erased(header.set_root, header.set_id):
        yield case.hit("case_set_id", "erased")
    elif newest is None and header.action != "nieuw" and case.context.knows_the_past:
        yield case.hit("action", "nothing" if header.action == "intrekking" else "unknown")
    elif newest is not None and header.version is not None and header.version <= newest:
        yield case.hit("version_number", "older", newest=newest, version=header.version)
    elif withdrawn and header.action != "intrekking":
        yield case.hit("action", "again" if header.action == "nieuw" else "withdrawn")
    elif newest is not None and header.action == "nieuw":
        yield case.hit("action", "known")


@rule("R-05", withdrawal=True)
def real_bsn(case: "RuleSubject") -> "Iterator[Hit]":
    for name in ("child_ids", "mother_ids"):
        for value in case.stay.values.get(name, ()):
            root, number = value.value or ("", "")
            if root == BSN and (problem := _problem(number, case.header.processing)):
                yield case.hit_at(value, problem)


def _problem(number: str, processing: Any) -> str | None:
    if number == "000000000":
        return "zero"
    if re.fullmatch("[0-9]{7,8}", number):
        return "short"
    if not re.fullmatch("[0-9]{9}", number):
        return "form"
    if not is_bsn(number):
        return "test"
    return "example" if processing == "P" and number.startswith("9999") else None


def is_bsn(number: str) -> bool:
    """Whether these nine digits pass the eleven test: 9a+8b+7c+6d+5e+4f+3g+2h-i is divisible by 11."""
    if not re.fullmatch("[0-9]{9}", number):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True)) % 11 == 0


@rule("R-40")
def elsewhere(case: "RuleSubject") -> "Iterator[Hit]":
    admitted, ended = case.stay.one("admission_datetime"), case.stay.one("discharge_datetime")
    last = ended.first if ended else case.now
    if admitted and any(case.context.overlaps_elsewhere(child, admitted.last, last) for child in case.stay.all("child_ids")):
        yield case.hit("admission_datetime")


@rule("R-41")
def double(case: "RuleSubject") -> "Iterator[Hit]":
    admitted, header = case.stay.one("admission_datetime"), case.header
    children = case.stay.all("child_ids") if admitted else ()
    if any(case.context.same_admission(child, admitted.first, header.set_root, header.set_id) for child in children):
        yield case.hit("admission_datetime")


# What people put between the digits of a number; not what stands between two numbers, or within a time of day.
BETWEEN = r"[^\w,;:]{0,3}"
DATE = re.compile(r"(?<!\d)(?:\d{1,2}([-/.])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)(?!\d)")
NINE = re.compile(rf"(?<!\d)\d(?:{BETWEEN}\d){{8}}(?!\d)")
TELLING = (
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("telephone", re.compile(rf"(?<!\d)(?<!\d[.,])(?:(?:\+|00)31(?: ?\(0\))?|0)(?:{BETWEEN}\d){{9}}(?![.,]?\d)")),
)


@rule("R-42")
def free_text(case: "RuleSubject") -> "Iterator[Hit]":
    for value in case.values:
        text = value.text if value.item.type == "code" else value.value if value.item.type == "tekst" else None
        if text and value.item.section != "A" and (variant := telling(text)):
            yield case.hit_at(value, variant)


def telling(text: str) -> str | None:
    """What in this text may name somebody: 'number', 'email', 'telephone' or None. A date is no number of anybody."""
    text = DATE.sub("|", normalize("NFKC", text))
    if any(is_bsn(_digits(found)) for found in NINE.findall(text)):
        return "number"
    return next((variant for variant, pattern in TELLING if pattern.search(text)), None)


def _digits(text: str) -> str:
    """The digits in a text, of whatever script, as those of ours."""
    return "".join(str(int(digit)) for digit in re.findall(r"\d", text))
