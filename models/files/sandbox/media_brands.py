"""By which brand a file of ISO media is told (ISO/IEC 14496-12, 4.3): the gate and the reader ask the same."""

import struct

STILLS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
CLIPS = {b"isom", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"dash", b"mp41", b"mp42", b"mp71", b"f4v ",
         *(b"iso%d" % number for number in range(2, 10)), *(b"3g%s%c" % (kind, number) for kind in (b"p",
         b"2") for number in b"123456789abc")}  # fmt: skip
FILM = b"qt  "
OLD_FILM = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}  # with which a QuickTime file of before 'ftyp' begins


def brands(head: bytes) -> list[bytes]:
    """The main brand and those it is compatible with; some cameras put an empty box before the one that names them.

    Empty for a file that names none.
    """
    at = 0
    if head[4:8] in OLD_FILM and head[:1] == b"\0":
        at = struct.unpack_from(">I", head)[0]
    if head[at + 4 : at + 8] != b"ftyp":
        return []
    end = at + min(max(struct.unpack_from(">I", head, at)[0], 16), 512)
    return [head[at + 8 : at + 12], *(head[place : place + 4] for place in range(at + 16, end - 3, 4))]


def is_still(head: bytes) -> bool:
    """Whether the first brand that is known is one of a picture."""
    return next((brand in STILLS for brand in brands(head) if brand in STILLS or brand in CLIPS or brand == FILM), False)
