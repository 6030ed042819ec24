"""Web and worker as processes: how each is started, and both as the children of one command."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time

from settings import ROOT

PATIENCE = 25  # seconds a child may take to finish what it is doing
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The processes cannot run; the message says why."""


def web_command(host, port, workers):
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "admin_views.web.request_gate:create()",
        "--pythonpath",
        str(ROOT),
        "--bind",
        bind,
        "--config",
        str(ROOT / "commands" / "web_worker.py"),
        "--workers",
        str(workers),
        "--graceful-timeout",
        "20",
        "--log-level",
        "warning",
        "--no-control-socket",
    ]


def worker_command():
    return [sys.executable, "-m", "tasks.worker"]


def become(command):
    """Turn this process into `command`; does not return."""
    _find_our_modules()
    os.execv(command[0], command)


def become_parent(commands, port, said):
    """Turn this process into the parent of `commands`; does not return.

    It lets go of all that was loaded to get here, a demonstration's making most of all: 185 MB become 10.
    """
    _find_our_modules()
    # -P: not the modules that stand beside this file.
    os.execv(sys.executable, [sys.executable, "-P", __file__, json.dumps([commands, port, said])])


def run_together(commands, port, said):
    """Run `commands` beside each other until a signal comes or one of them ends, then stop them all.

    Prints `said` once something answers on `port`. Returns the exit status: 0 after a signal.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _asked_to_stop)
    children = []
    try:
        for command in commands:
            children.append(subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent))
        if _answers(port, children):
            print(said, flush=True)
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(children)


def leave(status):
    """End this process at once. Tidying what it holds in memory takes Python a second or two, for nothing."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def check_port(host, port):
    """Raise CannotStart when nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise CannotStart(
                f"Op {host}:{port} kan niet worden geluisterd ({problem.strerror}). "
                "Kies een andere poort met --port, of bij make met PORT=."
            ) from None


def _find_our_modules():
    # The children are started by module name, from whatever folder the command was given in.
    os.environ["PYTHONPATH"] = str(ROOT)


def _asked_to_stop(number, frame):
    for again in (signal.SIGINT, signal.SIGTERM):
        signal.signal(again, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_with_parent():
    """Let the kernel end this child when the command is killed in a way that leaves it no time to do so."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(port, children):
    """Whether something answers on `port`; False once a child ended before."""
    while all(child.poll() is None for child in children):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


def _stop(children):
    for child in children:
        child.terminate()
    until = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


if __name__ == "__main__":
    leave(run_together(*json.loads(sys.argv[1])))
