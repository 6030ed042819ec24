"""What the hospitals of the demonstration fill in: a made-up woman, told by the kinds of the questions."""

from datetime import timedelta

from models.questionnaires.export.pdf_attachment import attach
from models.questionnaires.form import Form

TOLD = {
    "A1": "gynaecoloog", "A2": ["bevalling", "behandeling laatste ziekte", "plaats van overlijden"],
    "A3": ["2e/3e lijn", "IC", "obductie"], "B1": 34, "B3": "0-42 dagen na einde", "B4": "levend geboren", "B7": "39+2",
    "B8": "IC/MC", "C1": "Nederland", "C3": "geen barrière", "C6": 168, "C7": "71,5", "C9": "nee", "E1": 2, "E2": 1,
    "E3": 0, "F1": "spontaan", "F2": 1, "F3": 9, "F4": "verloskundige", "F5": "2e", "G1": ["hypertensie"],
    "H1": "ziekenhuis", "H2": "ziekenhuis", "H3": "ingeleid", "H4": "spontaan", "H6": ["epiduraal"], "H7": 3200,
    "H7a": "gemeten", "H8": "manueel verwijderd", "I1": "leeft", "I2": 3410, "I3": 9, "J1": "niet ontslagen", "J3": "geen",
    "K1": "bloeding", "K3": "Aanhoudend vaginaal bloedverlies na de geboorte.", "K4": "verloskamer", "K5": "afdeling",
    "K8": ["herkenning"], "K13": ["gynaecologie", "anesthesie", "IC"], "L1": "ja", "L1a": 2,
    "L2": ["ballon", "hysterectomie"], "L4": "nee", "M1": "nee", "M2": "nee", "N1": "< 24 u na",
    "N2": ["atonie", "placentarest"], "O2": "direct", "O3": "bloeding", "O4": "volledig", "O6": "bijgevoegd",
    "O8": "natuurlijk", "P1": "gedaan", "P2": "ja", "P3": ["herkenning", "samenwerking"],
    "L3": [{"product": "erytrocyten (eenheden)", "hoeveelheid": 12}, {"product": "plasma (eenheden)", "hoeveelheid": 8}],
    "O1": [{"regel": "rechtstreeks", "oorzaak": "hypovolemische shock", "duur": "uren"},
           {"regel": "gevolg van", "oorzaak": "fluxus postpartum door atonie", "duur": "uren"}],
    "P7": "Dag 0, 14:20: geboorte na inleiding wegens hypertensie.\n"
          "Dag 0, 15:05: 1500 ml bloedverlies, naar de operatiekamer.\n"
          "Dag 0, 17:40: hysterectomie, daarna naar de IC.\nDag 2: overleden ondanks maximale behandeling.",
}  # fmt: skip
DAYS_BEFORE = {"B2": 10, "B5": 12}  # days before the case was reported


def fill(case, by, now, part=1.0):
    """Answer the first `part` of the questions, a few a minute; a complete form gets its document."""
    form, day = Form.start(case, by, now=now), case.created_at.date()
    dates = {code: str(day - timedelta(days=days)) for code, days in DAYS_BEFORE.items()}
    told = {**TOLD, **dates, "K2": f"{dates['B5']} 15:05", "K10": [{"tijd": f"{dates['B5']} 15:20", "RR (mmHg)": "80/40"}]}
    filled = form.filled(now=now)
    for place in range(round(part * 150)):
        waiting = [one.line for one in filled.open if one.why == "antwoord"]
        if not waiting:
            break
        moment = now + timedelta(seconds=20 * place)
        line = waiting[0]
        filled = form.put(line.item.code, told.get(line.item.code, "onbekend"), by, repeat=line.number, now=moment).filled
    if form.complete:
        attach(form, moment)
