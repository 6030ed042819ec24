"""Certificates of a made-up authority: good ones, and every kind that a client has to refuse."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

REFUSED = ("wrong name", "expired", "self-signed", "strange authority")
DAY = timedelta(days=1)


class Authority:
    """Signs for 127.0.0.1 and localhost; `file` is what a client trusts, `serving(kind)` a server's context."""

    def __init__(self, folder):
        self.folder = folder
        self.key, self.certificate = _made("Gezag van de proef", None, None, ca=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def files(self, kind="good"):
        """(certificate, key) as files: a good one, or one that is wrong in the way that `kind` says."""
        names = ["elders.example"] if kind == "wrong name" else ["localhost", "127.0.0.1"]
        end = -DAY if kind == "expired" else DAY
        signer = {"self-signed": (None, None), "strange authority": _made("Vreemd gezag", None, None, ca=True)}
        key, certificate = _made("server", *signer.get(kind, (self.key, self.certificate)), names=names, end=end)
        stem = self.folder / kind.replace(" ", "-")
        stem.with_suffix(".crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        stem.with_suffix(".key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
        stem.with_suffix(".key").chmod(0o600)
        return stem.with_suffix(".crt"), stem.with_suffix(".key")

    def serving(self, kind="good"):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*self.files(kind))
        return made


def _made(name, signing_key, signer, ca=False, names=(), end=DAY):
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    said = x509.CertificateBuilder().subject_name(subject).issuer_name(signer.subject if signer else subject)
    said = said.public_key(key.public_key()).serial_number(x509.random_serial_number())
    said = said.not_valid_before(now - 9 * DAY).not_valid_after(now + end)
    said = said.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if ca:
        usage = dict.fromkeys(("digital_signature", "key_cert_sign", "crl_sign"), True)
        rest = (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        )
        said = said.add_extension(x509.KeyUsage(**usage, **dict.fromkeys(rest, False)), critical=True)
    if names:
        said = said.add_extension(x509.SubjectAlternativeName([_named(one) for one in names]), critical=False)
    issuer_key = (signing_key or key).public_key()
    said = said.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    said = said.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    return key, said.sign(signing_key or key, hashes.SHA256())


def _named(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
