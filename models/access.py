"""Who may do what, and which rows they reach. The only place that decides."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Protocol

from peewee import ModelSelect, Node

from models.base import NOBODY, Refused, any_of


class Role(StrEnum):
    """Roles as the manual names them; the values are stored and stay Dutch (glossary in the README)."""

    MELDER = "melder"
    INVOERDER = "invoerder"
    COORDINATOR = "coordinator"
    LZA1_MELDER = "lza1-melder"
    LZA1_COORDINATOR = "lza1-coordinator"
    COMMISSIELID = "commissielid"
    LNR_CONTACT = "lnr-contact"
    LNR_BEHEER = "lnr-beheer"
    BEHEERDER = "beheerder"


ROLE_LABELS = {
    Role.MELDER: "NethOSS-melder",
    Role.INVOERDER: "NethOSS-invoerder",
    Role.COORDINATOR: "NethOSS-coördinator",
    Role.LZA1_MELDER: "LZA1-melder",
    Role.LZA1_COORDINATOR: "LZA1-coördinator",
    Role.COMMISSIELID: "Commissielid",
    Role.LNR_CONTACT: "LNR-contactpersoon",
    Role.LNR_BEHEER: "LNR-beheer",
    Role.BEHEERDER: "Beheerder",
}

HOSPITAL_ROLES = {Role.MELDER, Role.INVOERDER, Role.LZA1_MELDER, Role.LNR_CONTACT}
SOLITARY_ROLES = {Role.BEHEERDER}  # decides who sees what, and so sees nothing of it by another role
LNR_ROLES = {Role.LNR_CONTACT, Role.LNR_BEHEER}
LNR_NAME = "Landelijke Neonatale Registratie (LNR)"


def portal_name(roles: Iterable[str]) -> str:
    """What the portal is called for who has these roles: by the registry for who has nothing to do with cases."""
    return LNR_NAME if roles and set(roles) <= LNR_ROLES else "NethOSS & LZA1-portaal"


class Process(StrEnum):
    """Two separate worlds: rights, lists, counts and exports never mix them (choice C15)."""

    NETHOSS = "nethoss"
    LZA1 = "lza1"


PROCESS_LABELS = {Process.NETHOSS: "NethOSS", Process.LZA1: "LZA1"}

BOTH = frozenset(Process)
# The neonatal registry has no cases, and so no process; the word only makes the table below complete.
LNR = frozenset({"lnr"})
NETHOSS, LZA1 = frozenset({Process.NETHOSS}), frozenset({Process.LZA1})

# ability -> role -> the processes in which that role has it
ABILITIES: dict[str, dict[Role, frozenset[str]]] = {
    "create": {Role.MELDER: BOTH, Role.LZA1_MELDER: LZA1},
    "complete": {Role.MELDER: BOTH, Role.INVOERDER: BOTH, Role.LZA1_MELDER: LZA1},
    "answer": {Role.MELDER: NETHOSS},
    "review": {Role.COORDINATOR: NETHOSS, Role.LZA1_COORDINATOR: LZA1},
    "follow": {Role.COORDINATOR: NETHOSS},
    "study": {Role.COMMISSIELID: BOTH},
    "curate": {Role.COORDINATOR: NETHOSS, Role.LZA1_COORDINATOR: LZA1, Role.BEHEERDER: BOTH},
    "manage": {Role.BEHEERDER: BOTH},
    "vouch": {Role.MELDER: BOTH, Role.BEHEERDER: BOTH},
    "appoint": {Role.MELDER: BOTH},  # only who is marked for it, see `processes`
    "attest": {Role.MELDER: BOTH},
    "disclose": {Role.MELDER: BOTH, Role.LZA1_MELDER: LZA1, Role.LNR_CONTACT: LNR, Role.LNR_BEHEER: LNR},
    "deliver": {Role.LNR_CONTACT: LNR},
    "oversee": {Role.LNR_BEHEER: LNR},
    "consult": {Role.LNR_CONTACT: LNR, Role.LNR_BEHEER: LNR},
}

# What a person reads when refused; it also names the rule in the trail.
ABILITY_SENTENCES = {
    "create": "Alleen melders kunnen een nieuwe melding maken. Vraag een melder van uw ziekenhuis om de melding aan te maken; "
    "daarna kunt u die aanvullen.",
    "complete": "U kunt deze melding niet aanvullen.",
    "answer": "Alleen NethOSS-melders beantwoorden de maandelijkse uitvraag.",
    "review": "Alleen de landelijk coördinator kan dit doen.",
    "follow": "Alleen de landelijk coördinator kan dit doen.",
    "study": "Alleen leden van de commissie kunnen dit inzien.",
    "curate": "Alleen de coördinator of de beheerder kan dit wijzigen.",
    "manage": "Alleen de beheerder kan dit doen.",
    "vouch": "Alleen de beheerder en de melders van het ziekenhuis kunnen dit doen.",
    "appoint": "Alleen de ziekenhuisbeheerder kan dit doen, voor mensen van het eigen ziekenhuis.",
    "attest": "Alleen de ziekenhuisbeheerder, of een melder als die er niet is, kijkt de accounts van het ziekenhuis na.",
    "disclose": "Alleen melders, de LNR-contactpersoon en het LNR-beheer kunnen dit opvragen.",
    "deliver": "Alleen de LNR-contactpersoon van het ziekenhuis kan dit doen.",
    "oversee": "Alleen het LNR-beheer kan dit doen.",
    "consult": "Alleen de LNR-contactpersoon van het ziekenhuis en het LNR-beheer kunnen dit inzien.",
}


class Person(Protocol):
    """What rights look at: an account (accounts/user.py), or whoever a library puts in its place."""

    is_active: Any
    role_names: Any
    committee: Any
    appoints_since: Any
    hospital: Any
    hospital_id: Any


def processes(user: Person | None, ability: str) -> frozenset[str]:
    """The processes in which `user` has `ability`; empty for nobody and for accounts that were ended."""
    if user is None or not user.is_active:
        return frozenset()
    granted = frozenset().union(*(ABILITIES[ability].get(name, frozenset()) for name in user.role_names))
    if ability == "appoint" and user.appoints_since is None:
        return frozenset()
    return granted & {user.committee} if ability == "study" else granted


def may(user: Person | None, ability: str, process: str | None = None) -> bool:
    """Whether `user` has `ability`, in `process` when one is named, else anywhere."""
    granted = processes(user, ability)
    return process in granted if process else bool(granted)


def demand(user: Person | None, ability: str, process: str | None = None) -> None:
    """Raise Refused, with the sentence for a person, unless `user` has `ability`."""
    if not may(user, ability, process):
        raise Refused(ABILITY_SENTENCES[ability])


def demand_of(by: Person | None, ability: str) -> None:
    """The same of who does something. Nobody (None) is the operator at the command line, or the portal by itself."""
    if by is not None:
        demand(by, ability)


def reach(model: Any, user: Person | None) -> Node:
    """The rows of `model` that `user` may see, as an expression."""
    if user is None or not user.is_active:
        return NOBODY
    clauses = []
    if own := processes(user, "complete"):
        apart = own & user.hospital.kept_apart
        clauses.append(model.owned_by(user.hospital_id, own - apart))
        if apart:
            clauses.append(model.entrusted_to(user, apart))
    if national := processes(user, "review"):
        clauses.append(model.of_process(national))
    if studied := processes(user, "study"):
        clauses.append(model.studied_by(user, studied))
    if may(user, "manage"):
        clauses.append(model.for_management())
    if may(user, "deliver"):
        clauses.append(model.delivered_by(user.hospital_id))
    if may(user, "oversee"):
        clauses.append(model.of_lnr())
    return any_of(clauses)


def visible(model: Any, user: Person | None) -> ModelSelect:
    """A query of the rows of `model` that `user` may see: none without a user. Never a join, so screens may add their own."""
    return model.select().where(reach(model, user))


def rule_for(user: Person | None, process: str | None = None) -> str:
    """By which rule `user` reaches a case, in the words of the trail (NEN 7513, autorisatieprotocol)."""
    if user is None:
        return "systeem"
    if may(user, "complete", process):
        return "melder of aangewezen collega" if process in user.hospital.kept_apart else "eigen ziekenhuis"
    if may(user, "review", process):
        return "landelijk coördinator"
    if may(user, "study", process):
        return "commissie, goedgekeurde casus"
    if may(user, "deliver"):
        return "eigen ziekenhuis"
    if may(user, "oversee"):
        return "LNR-beheer"
    return "beheer" if may(user, "manage") else "geen"
