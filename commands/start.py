"""The commands that start the portal."""

import os
import sys
from urllib.parse import urlsplit

from admin_views.accounts import login
from admin_views.accounts.demo_accounts import accounts
from admin_views.web.application import create_app
from commands import installation, processes
from commands.demo import story
from models import outgoing
from models.accounts.contact_point import Contact, ContactPoint
from models.base import Refused, let_go
from models.mail.outgoing_hold import OutgoingHold
from models.operations import backup
from models.operations.health import system_check
from settings import settings


def run(chosen):
    """Web and worker as a demonstration, filled with fictitious data when the database is empty."""
    port = chosen.port or _port()
    if not settings.demo:
        # Settings are read once, at the start: begin again as a demonstration.
        os.environ["DEMO"] = "on"
        os.environ.setdefault("SECOND_FACTOR", "optional")
        os.environ.setdefault("PORTAL_URL", f"http://localhost:{port}")
        os.execv(sys.executable, [sys.executable, *sys.argv])
    processes.check_port(chosen.host, port)
    _demand_queue()
    installation.migrate(chosen)
    if story.is_needed():
        print("Demonstratiegegevens maken …", flush=True)
        with create_app().app_context():
            story.tell(login.hash_password)
    return _together(chosen.host, port, workers=1)


def serve(chosen):
    """Web and worker on one machine, with real data."""
    port = chosen.port or _port()
    if settings.demo:
        raise Refused("serve is voor echte gegevens: haal DEMO weg, of gebruik run voor een demonstratie.")
    backup.demand_settled()
    _demand_closed_lines()
    processes.check_port(chosen.host, port)
    _demand_queue()
    installation.migrate(chosen)
    _demand_real_accounts()
    return _together(chosen.host, port, chosen.workers)


def web(chosen):
    """The web application alone."""
    port = chosen.port or _port()
    _demand_ready()
    processes.check_port(chosen.host, port)
    _warn()
    processes.become(processes.web_command(chosen.host, port, chosen.workers))


def worker(chosen):
    """The worker alone; one is enough for an installation."""
    _demand_ready()
    _warn()
    processes.become(processes.worker_command())


def _together(host, port, workers):
    lines = ["", f"mijnPerined draait op {settings.portal_url}", "", *_remarks(), "", "Stoppen: Ctrl-C"]
    said = "\n".join(f"  {line}".rstrip() for line in lines)
    let_go()
    processes.become_parent([processes.web_command(host, port, workers), processes.worker_command()], port, said)


def _warn():
    for line in _remarks():
        print(f"  {line}", flush=True)


def _remarks():
    """In what this installation is less strict than it could be, or who is in a demonstration."""
    return _who_to_be() if settings.demo else _what_is_loose()


def _who_to_be():
    yield f"Log in als een van deze mensen, met het wachtwoord {accounts()[0].password}"
    for account in accounts():
        yield f"  {account.email:<36}{account.label:<40}{account.hint}"
    yield f"Hun mail staat op {settings.portal_url}/postvak"
    yield ""
    yield "LET OP, een demonstratie is losser beveiligd dan het echte portaal; zet er geen echte gegevens in:"
    yield "  iedereen heeft hetzelfde bekende wachtwoord, en alle mail is zonder inloggen te lezen in het postvak;"
    if settings.second_factor == "optional":
        yield "  de tweede stap bij het inloggen is niet verplicht (verplicht met SECOND_FACTOR=required);"
    if not settings.https:
        yield "  alles gaat onversleuteld over het netwerk, en cookies zijn niet aan https gebonden."


def _what_is_loose():
    """What an operator should know is less strict than it could be."""
    if not settings.https:
        yield "LET OP: PORTAL_URL begint niet met https, dus alles gaat leesbaar over het netwerk."
    elif not settings.proxy_hops:
        yield (
            "LET OP: PORTAL_URL begint met https en PROXY_HOPS is 0. Staat er een proxy voor, zet dan PROXY_HOPS=1: nu heeft "
            "iedereen het adres van de proxy, ook voor het logboek en de bescherming tegen raden."
        )
    if settings.second_factor == "optional":
        yield "LET OP: SECOND_FACTOR=optional, dus inloggen kan met alleen een wachtwoord."
    if OutgoingHold.standing():
        yield "LET OP: na het terugzetten gaat er niets naar buiten, tot: python app.py release"
    if settings.clear_hosts:
        yield f"LET OP: CLEAR_HOSTS laat leesbaar verkeer toe met {', '.join(sorted(settings.clear_hosts))}."
    if ContactPoint.of() == Contact():
        yield "LET OP: nergens staat hoe mensen Perined bereiken. Vul het in: Beheer, Contact."
    for ask in (system_check.mail_server, system_check.scanner):
        try:
            ask()
        except system_check.Amiss as problem:
            yield f"LET OP: {problem} Zolang wacht wat daarlangs moet."
    if not settings.smtp_url:
        yield f"LET OP: SMTP_URL is leeg, dus mail wordt niet verstuurd maar bewaard in {settings.data_dir / 'mail'}."
    if not settings.clamd_url:
        yield "LET OP: CLAMD_URL is leeg, dus bestanden worden niet op virussen gecontroleerd."


def _port():
    parts = urlsplit(settings.portal_url)
    return parts.port or 5000


def _demand_ready():
    if not settings.demo:
        _demand_closed_lines()
        _demand_real_accounts()
    _demand_queue()


def _demand_queue():
    """Raise Refused when the queue does not answer: a worker would wait for it for ever, and say so to nobody."""
    try:
        system_check.queue()
    except system_check.Amiss as problem:
        raise Refused(f"{problem} Start die server, of verbeter REDIS_URL.") from None


def _demand_closed_lines():
    if open_lines := outgoing.clear():
        raise Refused("\n".join(open_lines))


def _demand_real_accounts():
    if story.is_told():
        raise Refused(
            "Deze database bevat demonstratie-accounts met een bekend wachtwoord. Gebruik een andere DATA_DIR of DATABASE_URL."
        )
