"""Pieces of originals are packed before they are sealed, where packing makes them smaller (a .gz or .zip stays as it is)."""

import zlib

_PLAIN, _DEFLATED = b"\x00", b"\x01"
_TRIED = 16 << 10


def pack(piece: bytes) -> bytes:
    """The piece with a mark of how it is packed. Its beginning tells whether packing pays."""
    if len(zlib.compress(piece[:_TRIED], 1)) > 0.9 * min(len(piece), _TRIED):
        return _PLAIN + piece
    return _DEFLATED + zlib.compress(piece, 1)


def unpack(packed: bytes) -> bytes:
    """The piece as it came."""
    return zlib.decompress(packed[1:]) if packed[:1] == _DEFLATED else packed[1:]
