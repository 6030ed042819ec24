"""The commands around the LNR messages: judging files, and writing what suppliers get."""

import json
import sys
from pathlib import Path

from models import clock, dutch
from models.accounts.hospital import Hospital
from models.base import Refused, db
from models.lnr.benchmark import counting
from models.lnr.benchmark import recompute as benchmark
from models.lnr.closing import year_closing
from models.lnr.message.validation import check
from models.lnr.message.validation_report import Severity
from models.lnr.message.xml_tree import SIZE
from models.lnr.specification import site_files
from models.lnr.suppliers.api_key import ApiKey
from models.lnr.suppliers.supplier import Supplier, SupplierStatus
from models.lnr.year_report import lnr_edition

MARKS = {Severity.FOUT: "FOUT", Severity.WAARSCHUWING: "let op", Severity.OPMERKING: "ter info"}


def make_key(chosen):
    """Print a key, the only time it is known; a supplier that is not there yet is registered."""
    with db.atomic():
        hospital = Hospital.by_code(chosen.hospital)
        supplier = Supplier.named(chosen.supplier) or Supplier.enrol(chosen.supplier)
        if chosen.admit:
            supplier.move(SupplierStatus.TOEGELATEN)
        key, token = ApiKey.issue(supplier, hospital)
    print(token)
    print(
        f"Sleutel van {supplier} ({supplier.status}: {supplier.meaning}) voor {hospital}, "
        f"geldig tot en met {dutch.long_date(clock.local_date(key.expires_at))}. "
        "Bewaar hem nu; hij wordt niet nog eens getoond.",
        file=sys.stderr,
    )


def check_files(chosen):
    """Judge message files by exactly the rules of the server; 1 when one is refused."""
    verdicts = [(name, check(_read(name), clock.now())) for name in chosen.file]
    if chosen.json:
        print(json.dumps([{"file": name, **verdict.as_dict()} for name, verdict in verdicts], ensure_ascii=False, indent=2))
    else:
        for name, verdict in verdicts:
            _tell(name, verdict)
    return int(any(verdict.refused for _, verdict in verdicts))


def _read(name):
    # One byte more than is allowed is enough to see that it is too large.
    with Path(name).open("rb") as file:
        return file.read(SIZE + 1)


def _tell(name, verdict):
    print(f"{name}: {'geweigerd' if verdict.refused else 'aangenomen'}")
    for one in verdict.findings:
        place = f"regel {one.line}, kolom {one.column}" if one.line else "hele bericht"
        print(f"  {MARKS[one.severity]:<8} {one.rule}  {place}: {one.nl}")
        print(f"           {one.path}")
        print(f"           {one.hint_nl}")
    counted = (("fout", "fouten", Severity.FOUT), ("waarschuwing", "waarschuwingen", Severity.WAARSCHUWING))
    print("  " + ", ".join(dutch.plural(verdict.count(kind), one, many) for one, many, kind in counted))


def recompute(chosen):
    """Derive anew what was derived by other rules than those of now, with --all everything; safe to break off and repeat."""
    count = benchmark.rebuild() if chosen.all else benchmark.recompute(chosen.year)
    print(f"{dutch.plural(count, 'opname', 'opnamen')} opnieuw afgeleid.")
    counting.refresh()


def verify_figures(chosen):
    """Say which facts do not follow from their messages, cells not from facts, and which closed year moved; 1 when any."""
    found = [*benchmark.differences(), *counting.differences(), *year_closing.differences()]
    print("\n".join(found) if found else "Elke telling volgt uit de berichten.")
    return int(bool(found))


def dataset(chosen):
    """Write what is made from the definition of the dataset; with --check only say what is not current."""
    if not chosen.check:
        changed = site_files.write()
        print(f"{dutch.plural(len(changed), 'bestand', 'bestanden')} bijgewerkt in {site_files.FOLDER.name}/.")
    elif old := site_files.outdated():
        raise Refused(f"Niet bij de tijd: {', '.join(old)}. Geef de opdracht lnr-dataset.")
    else:
        print("Alles is bij de tijd.")


def report(chosen):
    """With --check say which year reports would come out otherwise now, 1 when any; else list the newest editions."""
    if chosen.check:
        found = lnr_edition.differences(chosen.year)
        print("\n".join(found) if found else f"Elk jaarverslag over {chosen.year} komt er weer precies zo uit.")
        return int(bool(found))
    for one in lnr_edition.LnrEdition.newest(chosen.year):
        print(f"{one.parsed.title}, uitgave {one.number}: {one.hash}")
    return 0
