"""By which brand a file of ISO media is told (ISO/IEC 14496-12, 4.3): the gate and the reader ask the same."""

import struct

SOUND = "Geluid kunnen wij niet aannemen. Schrijf op wat er wordt gezegd en voeg dat als Word-document of PDF toe."
STILLS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
CLIPS = {b"isom", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"dash", b"mp41", b"mp42", b"mp71", b"f4v ",
         *(b"iso%d" % number for number in range(2, 10)), *(b"3g%s%c" % (kind, number) for kind in (b"p",
         b"2") for number in b"123456789abc")}  # fmt: skip
FILM = b"qt  "
EMPTY = {b"wide", b"free", b"skip", b"pnot"}  # boxes that some cameras put before the one that names the brands
OLD_FILM = EMPTY | {b"moov", b"mdat"}  # with which a QuickTime file of before 'ftyp' begins
MOST_EMPTY = 8
LONGEST = 512  # bytes of the box of brands that are read


def brands(head: bytes) -> list[bytes]:
    """The main brand and those it is compatible with; empty for a file that names none."""
    at = begin(head)
    if head[at + 4 : at + 8] != b"ftyp":
        return []
    end = at + min(max(struct.unpack_from(">I", head, at)[0], 16), LONGEST)
    return [head[at + 8 : at + 12], *(head[place : place + 4] for place in range(at + 16, end - 3, 4))]


def begin(head: bytes) -> int:
    """Where the first box stands that is not empty: behind the end of `head`, when that holds empty boxes only."""
    at = 0
    for _ in range(MOST_EMPTY):
        size = int.from_bytes(head[at : at + 4])
        if head[at + 4 : at + 8] not in EMPTY or size < 8:
            break
        at += size
    return at


def is_still(head: bytes) -> bool:
    """Whether the first brand that is known is one of a picture."""
    return next((brand in STILLS for brand in brands(head) if brand in STILLS or brand in CLIPS or brand == FILM), False)
