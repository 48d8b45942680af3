"""Words and signs, one by one → French typing: « j' », « ai », « fini », « . » → « j'ai fini. »

In: the tokens of a sentence.  Out: the text a person would have typed: no space after an apostrophe or before
« , » and « . », a no-break space before « ; », « : », « ! », « ? » and inside « ».
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NO_BREAK = "\u00a0"

_CLOSES = re.compile(r"[,.)\]}…]+|\.{2,}")
_HIGH = re.compile(r"[;:!?»%]+[;:!?»%.…]*")
_OPENS = re.compile(r"[(\[{]+")
_CLITIC = re.compile(r"-\w")  # « -t-il », « -là »
_ELIDED = re.compile(r"\w['’]$|^['’]$")


def join_words(words: Iterable[str]) -> str:
    """Return the words as one text.

    >>> join_words(["d'", "accord", ",", "vient", "-il", "?"])
    "d'accord, vient-il\\xa0?"
    """
    text = ""
    last = ""
    for word in words:
        word = " ".join(word.split())
        if word:
            text += f"{_between(last, word)}{word}" if text else word
            last = word
    return unicodedata.normalize("NFC", text)


def _between(last: str, word: str) -> str:
    if _CLOSES.fullmatch(word) or _OPENS.fullmatch(last) or _ELIDED.search(last) or _CLITIC.match(word):
        return ""
    if word in ("'", "’"):
        return ""
    if _HIGH.fullmatch(word) or last == "«":
        return NO_BREAK
    return " "
