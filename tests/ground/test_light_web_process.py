"""What a web process carries: no scientific library, which would cost each worker seconds and tens of megabytes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HEAVY = {"numpy", "scipy", "pandas", "pyarrow", "statsmodels", "matplotlib"}
# Where an analyst's library is installed, openpyxl takes numpy along. A running portal has none of them: as if none were there.
SERVE = f"""
import sys
sys.modules.update(dict.fromkeys({HEAVY!r}))
from app import create_app
answer = create_app().test_client().get("/inloggen")
print(answer.status_code, *sorted({{name.partition(".")[0] for name, one in sys.modules.items() if one}}))
"""


def test_a_web_process_imports_no_scientific_library():
    ended = subprocess.run([sys.executable, "-c", SERVE], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert not ended.returncode, ended.stderr
    status, *loaded = ended.stdout.splitlines()[-1].split()
    assert status == "200" and {"flask", "peewee", "app"} <= set(loaded)
    assert not HEAVY & set(loaded)
    pinned = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines()}
    assert "flask" in pinned and not HEAVY & pinned
