"""Hospitals and people from a spreadsheet: what its columns mean, and the verbs that make of a row what it says."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.access import PROCESS_LABELS, ROLE_LABELS
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.approval.held_change import HeldChange
from models.approval.row_sheet import Sheet
from models.base import Refused

YES, NO = ("ja", "1", "waar", "true"), ("nee", "0", "onwaar", "false", "")


class HospitalsSheet(Sheet):
    """Hospitals, known by their code."""

    columns = {
        "naam": "name", "code": "code", "telefoon": "phone", "agb-nummer": "agb", "ura-nummer": "ura",
        "perined-nummer": "perined", "heeft een nicu": "nicu",
    }  # fmt: skip
    needed = ("naam", "code")

    def add(self, cells: Mapping[str, str], by: User) -> tuple[Hospital, bool]:
        return _hospital(cells, by)


class PeopleSheet(Sheet):
    """Accounts, known by their address; their roles wait for a second person."""

    columns = {
        "naam": "name", "e-mailadres": "email", "telefoon": "phone", "ziekenhuis": "hospital", "rollen": "roles",
        "commissie": "committee",
    }  # fmt: skip
    needed = ("naam", "e-mailadres", "rollen")

    def add(self, cells: Mapping[str, str], by: User) -> tuple[User, bool]:
        return _person(cells, by)

    def told(self, found: User, new: bool) -> str:
        ended = not new and not found.active
        return "Dit account is beëindigd en blijft zo." if ended else super().told(found, new)

    def finish(self, made: Sequence[Any], by: User) -> None:
        HeldChange.tell_of([one.held for one in made])


def _hospital(cells: Mapping[str, str], by: User) -> tuple[Hospital, bool]:
    if found := Hospital.get_or_none(Hospital.code == cells["code"]):
        return found, False
    nicu = cells.get("nicu", "").casefold()
    if nicu not in (*YES, *NO):
        raise Refused("Vul bij ‘Heeft een NICU’ ja of nee in.")
    numbers = {name: cells.get(name) for name in ("agb", "ura", "perined")}
    made = Hospital.enrol(cells["code"], cells["name"], by, **numbers)
    more: dict[str, Any] = {"phone": cells.get("phone", ""), "nicu": nicu in YES}
    if more := {name: value for name, value in more.items() if value}:
        made.amend(by, **more)
    return made, True


def _person(cells: Mapping[str, str], by: User) -> tuple[User, bool]:
    if found := User.by_email(cells["email"]):
        return found, False
    if not cells["name"]:
        raise Refused("De naam ontbreekt.")
    roles = {role.casefold(): name for name, label in ROLE_LABELS.items() for role in (name, label)}
    named = [role.strip().casefold() for role in cells["roles"].split(",") if role.strip()]
    if not named or (strange := [role for role in named if role not in roles]):
        raise Refused(f"De rol ‘{strange[0]}’ is er niet." if named else "De rol ontbreekt.")
    committees = {label.casefold(): process for process, label in PROCESS_LABELS.items()}
    committee = cells.get("committee", "").casefold()
    if committee and committee not in committees:
        raise Refused(f"De commissie ‘{cells['committee']}’ is er niet.")
    wanted = {roles[role] for role in named}
    fields = (cells["email"], cells["name"], cells.get("phone", ""))
    return HeldChange.invite(by, *fields, wanted, _place(cells), committees.get(committee), tell=False), True


def _place(cells: Mapping[str, str]) -> Hospital | None:
    if not (named := cells.get("hospital", "")):
        return None
    if found := Hospital.get_or_none((Hospital.code == named) | (Hospital.name == named)):
        return found
    raise Refused(f"Het ziekenhuis ‘{named}’ is er niet. Gebruik de naam of de code uit de lijst van ziekenhuizen.")
