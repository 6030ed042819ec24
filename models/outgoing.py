"""Outgoing connections: mail, database, queue, scanner, SIEM. The one place that makes TLS contexts (ASVS 12.3.2).

Every connection to another machine is encrypted, and the certificate and the name in it are verified. Who leaves that out for
a machine names it in CLEAR_HOSTS: nobody else is on that line, as in a private network of containers.
"""

import http.client
import ipaddress
import ssl
from collections.abc import Mapping
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from settings import settings

MOST_READ = 64_000  # bytes of an answer
VERIFIED = "verify-full"  # of PostgreSQL: the certificate and the name in it
CLEAR = "{name}: de verbinding met {host} is niet versleuteld of wordt niet gecontroleerd. {way_out}"
OR_NAMED = "Of noem {host} in CLEAR_HOSTS als niemand anders op die lijn zit."


def context() -> ssl.SSLContext:
    """A client's TLS context: certificate and name verified, against the machine's authorities or those of TRUSTED_CA."""
    made = ssl.create_default_context(cafile=str(settings.trusted_ca) if settings.trusted_ca else None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def database_url(url: str) -> str:
    """The address of PostgreSQL, verified where it leads to another machine and does not say how. SQLite's stays as it is."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    if parts.scheme != "postgresql" or not _far_hosts(url) or "sslmode" in asked:
        return url
    authorities = str(settings.trusted_ca) if settings.trusted_ca else "system"
    asked = {"sslmode": VERIFIED, "sslrootcert": authorities} | asked
    return parts._replace(query=urlencode(asked)).geturl()


def redis_url(url: str) -> str:
    """The address of Redis. The client verifies certificate and name of `rediss://` by itself; TRUSTED_CA is added."""
    parts = urlsplit(url)
    if parts.scheme != "rediss" or not settings.trusted_ca:
        return url
    return parts._replace(query=urlencode({"ssl_ca_certs": str(settings.trusted_ca)} | dict(parse_qsl(parts.query)))).geturl()


def ask(url: str, seconds: float, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """GET `url` (https, verified, or http), or POST `body` there: status and first bytes of the answer.

    Follows no redirect; raises OSError.
    """
    parts = urlsplit(url)
    line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=seconds)
    if parts.scheme == "https":
        line = http.client.HTTPSConnection(str(parts.hostname), parts.port, timeout=seconds, context=context())
    try:
        path, named = parts._replace(scheme="", netloc="").geturl() or "/", {"User-Agent": "meldportaal", **(headers or {})}
        line.request("GET" if body is None else "POST", path, body, named)
        answer = line.getresponse()
        return answer.status, answer.read(MOST_READ)
    except http.client.HTTPException as problem:
        raise ConnectionError(f"{type(problem).__name__} van {parts.hostname}") from problem
    finally:
        line.close()


def clear() -> list[str]:
    """A Dutch sentence for every setting by which something leaves this machine unencrypted or unverified."""
    asked = (
        ("SMTP_URL", settings.smtp_url, ("smtp",), "Gebruik smtp+starttls:// of smtps://."),
        ("BOUNCE_URL", settings.bounce_url, ("imap",), "Gebruik imaps:// of imap+starttls://."),
        ("REDIS_URL", settings.redis_url, ("redis",), "Gebruik rediss://."),
        ("WATCHDOG_URL", settings.watchdog_url, ("http",), "Gebruik https://."),
        ("S3_ENDPOINT", settings.s3.endpoint if settings.s3 else "", ("http",), "Gebruik https://."),
        ("CLAMD_URL", settings.clamd_url, ("tcp",), "Gebruik tls:// (clamd achter stunnel of haproxy)."),
    )
    found = [(name, url, way_out) for name, url, schemes, way_out in asked if urlsplit(url).scheme in schemes]
    if settings.redis_url and _weakened(settings.redis_url):
        found.append(("REDIS_URL", settings.redis_url, "Haal ssl_cert_reqs en ssl_check_hostname uit het adres."))
    database = parse_qs(urlsplit(settings.database_url).query)
    if settings.database_url.startswith("postgresql:") and database.get("sslmode", [VERIFIED]) != [VERIFIED]:
        found.append(("DATABASE_URL", settings.database_url, f"Gebruik sslmode={VERIFIED}, of laat sslmode weg."))
    return [
        CLEAR.format(name=name, host=host, way_out=f"{way_out} {OR_NAMED.format(host=host)}")
        for name, url, way_out in found
        for host in _far_hosts(url)
        if host not in settings.clear_hosts
    ]


def _weakened(url):
    return {"ssl_cert_reqs", "ssl_check_hostname"} & parse_qs(urlsplit(url).query).keys()


def _far_hosts(url):
    """The hosts of this address that are not this machine.

    libpq takes several hosts, their numbers beside them (`hostaddr`), and all of that from a file of services, which is
    taken to lead elsewhere.
    """
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    if parts.scheme != "postgresql":
        hosts = [parts.hostname]
    elif service := asked.get("service"):
        return [f"service={service}"]
    else:
        before = (urlsplit(f"//{one}").hostname for one in parts.netloc.rpartition("@")[2].split(","))
        behind = (one.strip("[]").lower() for name in ("host", "hostaddr") for one in asked.get(name, "").split(","))
        hosts = [*behind, *(() if asked.get("host") else before)]
    return list(dict.fromkeys(host for host in hosts if not _is_near(host)))


def _is_near(host):
    """Whether this host is this machine: by loopback, by a socket of the file system, or because none is named."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
