"""An object store of its own: OpenStack Swift, which speaks S3, on one disk; thrown away afterwards.

A kept store, and not a likeness of one: conditional puts, parts, ranges and signatures are what they are in the field.
"""

import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from settings import S3
from tests import wait

PROGRAMS = Path(sys.executable).parent
KEPT = ("account", "container", "object")
SERVER = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {place}
devices = {place}/disks
mount_check = false
workers = 0
log_level = WARNING
log_address = /nowhere
{rest}"""
ITS_OWN = "[pipeline:main]\npipeline = {name}-server\n[app:{name}-server]\nuse = egg:swift#{name}\n"
PROXY = """[pipeline:main]
pipeline = catch_errors cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
error_suppression_interval = 0
[filter:cache]
use = egg:swift#memcache
[filter:tempauth]
use = egg:swift#tempauth
user_test_portal = {secret} .admin
[filter:s3api]
use = egg:swift#s3api
[filter:slo]
use = egg:swift#slo
[filter:catch_errors]
use = egg:swift#catch_errors
"""
RINGS = """
import json, sys
from swift.common.ring import RingBuilder
place, ports = sys.argv[1], json.loads(sys.argv[2])
for name in ("account", "container", "object"):
    ring = RingBuilder(4, 1, 0)
    here = {"ip": "127.0.0.1", "port": ports[name], "replication_ip": "127.0.0.1", "replication_port": ports[name]}
    ring.add_dev(here | {"region": 1, "zone": 1, "device": "one", "weight": 1, "meta": ""})
    ring.rebalance()
    ring.get_ring().save(f"{place}/{name}.ring.gz")
"""
SECRET = "not-a-secret"


class ObjectStore:
    """Four servers on free loopback ports, and the bucket `portal`.

    The proxy would leave a server alone for a minute that did not answer ten times, as none of them does while it starts.
    """

    def start(self):
        self.place = Path(tempfile.mkdtemp(prefix="meldportaal-swift-"))
        (self.place / "disks" / "one").mkdir(parents=True)
        (self.place / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = one\nswift_hash_path_prefix = two\n")
        self.ports = {name: _free() for name in (*KEPT, "proxy")}
        self.endpoint = f"http://127.0.0.1:{self.ports['proxy']}"
        self._rings()
        self.servers = [self._serve(name) for name in self.ports]
        wait.until(self._made_bucket, 60)
        return self

    def crash(self, name):
        """One of the four dies without a word to anybody, and comes back."""
        number = list(self.ports).index(name)
        self.servers[number].kill()
        self.servers[number].wait()
        self.servers[number] = self._serve(name)

    def stop(self):
        for server in self.servers:
            server.kill()
            server.wait()
        shutil.rmtree(self.place, ignore_errors=True)

    def settings(self, prefix="", endpoint=None, secret=SECRET, bucket="portal"):
        """How the portal would be told of it."""
        return S3(bucket, prefix, endpoint or self.endpoint, "us-east-1", "test:portal", secret)

    def client(self, bucket="portal"):
        known = {"endpoint": self.endpoint, "access_key_id": "test:portal", "secret_access_key": SECRET}
        return S3Store(
            bucket, region="us-east-1", virtual_hosted_style_request=False, client_options={"allow_http": True}, **known
        )

    def _made_bucket(self):
        address = obstore.sign(self.client(), "PUT", "", timedelta(minutes=1))
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=10).close()
        except urllib.error.HTTPError as answer:
            return answer.code == 409  # it is there
        except OSError:
            return False
        return True

    def _rings(self):
        subprocess.run([sys.executable, "-c", RINGS, str(self.place), json.dumps(self.ports)], check=True)

    def _serve(self, name):
        rest = PROXY.format(secret=SECRET) if name == "proxy" else ITS_OWN.format(name=name)
        text = SERVER.format(port=self.ports[name], user=getpass.getuser(), place=self.place, rest=rest)
        path = self.place / f"{name}.conf"
        path.write_text(text)
        with (self.place / f"{name}.log").open("wb") as log:
            environment = dict(os.environ) | {"SWIFT_DIR": str(self.place)}
            return subprocess.Popen([PROGRAMS / f"swift-{name}-server", path], stdout=log, stderr=log, env=environment)


def _free():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
