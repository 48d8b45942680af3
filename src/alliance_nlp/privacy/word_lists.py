"""The name lists shipped beside this module, folded (lower case, no accents) for look-up."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources

LISTS = ("first_names", "surnames", "towns", "large_towns", "public_names", "also_words")


@lru_cache(maxsize=None)
def word_list(name: str) -> frozenset[str]:
    """Return one of :data:`LISTS`, folded."""
    text = resources.files(__package__).joinpath("data", f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(fold(line) for line in text.splitlines() if line and not line.startswith("#"))


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return the word in lower case, without accents, with spaces for hyphens.

    >>> fold("Saint-Étienne")
    'saint etienne'
    """
    plain = unicodedata.normalize("NFKD", word.casefold().replace("œ", "oe"))
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("-", " ").replace("’", "'")


def is_first_name(word: str) -> bool:
    """True for a first name of the list, also a compound of two (« Anne-Lou »)."""
    names = word_list("first_names")
    parts = word.split("-")
    return fold(word) in names or (len(parts) == 2 and all(fold(part) in names for part in parts))


def is_surname(word: str) -> bool:
    """True for a surname of the list, also a double one (« Martin-Petit »)."""
    names = word_list("surnames")
    parts = word.split("-")
    return fold(word) in names or (len(parts) == 2 and all(fold(part) in names for part in parts))


def is_also_a_word(word: str) -> bool:
    """True for names that are ordinary words too: « Rose », « Petit », « Tours »."""
    return fold(word) in word_list("also_words")


def is_public(word: str) -> bool:
    """True for what everybody knows: countries, brands, public figures."""
    return fold(word) in word_list("public_names")
