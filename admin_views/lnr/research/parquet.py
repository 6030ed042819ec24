"""Parquet, as much of the format as a flat table needs: 130 lines against the 165 MB of pyarrow, which the tests read it with.

Columns are optional booleans, doubles or texts, in plain encoding, not packed: the ZIP around it does that. Rows go out a
group at a time.
"""

import struct

MAGIC = b"PAR1"
BOOLEAN, DOUBLE, TEXT = 0, 5, 6  # the format's numbers of types
PLAIN, RLE, NOT_PACKED, UTF8, OPTIONAL, DATA_PAGE = 0, 3, 0, 0, 1, 0
I32, I64, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12  # Thrift's, in its compact protocol


def parquet(columns, groups):
    """Yield the bytes of a file. `columns`: pairs (name, type); `groups`: blocks of rows, with None where there is no value."""
    yield MAGIC
    place, written = len(MAGIC), []
    for rows in groups:
        chunks = []
        for number, (name, kind) in enumerate(columns):
            page = _page(kind, [row[number] for row in rows])
            chunks.append((name, kind, len(rows), len(page), place))
            place += len(page)
            yield page
        written.append((chunks, len(rows)))
    footer = _footer(columns, written)
    yield footer + struct.pack("<I", len(footer)) + MAGIC


def _page(kind, values):
    """One page with its header."""
    levels = _levels([value is not None for value in values])
    plain = struct.pack("<I", len(levels)) + levels + PLAINLY[kind]([value for value in values if value is not None])
    about = _struct((1, I32, len(values)), (2, I32, PLAIN), (3, I32, RLE), (4, I32, RLE))
    return _struct((1, I32, DATA_PAGE), (2, I32, len(plain)), (3, I32, len(plain)), (5, STRUCT, about)) + plain


def _levels(there):
    """Runs of rows with a value and without."""
    runs, start = b"", 0
    for place in range(1, len(there) + 1):
        if place == len(there) or there[place] != there[start]:
            runs += _varint((place - start) << 1) + bytes([there[start]])
            start = place
    return runs


def _booleans(values):
    packed = bytearray((len(values) + 7) // 8)
    for place, value in enumerate(values):
        packed[place // 8] |= bool(value) << place % 8
    return bytes(packed)


def _texts(values):
    encoded = [str(value).encode() for value in values]
    return b"".join(struct.pack("<I", len(one)) + one for one in encoded)


PLAINLY = {BOOLEAN: _booleans, DOUBLE: lambda values: struct.pack(f"<{len(values)}d", *values), TEXT: _texts}


def _footer(columns, written):
    schema = [_struct((4, BINARY, "tabel"), (5, I32, len(columns)))]
    schema += [
        _struct((1, I32, kind), (3, I32, OPTIONAL), (4, BINARY, name), *([(6, I32, UTF8)] if kind == TEXT else []))
        for name, kind in columns
    ]
    groups = [_group(chunks, count) for chunks, count in written]
    total = sum(count for _, count in written)
    return _struct(
        (1, I32, 1), (2, LIST, (STRUCT, schema)), (3, I64, total), (4, LIST, (STRUCT, groups)), (6, BINARY, "meldportaal")
    )


def _group(chunks, count):
    columns = [
        _struct(
            (2, I64, place),
            (
                3,
                STRUCT,
                _struct(
                    (1, I32, kind),
                    (2, LIST, (I32, [PLAIN, RLE])),
                    (3, LIST, (BINARY, [name])),
                    (4, I32, NOT_PACKED),
                    (5, I64, values),
                    (6, I64, size),
                    (7, I64, size),
                    (9, I64, place),
                ),
            ),
        )
        for name, kind, values, size, place in chunks
    ]
    return _struct((1, LIST, (STRUCT, columns)), (2, I64, sum(chunk[3] for chunk in chunks)), (3, I64, count))


# ---- Thrift's compact protocol ---------------------------------------------------------------------------------------------


def _struct(*fields):
    """Fields (id, type, value) in the order of their ids."""
    told, last = b"", 0
    for number, kind, value in fields:
        told += bytes([(number - last) << 4 | kind]) + _value(kind, value)
        last = number
    return told + b"\x00"


def _value(kind, value):
    if kind in (I32, I64):
        return _varint(value << 1 ^ value >> 63)
    if kind == BINARY:
        encoded = value.encode()
        return _varint(len(encoded)) + encoded
    if kind == LIST:
        of, values = value
        head = bytes([len(values) << 4 | of]) if len(values) < 15 else bytes([0xF0 | of]) + _varint(len(values))
        return head + b"".join(_value(of, one) for one in values)
    return value


def _varint(number):
    told = bytearray()
    while number > 0x7F:
        told.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(told) + bytes([number])
