"""What may tell who somebody is, in 200 made-up letters: the search of the portal beside deduce, rules for Dutch medical text.

`make bench ONLY=letters` measures the search. Where deduce is installed (it is no part of the portal) it is measured as well:
`PYTHON tests/bench/letters.py deduce`. Each tool runs in a process of its own, for its memory.
"""

import random
import re
import resource
import subprocess
import sys
import time
from datetime import date
from importlib import import_module

LETTERS = 200
TODAY = date(2026, 11, 22)
FIRST = (
    "Anna", "Zoë", "Fatima", "Marieke", "Samira", "Yvonne", "Joke", "Lotte", "Aisha", "Ewa", "Sanne", "Hatice", "Piet", "Jan",
    "Mohammed", "Kees", "Bram", "Ahmed", "Willem", "Tom",
)  # fmt: skip
LAST = (
    "de Vries", "Jansen", "van den Berg", "Bakker", "Günaydın", "El Amrani", "Visser", "Smit", "de Jong", "Mulder", "Bos",
    "Vos", "Peters", "Hendriks", "van Leeuwen", "Kowalska", "Yilmaz", "Dekker", "Brouwer", "de Wit", "Groen", "van der Heijden",
)  # fmt: skip
DOCTORS = tuple(zip(FIRST, LAST, strict=False))[::2]  # of whom the portal has the accounts
PLACES = "Amsterdam Breda Zwolle Hoogeveen Goes Venlo Doetinchem Assen Leeuwarden Tilburg Almere Sittard".split()
HOUSES = (
    "het Amphia", "het Rijnstate", "het Isala", "het Maasstad Ziekenhuis", "het Sint Antonius Ziekenhuis", "het LUMC",
    "verloskundigenpraktijk De Ooievaar", "huisartsenpraktijk Het Plein", "het Catharina Ziekenhuis", "geboortecentrum Sophia",
)  # fmt: skip
STREETS = "Kerkstraat Dorpsweg Lindelaan Molenpad Stationsplein Beatrixlaan".split()
# What names a disease, an instrument, a score or an amount, and nobody.
PLAIN = (
    "Apgar 9/10, pH navelstreng 7,21.", "Er was sprake van een HELLP-syndroom met trombocyten van 48.",
    "Expressie volgens Kristeller is niet toegepast.", "Bij het kind geen tekenen van Turner of Down.",
    "Gestart met Ringerlactaat en labetalol 200 mg.", "Amenorroeduur 38+2 weken, G2P1, bloedverlies 1200 ml.",
    "Partus na McRoberts en Woods bij een schouderdystocie.", "Het syndroom van Sheehan is uitgesloten.",
    "Kiwi-extractie, daarna atonie, waarvoor Bakri-ballon.", "Braxton Hicks-contracties sinds 30 weken.",
    "Foley-katheter geplaatst; ontslag op dag 4.", "Groei op p10 volgens Hadlock, Doppler zonder afwijkingen.",
)  # fmt: skip
SAID = (
    "Geachte collega {arts_los},", "Betreft: mevrouw {vrouw}, geboren {geboren}.", "Patiënte: {vrouw_kort}, BSN {bsn}.",
    "{vrouw_kort} werd gezien door dr. {arts}.", "Haar partner {partner} was bij de bevalling aanwezig.",
    "Zij woont aan de {adres} te {plaats}.", "Zij is bekend in {huis}.", "Overplaatsing naar {huis} in {plaats}.",
    "Bereikbaar op {telefoon} of {mail}.", "De verloskundige, {verloskundige}, belde om 03.15 uur.",
    "Met {partner_voornaam} is de uitslag besproken.", "De zoon heet {kind}.", "Opname op {dag}, ontslag op {dag2}.",
    "Met vriendelijke groet, {arts_vol}, gynaecoloog {huis}", "Overleg met mw. {verloskundige_kort} over het beleid.",
)  # fmt: skip
PEOPLE = {
    "arts", "arts_los", "arts_vol", "vrouw", "vrouw_kort", "partner", "partner_voornaam", "verloskundige",
    "verloskundige_kort", "kind",
}  # fmt: skip
LESS = ("het", "mevr", "van", "den", "der")  # of a name, what tells nobody
KINDS = {
    "names of people": PEOPLE, "places": {"plaats"}, "institutions": {"huis"}, "addresses": {"adres"}, "BSN": {"bsn"},
    "birth dates": {"geboren"}, "telephone and e-mail": {"telefoon", "mail"},
}  # fmt: skip
NEITHER = {"dag", "dag2"}  # a date that is no birth date: to report it is neither right nor wrong


def letters():
    """[(text, [(begin, end, what it is)])], the same each time."""
    dice = random.Random(9)
    return [_letter(dice) for _ in range(LETTERS)]


def _letter(dice):
    people = {role: (dice.choice(FIRST), dice.choice(LAST)) for role in ("vrouw", "partner", "verloskundige", "kind")}
    people["arts"] = dice.choice(DOCTORS)
    initial = {role: f"{first[0]}. {last}" for role, (first, last) in people.items()}
    filled = {role: " ".join(name) for role, name in people.items()} | {
        "arts": initial["arts"], "arts_vol": " ".join(people["arts"]), "arts_los": people["arts"][1],
        "vrouw_kort": f"mevr. {people['vrouw'][1]}",
        "partner_voornaam": people["partner"][0], "kind": people["kind"][0], "verloskundige_kort": people["verloskundige"][1],
        "plaats": dice.choice(PLACES), "huis": dice.choice(HOUSES),
        "adres": f"{dice.choice(STREETS)} {dice.randint(1, 250)}" + dice.choice(("", ", 4811 XR")),
        "bsn": _bsn(dice), "telefoon": f"06-{dice.randint(10_000_000, 59_999_999)}",
        "mail": f"{people['vrouw'][0].lower()}{dice.randint(1, 99)}@example.nl",
        "geboren": f"{dice.randint(1, 28):02d}-{dice.randint(1, 12):02d}-{dice.randint(1980, 2006)}",
        "dag": f"{dice.randint(1, 28)}-{dice.randint(1, 10)}-2026", "dag2": f"{dice.randint(1, 28)}-11-2026",
    }  # fmt: skip
    text, spans = "", []
    for sentence in dice.sample(SAID, 9) + dice.sample(PLAIN, 4):
        for part in re.split(r"(\{\w+\})", sentence):
            slot = part.strip("{}") if part.startswith("{") else ""
            said = filled.get(slot, part)
            if slot:
                spans.append((len(text), len(text) + len(said), slot))
            text += said
        text += dice.choice(("\n", " "))
    return text, spans


def _bsn(dice):
    while True:
        number = f"{dice.randint(100_000_000, 299_999_999)}"
        weighed = sum(weight * int(digit) for weight, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), number, strict=True))
        if weighed % 11 == 0:
            return number


def measure(look):
    """{kind: (found, in all)}, how many reports were right, and how many wrong; `look` gives the texts that it reports."""
    found, right, wrong = {kind: [0, 0] for kind in KINDS}, 0, 0
    for text, spans in letters():
        reported = [place for said in set(look(text)) for place in _places(text, said)]
        covered = {position for begin, end in reported for position in range(begin, end)}
        for begin, end, slot in spans:
            if slot in NEITHER:
                continue
            kind = next(kind for kind, slots in KINDS.items() if slot in slots)
            words = [
                word for word in re.finditer(r"[\w@]{3,}", text[begin:end]) if word[0] not in ("het", "mevr", "van", "den")
            ]
            found[kind][0] += all(begin + word.start() in covered for word in words)
            found[kind][1] += 1
        for begin, end in reported:
            hit = {slot for start, stop, slot in spans if start < end and begin < stop}
            right += bool(hit - NEITHER)
            wrong += not hit
    return found, right, wrong


def _places(text, said):
    return [(hit.start(), hit.end()) for hit in re.finditer(re.escape(said), text)]


def portal(known=()):
    """What the worker of the portal searches an upload for; `known`: the names of accounts, of which it says the whole name."""
    patterns = import_module("models.files.sandbox.patterns")
    search = patterns.Search(known, TODAY)

    def look(text):
        for kind, what in search.text(text):
            yield from [word for word in what.split() if len(word) > 3] if kind == patterns.Kind.KNOWN_NAME else [what]

    return look


def deduce():
    tool = import_module("deduce").Deduce()
    neither = ("datum", "leeftijd")
    dates = re.compile(r"\d{1,2}-\d{1,2}-(19\d\d|200\d)")
    return lambda text: [
        one.text for one in tool.deidentify(text).annotations if one.tag not in neither or dates.fullmatch(one.text)
    ]


def main(tool):
    """Measure one tool in this process, and print a table."""
    begun = time.perf_counter()
    doctors = tuple(f"dr. {first} {last}" for first, last in DOCTORS)
    look = {"portal": portal, "known": lambda: portal(doctors), "deduce": deduce}[tool]()
    ready = time.perf_counter()
    found, right, wrong = measure(look)
    ended = time.perf_counter()
    print(f"{tool}: {LETTERS} letters, {ended - ready:.2f} s, {ready - begun:.1f} s to begin, ", end="")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most")
    hits, whole = (sum(pair[place] for pair in found.values()) for place in (0, 1))
    print(f"  recall {hits / whole:.1%} ({hits} of {whole}), precision {right / (right + wrong):.1%} ({wrong} wrong)")
    for kind, (hits, whole) in found.items():
        print(f"  {kind:<22}{hits:>5} of {whole:>4}  {hits / whole:.1%}")


if __name__ == "__main__":
    for asked in sys.argv[1:2] or ("portal", "known"):
        if sys.argv[1:2]:
            main(asked)
        else:
            subprocess.run([sys.executable, "-m", "tests.bench.letters", asked], check=True)
