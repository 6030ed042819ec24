"""`python app.py COMMAND`: what an operator does from the command line."""

import argparse
import os
import sys
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import peewee

from commands import clocks, installation, lnr, lnr_model, progress, start
from commands.processes import CannotStart
from models import base, clock
from models.access import PROCESS_LABELS, Role
from models.accounts.identity import identity_provider
from models.base import Refused
from models.operations.health import log_lines
from settings import VERSION, SettingsError, settings


def main(arguments=None):
    """Carry out one command and end the process: with 0, 1 and a sentence about what is wrong, or 130 after Ctrl-C."""
    chosen = _parser().parse_args(arguments)
    log_lines.begin()
    os.umask(0o077)  # database, mails and documents are for this account of the machine only
    try:
        identity_provider.providers()
        base.connect(settings.database_url)
        if chosen.command not in BRINGS_ITS_OWN:
            installation.demand_fit()
        with progress.shown():
            sys.exit(chosen.command(chosen))
    except (Refused, CannotStart, SettingsError) as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        print("Afgebroken: deze opdracht is niet klaar.", file=sys.stderr)
        sys.exit(130)  # what a shell makes of SIGINT
    except peewee.DatabaseError as problem:
        sys.exit(f"De database {_database()} geeft een fout: {str(problem).splitlines()[0]}")
    except OSError as problem:
        sys.exit(f"{problem.filename or settings.data_dir}: {problem.strerror}")


def _database():
    """Where the database is, without a password."""
    parts = urlsplit(settings.database_url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _day(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is geen datum zoals 2026-12-24") from None


def _month(text):
    try:
        return clock.month_of(clock.first_of(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is geen maand zoals 2026-10") from None


# These make or change the tables themselves, or ask nothing of the database.
BRINGS_ITS_OWN = (
    start.run, start.serve, installation.migrate, installation.restore, installation.check, installation.fill, lnr.check_files,
    lnr.dataset,
)  # fmt: skip


def _option(*names, **more):
    return names, more


HOST = _option("--host", default="127.0.0.1", help="waar geluisterd wordt (standaard %(default)s)")
PORT = _option("--port", type=int, help="de poort (standaard die van PORTAL_URL)")
WORKERS = _option("--workers", type=int, default=1, metavar="N", help="processen van elk acht draden (standaard %(default)s)")
JSON = _option("--json", action="store_true", help="het verslag als JSON, voor een ander programma")
ON = _option("--on", type=_day, required=True, metavar="DATUM", help="de dag, zoals 2026-12-24")

# name, what it does, what a person reads, what it takes
COMMANDS = (
    ("run", start.run, "demonstratie: web en worker, met fictieve gegevens", HOST, PORT),
    ("serve", start.serve, "web en worker op één machine, met echte gegevens", HOST, PORT, WORKERS),
    ("web", start.web, "alleen het web", HOST, PORT, WORKERS),
    ("worker", start.worker, "alleen de worker: mail, uitvraag, herinneringen, nachtelijk onderhoud"),
    ("migrate", installation.migrate, "breng de database op deze versie"),
    ("create-hospital", installation.create_hospital, "maak een ziekenhuis",
     _option("code", metavar="CODE"), _option("name", metavar="NAAM"),
     *(_option(f"--{kind}", metavar="NR", help=f"{label}, waarmee berichten het ziekenhuis noemen")
       for kind, label in (("agb", "AGB-code"), ("ura", "URA-nummer"), ("perined", "Perined-nummer")))),
    ("create-user", installation.create_user, "maak een account; zonder wachtwoord volgt een uitnodiging",
     _option("email", metavar="E-MAILADRES"),
     _option("--role", action="append", required=True, choices=[str(role) for role in Role], metavar="ROL",
             help="mag vaker: " + ", ".join(Role)),
     _option("--hospital", metavar="CODE", help="het ziekenhuis, voor rollen van een ziekenhuis"),
     _option("--committee", choices=[str(process) for process in PROCESS_LABELS], help="de commissie van een commissielid"),
     _option("--name", metavar="NAAM"),
     _option("--password", metavar="WACHTWOORD", help="- leest het van standaardinvoer, waar niemand meekijkt")),
    ("open-month", clocks.open_month, "vraag alle melders over een maand; wie al gevraagd is niet nog eens",
     _option("month", type=_month, metavar="MAAND", help="zoals 2026-10")),
    ("remind", clocks.remind, "zet de herinneringen van een dag klaar", ON),
    ("send-mail", clocks.send_mail, "verstuur eenmaal wat in de uitgaande post wacht"),
    ("rehearse", clocks.rehearse, "welke mails gaan er op een dag uit, en waarom; verstuurt en bewaart niets", ON, JSON),
    ("check", installation.check, "probeer instellingen, sleutels en alles waar het portaal op leunt; 1 als iets niet klopt",
     _option("--starting", action="store_true", help="alleen waar zonder geen proces werkt: voor de dienst start")),
    ("verify", installation.verify, "controleer logboek, bestanden en verwijzingen; 1 bij een fout",
     _option("--deep", action="store_true", help="lees ook elk bestand en vergelijk het met wat bewaard is"), JSON),
    ("backup", installation.backup, "kopieer database en bestanden terwijl het portaal werkt; de sleutels niet",
     _option("folder", metavar="MAP", help="een map die er nog niet is, of leeg is"),
     _option("--thin", action="store_true", help="haal daarna oudere kopieën ernaast weg: elke dag van twee weken blijft, "
             "dan een per week, dan een per maand, een half jaar lang")),
    ("restore", installation.restore, "zet een kopie terug in een lege installatie en controleer alles; 1 bij een fout",
     _option("folder", metavar="MAP", help="de map die backup maakte"),
     _option("--rehearsal", action="store_true", help=argparse.SUPPRESS)),
    ("release", installation.release, "na restore: toon wat wacht en wat weer leeft, en laat daarna weer dingen naar buiten",
     _option("--confirm", action="store_true", help="geef vrij; zonder dit wordt alleen getoond"),
     _option("--erased", action="append", default=[], type=Path, metavar="BESTAND",
             help="wis opnieuw wat volgens dit logboek sinds de kopie op verzoek is gewist; mag vaker"),
     _option("--none-erased", action="store_true", help="sinds de kopie is niets op verzoek gewist"),
     _option("--end-account", action="append", default=[], metavar="E-MAILADRES", help="beëindig dit account; mag vaker"),
     _option("--end-key", action="append", default=[], type=int, metavar="NUMMER", help="beëindig deze LNR-sleutel; mag vaker"),
     _option("--ask-month", action="append", default=[], type=_month, metavar="MAAND", help="vraag deze maand opnieuw uit"),
     _option("--leave-month", action="append", default=[], type=_month, metavar="MAAND", help="vraag deze maand niet opnieuw")),
    ("audit-export", installation.audit_export, "toon het logboek van een tijdvak als FHIR AuditEvent (NEN 7513)",
     _option("--first", type=_day, required=True, metavar="DATUM", help="de eerste dag, zoals 2026-12-01"),
     _option("--last", type=_day, required=True, metavar="DATUM", help="de laatste dag, zoals 2026-12-31")),
    ("clock-right", installation.clock_right, "de klok van deze machine klopt, al sprong die: verstuur wat daarop wachtte"),
    ("move-documents", installation.move_documents, "verplaats de bestanden van de map naar de bucket"),
    ("reseal", installation.reseal, "versleutel alles opnieuw met de nieuwste sleutels; het portaal kan doorwerken"),
    ("reindex", installation.reindex, "leg opnieuw vast met welke woorden alles te vinden is; het portaal kan doorwerken"),
    ("lnr-key", lnr.make_key, "maak een sleutel waarmee een leverancier voor een ziekenhuis aanlevert, en toon die eenmaal",
     _option("--hospital", required=True, metavar="CODE"), _option("--supplier", required=True, metavar="NAAM"),
     _option("--admit", action="store_true", help="laat de leverancier ook toe voor productieberichten")),
    ("lnr-check", lnr.check_files, "beoordeel LNR-berichten met de regels van de server; 1 als er een geweigerd wordt",
     _option("file", nargs="+", metavar="BESTAND"), JSON),
    ("lnr-dataset", lnr.dataset, "schrijf schema, codelijsten en voorbeelden uit de definitie van de LNR",
     _option("--check", action="store_true", help="schrijf niets, zeg alleen of alles bij de tijd is")),
    ("lnr-recompute", lnr.recompute, "leid opnieuw af wat de LNR berekent, na een verandering van een regel",
     _option("--year", type=int, metavar="JAAR", help="alleen dit jaar"),
     _option("--all", action="store_true", help="ook wat al volgens de regels van nu is: herstelt een telling die afwijkt")),
    ("lnr-verify-figures", lnr.verify_figures, "vergelijk de tellingen van de LNR met de berichten; 1 als er iets afwijkt"),
    ("lnr-report", lnr.report, "noem de jaarverslagen van een opnamejaar, of kijk of ze er weer zo uitkomen",
     _option("year", type=int, metavar="JAAR"), _option("--check", action="store_true", help="1 als er een anders uitkomt")),
    ("lnr-fit", lnr_model.fit, "maak een model voor verwachte sterfte uit de LNR, met statsmodels",
     _option("--first", type=int, required=True, metavar="JAAR", help="het eerste opnamejaar"),
     _option("--last", type=int, required=True, metavar="JAAR", help="het laatste opnamejaar"),
     _option("--code", required=True, metavar="CODE", help="naam en versie, zoals sterfte-1"),
     _option("--by", required=True, metavar="NAAM", help="wie het model maakt"),
     _option("--out", required=True, metavar="BESTAND", help="waar het modelbestand komt")),
    ("fill", installation.fill, "vul een lege database met verzonnen gegevens, om te meten",
     _option("--hospitals", type=int, required=True, metavar="N"), _option("--cases", type=int, required=True, metavar="N"),
     _option("--lnr", type=int, default=0, metavar="N", help="opnamen van de LNR")),
)  # fmt: skip


def _parser():
    parser = argparse.ArgumentParser(prog="python app.py", description="mijnPerined: de opdrachten van een installatie.")
    parser.add_argument("--version", action="version", version=VERSION, help="toon de versie")
    add = parser.add_subparsers(title="opdrachten", required=True, metavar="OPDRACHT").add_parser
    for name, command, sentence, *options in COMMANDS:
        one = add(name, help=sentence, description=sentence[0].upper() + sentence[1:] + ".")
        one.set_defaults(command=command)
        for names, more in options:
            one.add_argument(*names, **more)
    return parser
