"""What a web process carries: no scientific library, which would cost each worker seconds and tens of megabytes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HEAVY = {"numpy", "scipy", "pandas", "pyarrow", "statsmodels", "matplotlib"}
SERVE = """
import sys
from app import create_app
answer = create_app().test_client().get("/inloggen")
print(answer.status_code, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_a_web_process_imports_no_scientific_library():
    ended = subprocess.run([sys.executable, "-c", SERVE], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert not ended.returncode, ended.stderr
    status, *loaded = ended.stdout.splitlines()[-1].split()
    assert status == "200" and {"flask", "peewee", "app"} <= set(loaded)
    assert not HEAVY & set(loaded)
