"""Sealed bytes in a folder and in a bucket: the same promises, whatever happens on the way (faults F-21)."""

import io
import os
import threading
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from obstore.exceptions import PermissionDeniedError

from models.audit.audit_event import AuditEvent
from models.base import Refused
from models.files import storage
from models.files.stores import Unanswered, moving
from models.files.stores import bucket as buckets
from models.files.stores.bucket import Bucket
from models.files.stores.folder import Folder
from models.files.stores.moving import Moved
from settings import settings
from tests.certificates import REFUSED, Authority

BIG = os.urandom(buckets.PART + 5)


@pytest.fixture
def here(monkeypatch):
    """Have the portal keep its files where the test says: `here(s3=…)`."""

    def keep(**changed):
        there = replace(settings, **changed)
        for module in (storage, buckets, moving):
            monkeypatch.setattr(module, "settings", there)
        storage._folder_and_bucket.cache_clear()
        return there

    yield keep
    storage._folder_and_bucket.cache_clear()


@pytest.fixture(params=["folder", "bucket"])
def place(request, here, tmp_path):
    """Each of the two, empty."""
    if request.param == "folder":
        return here(documents_dir=tmp_path / "files")
    store = request.getfixturevalue("object_store")
    return here(documents_dir=tmp_path / "before", s3=store.settings(prefix=tmp_path.name))


def save(content, **more):
    return storage.save(io.BytesIO(content), 1 << 30, **more)


def content_of(kept):
    return b"".join(storage.read(kept.key, kept.sha256))


@pytest.mark.parametrize("content", [b"", b"een letter", BIG], ids=["nothing", "little", "parts"])
def test_what_is_kept_comes_back_whole_and_lies_sealed(place, content):
    kept = save(content, length=len(content))
    assert content_of(kept) == content and storage.exists(kept.key)
    with storage.sealed(kept.key) as file:
        sealed = file.read()
    assert sealed.startswith(b"age-encryption.org/v1") and (not content or content not in sealed)
    assert [key for key, _ in storage.whole()] == [kept.key]
    storage.delete(kept.key)
    storage.delete(kept.key)
    assert not storage.exists(kept.key) and list(storage.keys()) == []
    with pytest.raises(storage.Damaged):
        content_of(kept)


def test_a_sender_who_breaks_off_leaves_nothing(place):
    with pytest.raises(storage.BrokenOff):
        save(b"half", length=5, mark=True)
    with pytest.raises(storage.TooLarge):
        storage.save(io.BytesIO(b"too much"), 3, mark=True)
    assert list(storage.keys()) == []


def test_bytes_without_a_row_are_known_by_their_mark(place):
    kept = save(b"x", mark=True)
    assert storage.marked() == [kept.key]
    storage.settled(kept.key)
    assert storage.marked() == [] and content_of(kept) == b"x"


def test_sealing_anew_makes_another_version_of_the_same(place):
    kept = save(b"x" * 1000)
    ((_, before),) = storage.whole()
    assert storage.reencrypt(kept.key, kept.sha256)
    ((_, after),) = storage.whole()
    assert before != after and content_of(kept) == b"x" * 1000
    assert not storage.reencrypt("0" * 32, kept.sha256)


def test_changed_bytes_are_damaged_not_unreachable(object_store, here, tmp_path):
    here(documents_dir=tmp_path, s3=object_store.settings(prefix=tmp_path.name))
    kept = save(BIG)
    with storage.sealed(kept.key) as file:
        broken = bytearray(file.read())
    broken[-20] ^= 1
    storage._stores()[-1].put(kept.key, lambda sink: sink.write(broken), anew=True)
    with pytest.raises(storage.Damaged):
        content_of(kept)


def test_no_other_bytes_are_ever_written_under_a_key_that_is_taken(object_store):
    bucket = Bucket(object_store.settings(prefix="taken"))
    bucket.put("ab12", lambda sink: sink.write(b"mine"))
    bucket.put("ab12", lambda sink: sink.write(b"mine"))  # the same offer again, as after a lost answer
    with pytest.raises(FileExistsError):
        bucket.put("ab12", lambda sink: sink.write(b"theirs"))
    assert bucket.open("ab12").read() == b"mine"


def test_sealed_anew_without_an_answer_is_not_done(object_store, monkeypatch):
    bucket = Bucket(object_store.settings(prefix="refused"))
    bucket.put("ab12", lambda sink: sink.write(b"old"))

    def refuse(*_):
        raise PermissionDeniedError("no")

    monkeypatch.setattr(bucket, "_offer", refuse)
    with pytest.raises(Unanswered):
        bucket.put("ab12", lambda sink: sink.write(b"new"), anew=True)  # as long as what is there
    assert bucket.open("ab12").read() == b"old"


class Between(BaseHTTPRequestHandler):
    """Between the portal and the store: passes on, and does what `trouble` says. It never tells what it does of a file."""

    def _pass(self):
        trouble = self.server.trouble
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if trouble == "500" or (trouble == "500 once" and not self.server.seen):
            self.server.seen.append(self.command)
            return self._say(503, b"", {})
        if trouble == "hangs":
            self.server.let_go.wait(30)
            return None
        line = HTTPConnection("127.0.0.1", self.server.behind, timeout=20)
        line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            line.putheader(name, value)
        line.endheaders(body)
        answer = line.getresponse()
        content, headers = answer.read(), dict(answer.getheaders())
        line.close()
        self.server.seen.append((self.command, answer.status))
        if trouble == "loses answers" and self.command in ("PUT", "POST"):
            self.server.trouble = None
            return self.connection.close()
        return self._say(answer.status, content, headers)

    def _say(self, status, content, headers):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header(
            "Content-Length", headers.get("Content-Length", len(content)) if self.command == "HEAD" else len(content)
        )
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass

    def log_message(self, *_):
        pass


@pytest.fixture
def between(object_store):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    server.daemon_threads, server.trouble, server.seen = True, None, []
    server.behind, server.let_go = object_store.ports["proxy"], threading.Event()
    server.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.let_go.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ["good", *REFUSED])
def test_a_store_is_asked_only_where_it_can_be_verified(between, object_store, here, tmp_path, kind):
    authority = Authority(tmp_path)
    between.socket = authority.serving(kind).wrap_socket(between.socket, server_side=True)
    endpoint = between.endpoint.replace("http:", "https:")
    s3 = object_store.settings(prefix=tmp_path.name, endpoint=endpoint)
    here(documents_dir=tmp_path / "before", trusted_ca=authority.file, s3=s3)
    if kind == "good":
        assert content_of(save(b"x")) == b"x"
    else:
        with pytest.raises(storage.NoRoom):
            save(b"x")
        assert between.seen == []


@pytest.fixture
def shaky(between, object_store, here, tmp_path, monkeypatch):
    """The portal behind that server; with little patience, so that the test has little to wait for."""
    monkeypatch.setattr(buckets, "PATIENCE", "1s")
    monkeypatch.setattr(buckets, "REST", 0.3)
    here(documents_dir=tmp_path / "before", s3=object_store.settings(prefix=tmp_path.name, endpoint=between.endpoint))
    return between


@pytest.mark.parametrize("content", [b"little", BIG], ids=["little", "parts"])
@pytest.mark.parametrize("trouble", ["500 once", "loses answers"])
def test_a_file_is_kept_once_though_the_store_stumbles(shaky, trouble, content):
    shaky.trouble = trouble
    kept = save(content)
    assert content_of(kept) == content and [key for key, _ in storage.keys()] == [kept.key]


def test_while_the_store_fails_people_are_told_so_and_nothing_is_called_damaged(shaky):
    kept = save(BIG)
    for trouble in ("500", "hangs"):
        shaky.trouble = trouble
        with pytest.raises(storage.NoRoom, match="later opnieuw"):
            save(b"other")
        with pytest.raises(storage.Unreachable, match="Probeer het over een minuut opnieuw"):
            content_of(kept)
        storage.delete(kept.key)  # the nightly round does it later
        shaky.trouble = None
        storage._stores()[-1].resting_until = 0
        assert content_of(kept) == BIG


def test_a_store_that_breaks_off_halfway_damages_nothing(shaky):
    kept = save(BIG)
    blocks = storage.read(kept.key, kept.sha256)
    first = next(blocks)
    shaky.trouble = "500"
    with pytest.raises(storage.Unreachable):
        for block in blocks:
            first += block
    assert BIG.startswith(first) and first != BIG


def test_who_hangs_is_left_alone_for_a_while(shaky, monkeypatch):
    monkeypatch.setattr(buckets, "REST", 60)
    kept = save(b"x")
    shaky.trouble = "hangs"
    with pytest.raises(storage.Unreachable):
        content_of(kept)
    asked = len(shaky.seen)
    shaky.trouble = None
    with pytest.raises(storage.Unreachable):  # at once, and without asking
        content_of(kept)
    assert len(shaky.seen) == asked


@pytest.mark.parametrize("wrong", [{"bucket": "elsewhere"}, {"secret": "guessed"}], ids=["bucket", "key"])
def test_another_bucket_or_key_is_no_reason_to_call_a_file_gone(object_store, here, tmp_path, wrong):
    here(documents_dir=tmp_path, s3=object_store.settings(prefix=tmp_path.name))
    kept = save(b"x")
    here(documents_dir=tmp_path, s3=object_store.settings(prefix=tmp_path.name, **wrong))
    with pytest.raises(storage.Unreachable):
        content_of(kept)
    with pytest.raises(OSError):
        storage.exists(kept.key)
    with pytest.raises(storage.NoRoom):
        save(b"y")


@pytest.fixture
def both(object_store, here, tmp_path):
    """A folder with three files, and the bucket that comes after it."""
    here(documents_dir=tmp_path / "files")
    kept = [save(content) for content in (b"one", b"two", BIG)]
    here(documents_dir=tmp_path / "files", s3=object_store.settings(prefix=tmp_path.name))
    return kept, Folder(tmp_path / "files"), Bucket(object_store.settings(prefix=tmp_path.name))


def test_the_files_of_the_folder_are_read_before_while_and_after_they_move(both):
    kept, folder, _ = both
    new = save(b"new")
    assert [content_of(one) for one in (*kept, new)] == [b"one", b"two", BIG, b"new"]
    assert moving.move() == Moved(3, [])
    assert list(folder.entries()) == []
    assert [content_of(one) for one in (*kept, new)] == [b"one", b"two", BIG, b"new"]
    assert moving.move() == Moved(0, [])
    assert AuditEvent.get(AuditEvent.action == "documents.move").detail == "3 bestanden"


def test_what_is_being_written_stays_until_the_next_time(both):
    _, folder, _ = both
    folder.put("cd34", lambda sink: sink.write(b"x"), mark=True)
    assert moving.move() == Moved(3, ["cd34"])
    folder.settle("cd34")
    assert moving.move() == Moved(1, [])


def test_a_file_that_is_destroyed_or_sealed_anew_while_it_moves_is_not_brought_back(both, monkeypatch):
    (one, two, _), folder, _ = both
    put = Bucket.put

    def meanwhile(self, key, *arguments, **more):
        put(self, key, *arguments, **more)
        if key == one.key:
            folder.remove(key)  # and so in the bucket, before it came there
        if key == two.key:
            storage.reencrypt(two.key, two.sha256)

    monkeypatch.setattr(Bucket, "put", meanwhile)
    assert moving.move().left == [two.key]
    assert not storage.exists(one.key)
    monkeypatch.undo()


def test_a_copy_that_did_not_arrive_whole_leaves_the_file_where_it_is(both, monkeypatch):
    kept, folder, _ = both
    put = Bucket.put
    monkeypatch.setattr(Bucket, "put", lambda self, key, write, **more: put(self, key, lambda sink: sink.write(b"?"), **more))
    assert sorted(moving.move().left) == sorted(one.key for one in kept)
    assert {entry.name for entry in folder.entries()} == {one.key for one in kept}


def test_moving_asks_for_a_bucket():
    with pytest.raises(Refused, match="STORAGE_URL noemt geen bucket"):
        moving.move()
