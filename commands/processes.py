"""Web and worker as processes: how each is started, and both as the children of one command."""

import ctypes
import gc
import importlib
import json
import multiprocessing
import os
import runpy
import signal
import socket
import sys
import time

from settings import ROOT

PATIENCE = 25  # seconds a child may take to finish what it is doing
PR_SET_PDEATHSIG = 1
# What web and worker both begin with. Loaded before they part, it lies in memory once: 210 MB of all processes became 155.
SHARED = ("admin_views.web.request_gate", "tasks", "huey.consumer", "gunicorn.app.wsgiapp", "gunicorn.workers.gasgi")


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

    It lets go of all that was loaded to get here, a demonstration's making most of all.
    """
    _find_our_modules()
    # -P: not the modules that stand beside this file.
    os.execv(sys.executable, [sys.executable, "-P", __file__, json.dumps([commands, port, said, SHARED])])


def run_together(commands, port, said, shared=()):
    """Run `commands` (each a Python that runs a module) beside each other until a signal comes or one ends, then stop them all.

    Each is a fork of this process, which has imported `shared`. Prints `said` once something answers on `port`. Returns the
    exit status: 0 after a signal.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _asked_to_stop)
    fork = multiprocessing.get_context("fork").Process
    children = []
    try:
        for name in shared:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()  # the collector of a child writes in what it looks through, and has a copy of it from then on
        for command in commands:
            child = fork(target=_carry_out, args=command[2:])
            child.start()
            children.append(child)
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


def _carry_out(module, *words):
    """Be `python -m module words`, in a process of its own."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    _end_with_parent()
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_parent():
    """Let the kernel end this child when the command is killed in a way that leaves it no time to do so."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(port, children):
    """Whether something answers on `port`; False once a child ended before."""
    while all(child.is_alive() for child in children):
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
        child.join(max(0.1, until - time.monotonic()))
        if child.is_alive():
            os.killpg(child.pid, signal.SIGKILL)
            child.join()


if __name__ == "__main__":
    leave(run_together(*json.loads(sys.argv[1])))
