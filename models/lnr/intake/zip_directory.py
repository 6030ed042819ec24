"""The list of contents at the end of a ZIP. Python's reader takes it in as one, so its size is looked at before."""

import math
import struct
from typing import Any

END, ZIP64 = b"PK\x05\x06", b"PK\x06\x07"


def size(content: bytes) -> Any:
    """How many bytes the list is; None where there is none. That of a ZIP beyond 4 GB counts as endless.

    `content`: the file, or as much of its end as holds the list.
    """
    end = content.rfind(END, max(0, len(content) - 66_000))
    if end < 0 or len(content) < end + 22:
        return None
    if content.rfind(ZIP64, max(0, end - 100), end) >= 0:
        return math.inf
    return struct.unpack_from("<I", content, end + 12)[0]
