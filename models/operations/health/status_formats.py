"""The system status for machines: JSON, and the text format of Prometheus (version 0.0.4).

Ours in twenty lines: prometheus_client keeps counters of a process between scrapes, while all of ours stand in the database.
"""

from collections.abc import Sequence
from typing import Any

from models.operations.health.heartbeat import Look
from models.operations.health.system_status import Reading
from settings import VERSION

PREFIX = "meldportaal_"


def as_json(found: Sequence[Reading]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "well": all(one.look != Look.BAD for one in found),
        "readings": [
            {
                "metric": one.metric,
                "labels": dict(one.labels),
                "value": one.value,
                "look": one.look.name.lower(),
                "said": f"{one.label}: {one.said}",
            }
            for one in found
        ],
    }


def as_prometheus(found: Sequence[Reading]) -> str:
    """One gauge for each reading whose value is known, and for each whether it is an alarm."""
    lines = [f"# TYPE {PREFIX}info gauge", f'{PREFIX}info{{version="{_escaped(VERSION)}"}} 1']
    for metric in dict.fromkeys(one.metric for one in found):
        same = [one for one in found if one.metric == metric]
        known = [one for one in same if one.value is not None]
        if known:
            lines.append(f"# TYPE {PREFIX}{metric} gauge")
            lines += [f"{PREFIX}{metric}{_labels(one.labels)} {one.value:g}" for one in known]
    lines.append(f"# TYPE {PREFIX}alarm gauge")
    lines += [f"{PREFIX}alarm{_labels((('reading', one.metric), *one.labels))} {int(one.look == Look.BAD)}" for one in found]
    return "\n".join(lines) + "\n"


def _labels(pairs):
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs)
    return f"{{{told}}}" if told else ""


def _escaped(value):
    return str(value).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
