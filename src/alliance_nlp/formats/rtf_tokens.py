"""The bytes of an RTF file → its tokens: groups, control words, characters as bytes (RTF Specification 1.9.1).

In: bytes.  Out: :class:`Token`, one after the other, without ``\\bin`` data.  What they mean is left to
:mod:`alliance_nlp.formats.rtf_body`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})"
    rb"|\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    rb"|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z])|[\r\n]+|(?P<text>[^\\{}\r\n]+)|\\",
    re.DOTALL,
)


class Token(NamedTuple):
    """One token: ``kind`` is ``open``, ``close``, ``word``, ``sign``, ``byte`` or ``text``.

    ``name`` is the control word or sign, ``number`` its parameter, ``data`` the bytes of characters.
    """

    kind: str
    name: str = ""
    number: int | None = None
    data: bytes = b""


def tokens(data: bytes) -> Iterator[Token]:
    """Yield the tokens of a file in order."""
    place = 0
    while place < len(data):
        match = _TOKEN.match(data, place)
        if match is None:  # an unpaired sign at the very end
            return
        place = match.end()
        token = _token(match)
        if token is None:
            continue
        if token.name == "bin" and token.kind == "word":
            place += max(token.number or 0, 0)
        else:
            yield token


def _token(match: re.Match[bytes]) -> Token | None:
    kind = match.lastgroup
    if kind in ("open", "close"):
        return Token(kind)
    if kind == "text":
        return Token("text", data=match["text"])
    if kind == "hex":
        return Token("byte", data=bytes.fromhex(match["hex"].decode("ascii")))
    if kind in ("word", "number"):
        number = match["number"]
        return Token("word", match["word"].decode("ascii"), None if number is None else int(number))
    if kind == "sign":
        return Token("sign", match["sign"].decode("latin-1"))
    return None
