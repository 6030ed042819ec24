"""`python -m tests.bench [PART ...] [--cases N ...]`: runs the parts in processes of their own and prints one table each."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PLACE = Path(tempfile.gettempdir()) / "meldportaal-bench"
PARTS = (
    "pages",
    "django_admin",
    "committee",
    "case",
    "upload",
    "mail",
    "zero",
    "questionnaire",
    "lnr",
    "lnr_stays",
    "benchmark",
    "letters",
)


def main():
    """Fill what is not filled yet, and measure."""
    parser = argparse.ArgumentParser(prog="make bench ONLY=…")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 1_000_000], help="sizes for the pages")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    for part in asked.parts or PARTS:
        for size in asked.cases if part in ("pages", "django_admin", "committee") else [None]:
            folder = _filled(size) if size else Path(tempfile.mkdtemp(prefix=f"{part}-", dir=_made(PLACE)))
            _run([sys.executable, "app.py", "migrate"], folder, stdout=subprocess.DEVNULL)  # makes the keys of a new folder
            _run([sys.executable, "-m", f"tests.bench.{part}"], folder)


def _filled(cases):
    """The folder of a database with this many cases; filling a million takes minutes and is done once."""
    folder = PLACE / str(cases)
    if not (folder / "filled").exists():
        _made(folder)
        (folder / "portal.db").unlink(missing_ok=True)
        print(f"Filling {folder} …", flush=True)
        fill = [sys.executable, "app.py", "fill", "--hospitals", str(max(100, cases // 1000)), "--cases", str(cases)]
        _run(fill, folder, stdout=subprocess.DEVNULL)
        (folder / "filled").touch()
    return folder


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _run(command, folder, **more):
    own = {"DATA_DIR": str(folder), "SECOND_FACTOR": "optional", "DEMO": "on", "PYTHONPATH": str(ROOT)}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "TMPDIR", "HOME") or name.startswith(("LNR_", "MAILS"))
    }
    subprocess.run(command, cwd=ROOT, env={**kept, **own}, check=True, **more)


if __name__ == "__main__":
    main()
