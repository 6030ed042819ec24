"""One child of the demonstration's NICUs: what befalls it is drawn, and told in the messages of its stays."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from models.lnr.dataset.definition import AGB, BSN
from models.lnr.specification import examples

TRUTH = {  # event -> how often of a hundred, in every NICU
    "severe ivh": 8, "pvl": 3, "nec": 5, "late sepsis": 22, "early sepsis": 2, "pneumothorax": 4, "bpd": 16, "rop": 5,
    "no steroids": 9, "steroids unknown": 4, "no magnesium": 12, "late clamping": 62, "cold": 14, "no antibiotics": 35,
    "formula": 30, "no hearing screen": 5, "moved": 16, "said nothing of the brain": 3,
}  # fmt: skip
OF_A_LINE, OFTEN = "of a line", 25  # of a hundred children with late sepsis
DEATHS = {24: 38, 25: 24, 26: 14, 27: 8, 28: 5, 29: 3, 30: 2, 31: 1}  # of a hundred, by weeks of gestation
WEEKS = (24, 25, 26, 27, 28, 29, 30, 31)
SHARES = (6, 7, 9, 11, 13, 15, 18, 21)  # of the children, by weeks
TERM = 266  # days of gestation at which a child goes home

IVH_3, PVL, NEC_IIA, SEPSIS, PNEUMOTHORAX, RDS, ROP_3 = (
    "206397006", "230769007", "788988003", "10001005", "36118008", "46775006", "408849009",
)  # fmt: skip
INVASIVE, CPAP, CANNULA = "408853006", "47545007", "371907003"
BREAST_MILK, FORMULA, EARLY, LATE, FROM_HOSPITAL = "226789007", "386127005", "303114002", "303115001", "4563007"
HERE = "58841000146101"
MOVES = 16  # day of life on which a child goes on to another hospital


@dataclass
class Newborn:
    """A child first admitted at `code`; `agbs`: {code: AGB} of the NICUs; `planted`: chances that differ from TRUTH there."""

    code: str
    name: str
    bsn: str
    born: date
    luck: random.Random
    agbs: dict
    planted: dict

    def __post_init__(self):
        self.days = 7 * self.luck.choices(WEEKS, weights=SHARES)[0] + self.luck.randrange(7)
        self.weight = 640 + 19 * (self.days - 168) + self.luck.randrange(-70, 90)
        self.dies = 100 * self.luck.random() < DEATHS[self.days // 7]
        chances = {event: often for event, often in (TRUTH | self.planted).items() if event != OF_A_LINE}
        self.befalls = {event for event, often in chances.items() if 100 * self.luck.random() < often}
        self.last = self.luck.randrange(4, 16) if self.dies else max(30, TERM - self.days + self.luck.randrange(-8, 12))
        if "bpd" in self.befalls and not self.dies:
            self.last = max(self.last, 256 - self.days)
        self.late_sepsis = "late sepsis" in self.befalls and self.last > 10
        # Drawn apart, so that everything else befalls every child as it did before there were lines.
        of_a_line = 100 * random.Random(self.name).random() < self.planted.get(OF_A_LINE, OFTEN)
        self.line_sepsis = self.late_sepsis and of_a_line

    def messages(self, today: date) -> Iterator[tuple[str, date, dict]]:
        """(code of the hospital, day of discharge, values) of each stay that has ended by now."""
        if self.born + timedelta(days=self.last) > today:
            return
        if "moved" not in self.befalls or self.dies:
            yield self.code, self.born + timedelta(days=self.last), self._here(self.last)
            return
        after = self.luck.choice([code for code in self.agbs if code != self.code])
        yield self.code, self.born + timedelta(days=MOVES), self._here(MOVES)
        if self.luck.random() < 0.8:  # of the others nothing more is heard
            yield after, self.born + timedelta(days=self.last), self._there(after)

    def _here(self, day):
        """What the hospital of the first stay tells, which ends on `day` of life."""
        told = self._about(self.code) | self._birth() | self._course(0, day)
        if self.dies:
            moment = self._at(day, "11:00")
            gone = {
                "deceased": True,
                "death_datetime": moment,
                "death_within_12h": False,
                "death_in_delivery_room": False,
                "cause_of_death": "70611002",
                "intensive_care_withdrawn": True,
            }
            return examples.without(told, *examples.AFTER_DISCHARGE) | gone
        if day == MOVES:
            gone = {"discharge_destination": examples.OTHER_HOSPITAL, "discharge_weight_g": self.weight + 120}
            return examples.without(told, "oxygen_day_28", "rop_screening_closed", "aabr_abnormal") | gone | NOT_YET
        return told

    def _there(self, place):
        """What the hospital tells to which it was moved; all that came before is known there from a letter."""
        arrived = {
            "origin": FROM_HOSPITAL,
            "origin_institution_ids": [(AGB, self.agbs[self.code])],
            "admission_datetime": self._at(MOVES, "15:30"),
            "admission_temperature_at": self._at(MOVES, "15:40"),
            "weight_at_admission": None,
        }
        told = self._about(place) | self._birth() | self._course(MOVES, self.last)
        return {name: value for name, value in (told | arrived).items() if value is not None}

    def _about(self, place):
        name = f"{self.name}-{place}"
        return examples.preterm(name) | {
            "processing_code": "P",
            "created_at": self._at(self.last, "12:00"),
            "supplier_id": "rijnland-dossier",
            "software_name": "Rijnland Dossier",
            "sending_institution_ids": [(AGB, self.agbs[place])],
            "child_ids": [("", f"P-{self.name}"), (BSN, self.bsn)],
            "mother_ids": [("", f"M-{self.name}")],
            "mother_birth_date": f"{self.born.year - 31}-05-04",
        }

    def _birth(self):
        """Before, at and shortly after birth."""
        told = {
            "birth_institution_ids": [(AGB, self.agbs[self.code])],
            "sex": examples.MALE if int(self.bsn) % 2 else examples.FEMALE,
            "birth_datetime": self._at(0, "04:12"),
            "gestational_age_days": self.days,
            "birth_weight_g": self.weight,
            "length_at_admission": 30 + (self.days - 168) // 6,
            "head_circumference_cm": 21 + (self.days - 168) // 7,
            "admission_datetime": self._at(0, "04:40"),
            "admission_temperature_at": self._at(0, "04:50"),
            "admission_temperature": 36.1 if "cold" in self.befalls else 36.9,
            "deferred_cord_clamping": "late clamping" in self.befalls,
            "antibiotics_first_3_days": "no antibiotics" not in self.befalls,
            "magnesium_sulphate": "no magnesium" not in self.befalls,
        }
        if "steroids unknown" in self.befalls:
            return told | {"antenatal_steroids_given": {"null": "UNK"}, "antenatal_steroids_course": None}
        if "no steroids" in self.befalls:
            return told | {"antenatal_steroids_given": False, "antenatal_steroids_course": None}
        return told

    def _course(self, first, day):
        """From day `first` to `day` of life: breathing, complications, discharge home."""
        return (
            self._breathing(first, day)
            | self._lines(first, day)
            | self._complications(first)
            | {
                "discharge_datetime": self._at(day, "11:00"),
                "discharge_weight_g": 2450,
                "discharge_hc_cm": 32.5,
                "rop_screening_done": None if "silent on rop" in self.befalls else True,
                "rop_screening_closed": None if "silent on rop" in self.befalls else True,
                "feeding_at_discharge": [FORMULA if "formula" in self.befalls else BREAST_MILK],
                "aabr_done": "no hearing screen" not in self.befalls,
                "aabr_abnormal": None if "no hearing screen" in self.befalls else False,
                "fu_aabr_done": False if "no hearing screen" in self.befalls else None,
            }
        )

    def _breathing(self, first, day):
        """A tube at first, then CPAP; with BPD oxygen until after 36 weeks."""
        until = min(day, 254 - self.days if "bpd" in self.befalls else max(4, 218 - self.days))
        weaned = min(4 if self.days < 196 else 1, day)
        rows = [(0, weaned, INVASIVE), (weaned, until, CPAP)]
        found = [
            {
                "respiratory_support_start": self._at(start, "05:00"),
                "respiratory_support_end": self._at(end, "10:00"),
                "respiratory_support_type": kind,
            }
            for start, end, kind in rows
            if start < end and end > first
        ]
        return {
            "respiratory_support_given": bool(found),
            "respiratory_supports": found,
            "oxygen_day_28": until >= 28 if day >= 28 else None,
        }

    def _lines(self, first, day):
        """A line from the first hours on, longer of a younger child; where it is the cause of a sepsis until that is over."""
        end = min(day, MOVES, max((238 - self.days) // 4, 10 if self.line_sepsis else 0))
        return {"lines": [{"line_start": self._at(0, "06:00"), "line_end": self._at(end, "10:00")}]} if end > first else {}

    def _complications(self, first):
        told = {}
        brain = [
            {"neuro_problem_code": code, "neuro_problem_status": examples.CONFIRMED} | more
            for event, code, more in (("severe ivh", IVH_3, {}), ("pvl", PVL, {"pvl_grade": 2}))
            if event in self.befalls
        ]
        if brain:
            told |= {"neuro_problems_present": True, "neuro_problems": brain}
        elif "said nothing of the brain" in self.befalls:
            told |= {"neuro_problems_present": None}
        if "nec" in self.befalls:
            bowel = {"gi_problem_code": NEC_IIA, "gi_problem_status": examples.CONFIRMED}
            told |= {"gi_problems_present": True, "gi_problems": [bowel]}
        if "pneumothorax" in self.befalls:
            lungs = [
                {"respiratory_problem_code": code, "respiratory_problem_status": examples.CONFIRMED}
                for code in (RDS, PNEUMOTHORAX)
            ]
            told |= {"respiratory_problems": lungs}
        if "rop" in self.befalls and not self.dies and "silent on rop" not in self.befalls:
            eyes = {"senses_problem_code": ROP_3, "senses_problem_status": examples.CONFIRMED}
            told |= {"senses_problems_present": True, "senses_problems": [eyes]}
        return told | self._sepsis(first)

    def _sepsis(self, first):
        late = self.late_sepsis
        if not late and "early sepsis" not in self.befalls:
            return {}
        day = 8 if late else 1
        infection = {
            "infection_code": SEPSIS,
            "infection_start": self._at(day, "03:00"),
            "infection_end": self._at(day + 2, "12:00"),
            "infection_status": examples.CONFIRMED,
            "infection_onset_place": HERE,
            "sepsis_organism": ["116197008"],
            # Where the child came later nobody saw the line.
            "line_sepsis": {"null": "UNK"} if self.line_sepsis and first else self.line_sepsis,
            "sepsis_onset": LATE if late else EARLY,
        }
        return {"infection_present": True, "infections": [infection]}

    def _at(self, day, hour):
        return f"{self.born + timedelta(days=day)}T{hour}:00"


NOT_YET = {"rop_screening_done": False, "aabr_done": False, "discharge_hc_cm": 27, "feeding_at_discharge": [BREAST_MILK]}
