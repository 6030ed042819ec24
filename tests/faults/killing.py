"""Work that is killed with -9 before its first step, before its second, and so on, until it comes to its end unharmed.

A step is a statement to the database (BEGIN and COMMIT too) or something done to a file. Each life is a process of its own.
"""

import os
import signal
import traceback
from pathlib import Path

from models.base import db

FILE_STEPS = ((os, "fdopen"), (os, "fsync"), (os, "link"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir"))


def at_every_step(work, most=400, stride=1):
    """Do `work` in one process after the other, each killed a step later; yields the number of the step after each death.

    `stride`: only every so many-th step. Ends after the life in which `work` was done. What the dead left behind is what the
    next one finds.
    """
    for step in range(1, most, stride):
        if not _dies(work, step):
            return
        yield step
    raise AssertionError(f"not done in {most} steps")


def _dies(work, step):
    hang_up()
    if not (child := os.fork()):
        _live(work, step)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself; its words are above"
    return False


def hang_up():
    """Leave no connection for a child to share."""
    db.close()
    getattr(db.obj, "close_all", lambda: None)()


def _live(work, step):
    try:
        _die_before(step)
        work()
    except BaseException as problem:
        print("".join(traceback.format_exception(problem)), flush=True)
        os._exit(1)
    os._exit(0)


def _die_before(last):
    left = [last]

    def counting(function):
        def one_step(*args, **more):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **more)

        return one_step

    db.obj.cursor = counting(db.obj.cursor)
    for owner, name in FILE_STEPS:
        setattr(owner, name, counting(getattr(owner, name)))
