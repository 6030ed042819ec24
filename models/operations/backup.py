"""A copy of everything that is kept but the keys, made while the portal serves; and an empty installation filled from it."""

import hashlib
import io
import json
import os
import re
import secrets
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from models import clock
from models.audit import checkpoint
from models.base import Refused, db
from models.encrypted_fields import CannotDecrypt, SealedField
from models.files import storage
from models.files.stores import Unanswered
from models.files.stores.folder import sync
from models.long_work import how_far
from models.operations import database_dump, schema
from models.operations.backup_run import HERE, BackupRun
from models.operations.keys.key_fingerprint import of_text
from settings import settings

MANIFEST, DATABASE, CHECKPOINTS, DOCUMENTS = "manifest.json", "database.age", "trail-checkpoints.txt", "documents"
IN_CLEAR = "database"  # what the dump was called before 2026-12, when it was not sealed
KEYS = (
    ("secret_keys", "SECRET_KEYS", "voor patiëntnummers, berichten en links"),
    ("age_identity", "AGE_IDENTITIES", "voor de bestanden"),
    ("pseudonym_key", "PSEUDONYM_KEY", "voor de pseudoniemen van de LNR"),
)
BLOCK = 1 << 20
# Nothing else is taken from a manifest, so that a forged one cannot write outside its folder.
OURS = re.compile(rf"{re.escape(DATABASE)}|{IN_CLEAR}|{re.escape(CHECKPOINTS)}|{DOCUMENTS}/[0-9a-f]{{2}}/[0-9a-f]{{32}}")


def make(folder: Path) -> dict[str, Any]:
    """Copy database and encrypted documents to `folder`, which may not hold anything yet; returns the manifest.

    Whole and durable when this returns; when it raises, `folder` is as it was. The keys are not in it. A document that did not
    change since the newest copy beside `folder` is that copy's file too (a hard link), and takes neither time nor room.
    """
    folder = Path(folder).absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is niet leeg. Noem een map die er nog niet is.")
    schema.demand_this_version()
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    half.mkdir(mode=0o700)
    try:
        manifest = _fill(half, newest_in(folder.parent))
        half.rename(folder)
        sync(folder.parent)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    BackupRun.create(made_at=clock.now(), folder=str(folder), host=HERE)
    return manifest


def copies_in(parent: Path) -> dict[Path, dict[str, Any]]:
    """{folder: manifest} of the whole copies that lie in `parent`."""
    found = {}
    for path in parent.glob(f"[!.]*/{MANIFEST}"):
        try:
            manifest = json.loads(path.read_bytes())
            moment(manifest)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        found[path.parent] = manifest
    return found


def moment(manifest: dict[str, Any]) -> datetime:
    """When a copy was made (UTC)."""
    return datetime.fromisoformat(manifest["at"].removesuffix("Z"))


def since(manifest: dict[str, Any]) -> datetime:
    """From when on a change may not be in a copy (UTC): its database was read after this. An old copy tells only its end."""
    return datetime.fromisoformat(manifest.get("began", manifest["at"]).removesuffix("Z"))


def newest_in(parent: Path) -> tuple[Path, dict[str, Any]] | None:
    """(folder, manifest) of the newest copy in `parent`."""
    return max(copies_in(parent).items(), key=lambda pair: moment(pair[1]), default=None)


def _fill(half, before):
    files, sources, began = {}, {}, _now()
    # First what the trail must bear out, then the rows, then the bytes of which they speak: each comes into being in
    # the other order, so nothing can be missing.
    if lines := list(checkpoint.lines()):
        files[CHECKPOINTS] = _copied(io.BytesIO("".join(f"{line}\n" for line in lines).encode()), half / CHECKPOINTS)
    _private(half / DATABASE).close()
    database_dump.save(half / DATABASE)
    files[DATABASE] = _digest(half / DATABASE)
    # By itself: parents that are made along the way are open to others.
    (half / DOCUMENTS).mkdir(mode=0o700)
    for key, version in how_far.told("Bestanden gekopieerd", storage.whole()):
        name = f"{DOCUMENTS}/{key[:2]}/{key}"
        try:
            sources[name] = version
            files[name] = _linked(name, version, half, before) or _copied(storage.sealed(key), half / name)
        except FileNotFoundError:
            # Destroyed for good a moment ago, as the nightly round does; `verify` names it after a restore.
            continue
    manifest = {
        "began": began,
        "at": _now(),
        "database": database_dump.kind(),
        "step": schema.newest(),
        "identities": storage.recipients(),
        "keys": of_text(),
        "sealed": SealedField().db_value(schema.newest()),
        "files": files,
        "sources": {name: seen for name, seen in sources.items() if name in files},
    }
    with _private(half / MANIFEST) as sink:
        sink.write(json.dumps(manifest, indent=1).encode())
        _settle(sink)
    sync(half)
    return manifest


def _now():
    return clock.now().isoformat(timespec="seconds") + "Z"


def restore(folder: Path, with_documents: bool = True) -> Any:
    """Fill this installation, which must be empty, with the copy in `folder`; returns its manifest.

    `with_documents=False` leaves the documents where they are: a rehearsal reads them in the copy itself. Until `settle` no
    command works here: a restored database that nothing holds yet would send again what left after the copy was made.
    Raises Refused, changing nothing, when the copy is damaged, a key is missing or something is already kept here.
    """
    folder = Path(folder).absolute()
    manifest = _manifest(folder)
    _demand_empty(with_documents, folder / CHECKPOINTS if CHECKPOINTS in manifest["files"] else None)
    _demand_keys(manifest)
    _demand_whole(folder, manifest["files"])
    _unsettled().touch(mode=0o600)
    try:
        for name in how_far.told("Bestanden teruggezet", manifest["files"]):
            if with_documents and name.startswith(DOCUMENTS):
                with (folder / name).open("rb") as file:
                    storage.put_back(Path(name).name, file)
        if CHECKPOINTS in manifest["files"]:
            checkpoint.add((folder / CHECKPOINTS).read_text().splitlines())
        if DATABASE in manifest["files"]:
            database_dump.load(folder / DATABASE)
        else:
            database_dump.load(folder / IN_CLEAR, sealed=False)
    except BaseException:
        for key in {Path(name).name for name in manifest["files"] if with_documents and name.startswith(DOCUMENTS)}:
            storage.delete(key)
        settle()
        with suppress(Unanswered):  # a retention lock keeps them; the same copy can be put back over them
            checkpoint.forget()
        raise
    return manifest


def settle() -> None:
    """What was restored is held now: commands may work here again."""
    _unsettled().unlink(missing_ok=True)


def demand_settled() -> None:
    """Raise Refused when a restore was broken off half-way."""
    if _unsettled().exists():
        raise Refused(
            f"Hier is een reservekopie maar half teruggezet. Maak de database en {settings.data_dir} leeg, op de sleutels na, "
            "en zet de kopie opnieuw terug."
        )


def _unsettled():
    return settings.data_dir / "restoring"


def _manifest(folder):
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        files, step, kind = manifest["files"], manifest["step"], manifest["database"]
        if not all(OURS.fullmatch(name) for name in files) or not {DATABASE, IN_CLEAR} & set(files):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise Refused(f"{folder} is geen hele reservekopie: {MANIFEST} ontbreekt of is beschadigd.") from None
    if kind != database_dump.kind():
        raise Refused(f"Dit is een kopie van {kind}, en DATABASE_URL noemt {database_dump.kind()}. Kies dezelfde soort.")
    if not schema.knows(step):
        raise Refused("De reservekopie is van een nieuwere versie van het portaal. Gebruik die versie.")
    return manifest


def _demand_empty(with_documents, checkpoints):
    theirs = checkpoints.read_text().splitlines() if checkpoints and checkpoints.exists() else ()
    kept = [
        what
        for what, there in (
            ("de database", db.get_tables()),
            (storage.where(), with_documents and any(storage.keys())),
            ("controlepunten van het logboek", set(checkpoint.lines()) - set(theirs)),
        )
        if there
    ]
    if kept:
        raise Refused(f"Hier staat al iets: {', '.join(map(str, kept))}. Zet een kopie terug in een lege installatie.")


def _demand_keys(manifest):
    """Refuse when a key of then is not here. A copy of before the fingerprints asks for every kind of key."""
    absent, here, of_then = settings.missing_keys(), of_text(), manifest.get("keys")
    if of_then is None:
        missing = absent
    else:
        missing = [
            f"{name} ({'is er niet' if name in absent else 'er staan andere'}; nodig: {', '.join(prints)})"
            for name, prints in of_then.items()
            if not set(prints) <= set(here.get(name, ()))
        ] + [name for name in absent if name == "age_identity"]
    if not missing and not set(manifest["identities"]) <= set(storage.recipients()):
        missing = [f"age_identity (van {', '.join(manifest['identities'])})"]
    if not missing:
        try:
            SealedField().python_value(manifest["sealed"])
        except CannotDecrypt:
            missing = ["secret_keys (er staan andere dan bij deze kopie horen)"]
    if missing:
        raise Refused(f"Zet eerst de sleutels terug in {settings.data_dir / 'keys'}: {', '.join(missing)}.")


def _demand_whole(folder, files):
    for name, digest in how_far.told("Bestanden van de kopie gecontroleerd", files.items()):
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise Refused(f"De reservekopie is beschadigd: {name} ontbreekt of is veranderd. Er is niets teruggezet.")


def _linked(name, seen, half, before):
    """The hash of a file of the copy before, which is in this one too now; None when it is another, or cannot be linked."""
    folder, manifest = before or (None, {})
    digest = manifest.get("files", {}).get(name)
    if not digest or manifest.get("sources", {}).get(name) != seen:
        return None
    (half / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.link(folder / name, half / name)
    except OSError:  # another disk, or one that knows no links
        return None
    sync((half / name).parent)
    return digest


def _copied(source, target):
    """Write down what an open file holds, durably, and close it; returns its SHA-256."""
    digest = hashlib.sha256()
    with source as file:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _private(target) as sink:
            while block := file.read(BLOCK):
                digest.update(block)
                sink.write(block)
            _settle(sink)
    sync(target.parent)
    return digest.hexdigest()


def _digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _private(path):
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _settle(sink):
    sink.flush()
    os.fsync(sink.fileno())
