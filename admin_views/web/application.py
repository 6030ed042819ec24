"""The web application, put together."""

from flask import Flask
from flask_admin import Admin
from flask_admin import babel as admin_babel
from flask_admin.theme import Bootstrap4Theme
from flask_babel import Babel, Domain
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from admin_views import register
from admin_views.accounts import login
from admin_views.lnr.api import delivery_api
from admin_views.upload_links import colleague_pages
from admin_views.web import error_pages, health, request_frame, security_txt
from admin_views.web.incoming import Incoming
from admin_views.web.start_page import StartView
from models import base, dutch
from settings import ROOT, settings

MEGABYTE = 1_000_000
LOOPBACK = ["localhost", "127.0.0.1"]


def create_app():
    """The portal as a WSGI application, bound to the database that the settings name."""
    base.connect(settings.database_url)
    app = Flask(__name__, root_path=str(ROOT))
    app.request_class = Incoming
    app.config.update(_configuration())
    app.jinja_env.filters.update(dutch.FILTERS)
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, **dict.fromkeys(("x_for", "x_proto", "x_host"), settings.proxy_hops))
    # The order is the order at every request: connection first, then form keys, then who is asking.
    request_frame.install(app)
    error_pages.install(app)
    security_txt.install(app)
    health.install(app)
    CSRFProtect(app)
    delivery_api.install(app)
    colleague_pages.install(app)
    _speak_dutch(app)
    login.install(app)
    register(_admin(app))
    return app


def _configuration():
    newest, *older = settings.secret_keys
    return {
        "SECRET_KEY": newest,
        "SECRET_KEY_FALLBACKS": older,
        "TRUSTED_HOSTS": [settings.host, *(LOOPBACK if settings.demo else [])],
        # Uploads raise their own limit, in their own view.
        "MAX_CONTENT_LENGTH": 4 * MEGABYTE,
        "SESSION_COOKIE_NAME": "__Host-portaal" if settings.https else "portaal",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # As long as the session: whoever fills in a form for an hour must not lose it.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _speak_dutch(app):
    Babel(app, default_locale="nl", default_timezone=str(settings.timezone))
    # Flask-Admin merges its own catalogue last, so that `translations_path` corrects nothing; here ours comes last.
    ours = str(ROOT / "translations" / "flask_admin")
    theirs = Domain.translation_directories.fget
    admin_babel.CustomDomain.translation_directories = property(lambda domain: [*theirs(domain), ours])


def _admin(app):
    return Admin(
        app,
        name="mijnPerined",
        url="/",
        index_view=StartView(name="Start", url="/"),
        theme=Bootstrap4Theme(base_template="layout.html", swatch="default"),
        csp_nonce_generator=request_frame.nonce,
    )
