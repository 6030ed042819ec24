"""The parts of a case on the page of its hospital: inviting another one, a supplement, and the clues to a double report."""

from flask import redirect, request, url_for

from admin_views.grid.act_forms import ActForm, Many, TextField
from admin_views.grid.acts import act
from models.access import Process
from models.accounts.hospital import Hospital
from models.base import Refused
from models.cases.case import Case
from models.cases.case_part import CasePart
from models.cases.doubles.duplicate_clue import AGE_BANDS, DuplicateClue
from models.cases.status import Status
from models.review import case_sheet

NO_HOSPITAL = "Kies het andere ziekenhuis uit de lijst."


class ToHospital(ActForm):
    """A hospital, of which the person who chooses sees nothing but its name."""

    hospital = TextField(name="ander")

    @property
    def chosen(self):
        named = Hospital.chosen(self.hospital.data)
        if named is None and self.hospital.data:
            raise Refused(NO_HOSPITAL)
        return named


class Invitation(ToHospital):
    text = TextField(name="bericht")
    asked = Many(name="gevraagd")

    def arguments(self):
        if self.chosen is None:
            raise Refused(NO_HOSPITAL)
        return {"hospital": self.chosen, "text": self.text.data, "asked": self.asked.data}


class Clues(ToHospital):
    age_band = TextField(name="leeftijd")

    def arguments(self):
        return {"age_band": self.age_band.data, "transfer": self.chosen}


def invited(part, case):
    return f"{part.hospital.name} is uitgenodigd. Alle melders daar krijgen een mail; hun deel heet {part.number}."


def may_have_parts(case):
    """Whether another hospital may get a part of this case."""
    return case.process == Process.NETHOSS and case.status != Status.INGETROKKEN and not case.erased_at


def parts_of(case, events):
    """What the page of a case tells of its parts; `events`: its story, which knows whether there are any."""
    linked = case_sheet.linked(case, events)
    row = CasePart.among([case]).get(case.id) if linked else None
    whole = row is None and may_have_parts(case)
    parts = case.parts() if whole and linked else []
    asking = whole and "ander" in request.args
    clue = DuplicateClue.of(case) if asking else None
    return {
        "part_of": row,
        "parts": [part for part in parts if part.hospital_id != case.hospital_id],
        "supplements": [part for part in parts if part.hospital_id == case.hospital_id],
        "may_have_parts": whole,
        "asking": asking,
        "hospitals": [one for one in Hospital.reporting() if one.id != case.hospital_id] if asking else [],
        "age_bands": AGE_BANDS,
        "clue": clue,
        "ended": clue.transfer if clue and clue.transfer and not clue.transfer.active else None,
    }


class CaseParts:
    """The part of the reporter's screens about other parts of a case."""

    invite = act("/<key>/uitnodigen", Case.invite, form=Invitation, done=invited, anchor="delen")
    clues = act(
        "/<key>/kenmerken",
        DuplicateClue.tell,
        form=Clues,
        done="Leeftijdsgroep en overplaatsing zijn opgeslagen.",
        anchor="delen",
    )
    supplement = act(
        "/<key>/aanvulling",
        Case.supplement,
        done="Voeg hier toe wat er nog kwam, en dien het in. De goedgekeurde melding blijft zoals die is.",
        then=lambda view, part, case: redirect(url_for(".case", key=part.key)),
    )
