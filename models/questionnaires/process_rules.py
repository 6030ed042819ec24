"""What the portal itself reads of the questionnaire of LZA1, by its place: the first part is the gate, and the first day of the
time line begins the term. Pure."""

from collections.abc import Iterator

from models.forms.form_structure import Structure
from models.questionnaires.definition.definition_parser import Problem

GATE = (
    "Het eerste onderdeel van deze vragenlijst is de poort: de vragen die eerst worden gesteld. Daarin staan alleen vragen met "
    "ja of nee, en het wordt niet herhaald. Zet een ander onderdeel of een andere vraag verder naar achteren."
)
TERM = (
    "De termijn van zes maanden telt vanaf de eerste vraag in de tijdlijn. Dat moet een verplichte vraag zijn: de datum van de "
    "afbreking."
)


def misplaced(structure: Structure) -> Iterator[Problem]:
    """The Problem rows of a questionnaire for LZA1 in which gate or term would shift to other questions."""
    first = structure.blocks[0] if structure.blocks else None
    if first and (first.per or any(item.answer.word != "ja/nee" for item in first.items)):
        yield Problem(first.code, "title", GATE)
    anchor = structure.items.get(structure.anchors[0].code) if structure.anchors else None
    if not (anchor and anchor.required):
        yield Problem("*", "timeline", TERM)
