"""The hospitals and the people of the demonstration, and how their accounts are reviewed. None of them exists."""

from datetime import timedelta

from models import clock
from models.access import Process, Role
from models.accounts.hospital import Hospital
from models.accounts.user import User
from models.base import db
from models.staff.account_review import AccountReview, ReviewedAccount, confirm, stop_per

HOME = "oosterwold"  # where most of the demonstration's accounts work
SILENT = "zilverberg"  # which did not look through its accounts
NICU = "noorderdiep"  # which delivers to the LNR, under the number of the example messages

HOSPITALS = {  # code: (name, telephone)
    HOME: ("Ziekenhuis Oosterwold", "085 000 0101"),
    "noorderdiep": ("UMC Noorderdiep", "085 000 0102"),
    "delinde": ("Medisch Centrum De Linde", "085 000 0103"),
    "brigida": ("St. Brigida Ziekenhuis", "085 000 0104"),
    "hetveen": ("Streekziekenhuis Het Veen", "085 000 0105"),
    "rivierenhof": ("Ziekenhuis Rivierenhof", "085 000 0106"),
    "duinrand": ("Duinrand Ziekenhuis", "085 000 0107"),
    "zilverberg": ("Zilverberg Medisch Centrum", "085 000 0108"),
}

LOCAL = (  # address, name, hospital, roles
    ("melder", "Marieke de Vries", HOME, Role.MELDER),
    ("invoerder", "Joost Bakker", HOME, Role.INVOERDER),
    ("lza1-melder", "Hanna Visser", HOME, Role.LZA1_MELDER),
    ("k.smit", "Karin Smit", HOME, Role.MELDER, Role.INVOERDER),
    ("p.jansen", "Pieter Jansen", HOME, Role.MELDER),
    ("y.aydin", "Yasmin Aydin", "noorderdiep", Role.MELDER),
    ("b.hofstra", "Bauke Hofstra", "noorderdiep", Role.MELDER),
    ("m.postma", "Mirjam Postma", "noorderdiep", Role.INVOERDER),
    ("l.dekker", "Lotte Dekker", "delinde", Role.MELDER),
    ("f.peters", "Frank Peters", "delinde", Role.INVOERDER),
    ("s.willems", "Saskia Willems", "brigida", Role.MELDER),
    ("o.yilmaz", "Orhan Yilmaz", "brigida", Role.LZA1_MELDER),
    ("g.vanderveen", "Geertje van der Veen", "hetveen", Role.MELDER),
    ("t.brouwer", "Tom Brouwer", "rivierenhof", Role.MELDER),
    ("a.jacobs", "Annemiek Jacobs", "rivierenhof", Role.MELDER, Role.INVOERDER),
    ("d.vandijk", "Daan van Dijk", "duinrand", Role.MELDER),
    ("c.leclercq", "Chantal Leclercq", "zilverberg", Role.MELDER),
    ("r.maas", "Roel Maas", "zilverberg", Role.INVOERDER),
)

NATIONAL = (  # address, name, role, committee
    ("coordinator", "Elske van Dam", Role.COORDINATOR, None),
    ("lza1-coordinator", "Thijs Verhoeven", Role.LZA1_COORDINATOR, None),
    ("commissielid", "Nadia El Amrani", Role.COMMISSIELID, Process.NETHOSS),
    ("m.hoekstra", "Maarten Hoekstra", Role.COMMISSIELID, Process.NETHOSS),
    ("e.bos", "Evelien Bos", Role.COMMISSIELID, Process.NETHOSS),
    ("s.haddad", "Samir Haddad", Role.COMMISSIELID, Process.NETHOSS),
    ("commissielid-lza1", "Ruben Kuiper", Role.COMMISSIELID, Process.LZA1),
    ("lnr-beheer", "Wouter de Graaf", Role.LNR_BEHEER, None),
    ("i.molenaar", "Inge Molenaar", Role.LNR_BEHEER, None),
    ("beheerder", "Sanne Mulder", Role.BEHEERDER, None),
)

# A former colleague, whose open cases all melders of the hospital are reminded of.
LEAVER = "p.jansen"


def assemble(password, since):
    """Make them all, with this password (hashed), employed from the moment `since`; returns {address before the @: User}."""
    with db.atomic():
        places = {
            code: Hospital.create(
                code=code,
                name=name,
                phone=phone,
                created_at=since,
                perined=f"{9000 + number}",
                mail_on_approval=number == 1,
                agb="06990001" if code == NICU else None,
                nicu=code == NICU,
                mail_domains=f"{code}.example",
            )
            for number, (code, (name, phone)) in enumerate(HOSPITALS.items(), 1)
        }
        cast = {short: _join(short, name, roles, password, since, places[code]) for short, name, code, *roles in LOCAL}
        for short, name, role, committee in NATIONAL:
            cast[short] = _join(short, name, [role], password, since, committee=committee)
        _join("lnr-contact", "Femke Tuinstra", [Role.LNR_CONTACT], password, since, places[NICU])
    # With their roles at hand: everything that happens asks for them.
    return {short: User.of_session(user.fs_uniquifier) for short, user in cast.items()}


def _join(short, name, roles, password, since, hospital=None, committee=None):
    return User.enrol(
        f"{short}@example.com", name, roles, hospital, committee, password=password, created_at=since, invited_at=since
    )


def plan_reviews(agenda, cast, now):
    """Last winter everybody looked but one; the hospital of the newcomer has a manager, and a review that is going on."""
    for hospital in Hospital.select().where(Hospital.code != HOME).order_by(Hospital.id):
        agenda.put(now - timedelta(days=60 if hospital.code == SILENT else 200), _review, hospital, cast)
    agenda.put(now - timedelta(days=200), _review, None, cast)
    agenda.put(now - timedelta(days=30), cast["melder"].appoint, cast["beheerder"])
    agenda.put(now - timedelta(days=9), _begin, cast)


def _review(hospital, cast, now):
    review = AccountReview.begin(hospital, now)
    if review and getattr(hospital, "code", "") != SILENT:
        by = User.stewards_of(hospital)[0] if hospital else cast["beheerder"]
        for row in ReviewedAccount.select().where(ReviewedAccount.review == review).order_by(ReviewedAccount.id):
            confirm(row.account, by, now)


def _begin(cast, now):
    AccountReview.begin(cast["melder"].hospital, now)
    confirm(cast["k.smit"], cast["melder"], now)
    stop_per(cast["invoerder"], cast["melder"], clock.today(now) + timedelta(days=34), now)
