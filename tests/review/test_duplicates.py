"""Reports of two hospitals about one woman: found by what both tell, and rarely otherwise: so the warning means something."""

import random

import pytest

from models import clock
from models.access import Process
from models.base import Refused
from models.cases.case import Case
from models.cases.doubles.duplicate_clue import AGE_BANDS, DuplicateClue
from models.cases.status import Status
from models.review import case_sheet
from tests import make

MONTH = "2026-09"
# Ages of women who give birth in the Netherlands, in hundredths, and a year of cases as `committee.md` counts them.
AGES = (1, 9, 30, 38, 18, 4)
HOSPITALS, LARGE, CASES, TRANSFERRED, DOUBLE = 80, 8, 600, 0.15, 9


@pytest.fixture
def coordinator():
    return make.coordinator()


def test_clues_of_both_hospitals_meet_and_one_button_makes_one_case(client, login, app, coordinator, monkeypatch):
    theme = make.theme()
    case = make.case(Status.INGEDIEND, theme=theme, month=MONTH)
    other = make.case(Status.INGEDIEND, theme=theme, month=MONTH)
    make.case(theme=theme, month=MONTH)  # told nothing, and so is no double
    DuplicateClue.tell(case, case.reporter, "30-34", other.hospital)
    assert case_sheet.alike(other, coordinator) == []  # the other said nothing of her age yet
    DuplicateClue.tell(other, other.reporter, "30-34")
    assert case_sheet.alike(other, coordinator) == [case] and case_sheet.alike(case, coordinator) == []
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    login(client, coordinator)
    assert "Mogelijk dezelfde casus" in client.get(f"/beoordelen/{other.key}/").text
    answer = client.post(f"/beoordelen/{other.key}/samenvoegen", data={"andere": case.key}, follow_redirects=True)
    assert f"{other.number} is er een deel van" in answer.text
    assert [part.id for part in Case.get_by_id(case.id).parts()] == [other.id]  # who reported first stays the whole
    assert "Mogelijk dezelfde casus" not in client.get(f"/beoordelen/{case.key}/").text


@pytest.mark.parametrize(
    ("month", "band", "back", "meets"),
    [(MONTH, "25-29", False, False), ("2026-10", "30-34", False, False), ("2026-10", "30-34", True, True),
     ("2026-10", "", True, True), ("2026-10", "25-29", True, False), ("2026-11", "30-34", True, False)],
)  # fmt: skip
def test_what_meets(coordinator, month, band, back, meets):
    theme = make.theme()
    case, other = make.case(theme=theme, month=MONTH), make.case(theme=theme, month=month)
    DuplicateClue.tell(case, case.reporter, "30-34", other.hospital)
    DuplicateClue.tell(other, other.reporter, band, case.hospital if back else None)
    assert bool(case_sheet.alike(other, coordinator)) == meets


def test_clues_are_of_the_own_hospital_and_name_another():
    case = make.case()
    for by, band, hospital in ((make.user(), "30-34", None), (case.reporter, "30", None), (case.reporter, "", case.hospital)):
        with pytest.raises(Refused):
            DuplicateClue.tell(case, by, band, hospital)
    assert DuplicateClue.select().count() == 0


def test_at_real_density_at_most_one_case_in_twenty_warns():
    """A year of 80 hospitals, 8 of them large, in which 9 women were reported twice; all hospitals tell what they know."""
    dice = random.Random(12)
    reporters = [make.user(password=None) for _ in range(HOSPITALS)]
    themes, now = [make.theme() for _ in range(5)], clock.now()
    shares = [4 if place < LARGE else 1 for place in range(HOSPITALS)]
    cases, clues = [], []

    def report(place, theme, month, band, transfer):
        number = len(cases) + 1
        cases.append(dict(
            id=number, key=f"k{number}", number=f"N-{number:05d}", hospital=reporters[place].hospital_id, theme=theme,
            process=Process.NETHOSS, reporter=reporters[place], month=month, status_since=now, created_at=now,
        ))  # fmt: skip
        transfer = None if transfer is None else reporters[transfer].hospital_id
        clues.append(dict(case=number, age_band=band, transfer=transfer, by=reporters[place], at=now))
        return number

    true = set()
    for count in range(CASES):
        place, theme = dice.choices(range(HOSPITALS), shares)[0], dice.choice(themes)
        month, band = f"2026-{dice.randint(1, 12):02d}", dice.choices(AGE_BANDS, AGES)[0]
        moved = dice.random() < TRANSFERRED or count < DOUBLE
        transfer = dice.choice([one for one in range(LARGE) if one != place]) if moved else None
        report(place, theme, month, band, transfer)
        if count < DOUBLE:
            true.add(report(transfer, theme, month, band, None))
    Case.insert_many(cases).execute()
    DuplicateClue.insert_many(clues).execute()

    warned = {case.id for case in Case.select() if DuplicateClue.meets(case)}
    assert true <= warned
    assert len(warned) / len(cases) <= 1 / 20, len(warned)
