"""The coordinator's list of all cases beside Django's own admin over the same rows, page by page in turns, in one process.

Django admin is the peer because a stranger would have built this with it. It stands here at its kindest: related rows by one
join, no count of files, no rights but the process, no trail of what was seen; its own count of all rows stays on, as delivered.
The portal never imports it.
"""

import os
from pathlib import Path

import django
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import models
from django.test import Client, override_settings
from django.urls import path

from app import create_app
from models.accounts.user import User
from models.base import db
from models.cases.case import Case
from models.cases.status import STATUS_LABELS
from models.cases.theme import Theme
from models.dutch import number
from tests.bench.measure import logged_in, percentile, table, timed

TIMES = 25
FOLDER = Path(os.environ["DATA_DIR"])

django_settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["testserver"],
    ROOT_URLCONF=__name__,
    USE_TZ=False,
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(FOLDER / "peer.db")},
        "portal": {
            "ENGINE": "django.db.backends.sqlite3", "NAME": f"file:{FOLDER / 'portal.db'}?mode=ro", "OPTIONS": {"uri": True},
        },
    },
    DATABASE_ROUTERS=[f"{__name__}.Rows"],
    INSTALLED_APPS=[
        "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
        "django.contrib.messages",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ]},
    }],
)  # fmt: skip
django.setup()

from django.contrib import admin  # noqa: E402  Django wants its settings first
from django.contrib.auth.models import User as DjangoUser  # noqa: E402


class Rows:
    """The portal's rows come from the portal's database; sessions and accounts of Django from its own."""

    def db_for_read(self, model, **hints):
        """Which database `model` is read from."""
        return None if model._meta.managed else "portal"

    def allow_migrate(self, alias, app_label, **hints):
        """Nothing is ever made in the portal's database."""
        return alias == "default"


def _of(table_name, **fields):
    meta = type("Meta", (), {"app_label": "auth", "managed": False, "db_table": table_name})
    texts = {"__module__": __name__, "Meta": meta, "__str__": lambda row: getattr(row, "name", None) or row.number}
    return type(f"Peer{table_name.title()}", (models.Model,), texts | fields)


def _link(model):
    return models.ForeignKey(model, models.DO_NOTHING, db_index=False)


PeerHospital = _of("hospital", name=models.CharField(max_length=120))
PeerTheme = _of("theme", name=models.CharField(max_length=80))
PeerUser = _of("user", name=models.CharField(max_length=120))
PeerCase = _of(
    "case", number=models.CharField(max_length=12), hospital=_link(PeerHospital), theme=_link(PeerTheme),
    reporter=_link(PeerUser), process=models.CharField(max_length=10), month=models.CharField(max_length=7),
    status=models.CharField(max_length=12, choices=list(STATUS_LABELS.items())), status_since=models.DateTimeField(),
    created_at=models.DateTimeField(),
)  # fmt: skip


class PeerAdmin(admin.ModelAdmin):
    """The same columns, filters, order and page size as our list."""

    list_display = ("number", "hospital", "theme", "status", "status_since", "month", "reporter", "created_at")
    list_select_related = ("hospital", "theme", "reporter")
    list_filter = ("status", "theme")
    search_fields = ("number", "hospital__name")
    ordering = ("-created_at",)
    list_per_page = 25

    def get_queryset(self, request):
        """The cases of one process, as the coordinator has them."""
        return super().get_queryset(request).filter(process="nethoss")


admin.site.register(PeerCase, PeerAdmin)
urlpatterns = [path("admin/", admin.site.urls)]
PEER = "/admin/auth/peercase/"


def main() -> None:
    """One table: medians of both, and ours as a part of Django's."""
    app = create_app()
    with db.connection_context():
        theme = Theme.get(Theme.process == "nethoss")
        rows = Case.select().where(Case.process == "nethoss")
        word, size = rows.order_by(Case.id).first().number, rows.count()
        coordinator = User.by_email("coordinator@example.com")
    ours = logged_in(app, coordinator)
    call_command("migrate", verbosity=0, interactive=False)
    theirs = Client()
    theirs.force_login(
        DjangoUser.objects.filter(username="bench").first() or DjangoUser.objects.create_superuser("bench", password="bench")
    )
    pages = (
        ("list", "/alle-meldingen/", PEER),
        ("filter on status", "/alle-meldingen/?flt0_status_is=goedgekeurd", f"{PEER}?status__exact=goedgekeurd"),
        ("filter on theme", f"/alle-meldingen/?flt0_thema_is={theme.id}", f"{PEER}?theme__id__exact={theme.id}"),
        ("search, one hit", f"/alle-meldingen/?search={word}", f"{PEER}?q={word}"),
        ("search, no hit", "/alle-meldingen/?search=bestaat-niet", f"{PEER}?q=bestaat-niet"),
        ("last page", "/alle-meldingen/?eind=1", f"{PEER}?p={size // 25}"),
    )
    with override_settings(DEBUG=False):
        table(
            f"Beside Django admin {django.get_version()}, {number(size)} cases",
            ("page", "ours ms", "Django ms", "ours / Django"),
            [(title, *_beside(ours, mine, theirs, other)) for title, mine, other in pages],
        )


def _beside(ours, mine, theirs, other):
    took = [], []
    for turn in range(TIMES + 2):  # the first two fill caches
        for client, address, into in ((ours, mine, took[0]), (theirs, other, took[1])):
            with timed([] if turn < 2 else into):
                answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)
    medians = [1000 * percentile(part, 0.5) for part in took]
    return f"{medians[0]:.1f}", f"{medians[1]:.1f}", f"{medians[0] / medians[1]:.2f}"


if __name__ == "__main__":
    main()
