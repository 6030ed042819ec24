"""/.well-known/security.txt: where somebody who found a hole can tell it (RFC 9116)."""

from datetime import timedelta

from flask import Response

from models import clock
from settings import settings

# The norm wants a date less than a year away: this moves on with every request, because the address is kept up with the mail.
HOLDS = timedelta(days=180)


def install(app):
    app.add_url_rule("/.well-known/security.txt", "security_txt", _security_txt)


def _security_txt():
    expires = (clock.now() + HOLDS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: mailto:security@{settings.mail_from.rpartition('@')[2].rstrip('>')}",
        f"Expires: {expires.isoformat()}Z",
        "Preferred-Languages: nl, en",
        f"Canonical: {settings.portal_url}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
