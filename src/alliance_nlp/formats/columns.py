"""Which column of a table holds what: by its name, or by what stands in it.

In: a header row, or rows without one.  Out: ``{what: place}`` with ``what`` among :data:`ALIASES`.  Reading
files and making sessions is left to :mod:`alliance_nlp.formats.tables` and :mod:`alliance_nlp.formats.docx`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from alliance_nlp.formats.clock import seconds

MAX_NAME = 63  # characters of the longest speaker name, as in plain text
_MAX_COLUMN_NAME = 80  # characters: a longer cell is talk

# Names as ``plain_name`` leaves them; the first in the list wins when a table has several.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text", "texte", "propos", "verbatim", "verbatims", "enonce", "enonces", "utterance", "utterances",
        "transcription", "transcript", "contenu", "content", "parole", "paroles", "replique", "repliques",
        "discours", "dialogue", "speech", "sentence", "phrase", "body", "message", "tour de parole",
    ),
    "speaker": (
        "speaker", "locuteur", "locutrice", "intervenant", "intervenante", "speaker name", "speaker id",
        "nom du locuteur", "interlocuteur", "participant", "participante", "qui", "who", "qui parle",
        "personne", "voix", "voice", "nom", "name", "auteur", "author", "loc",
    ),
    "start": (
        "start s", "start", "start time", "starttime", "start ms", "debut", "debut s", "debut ms",
        "temps debut", "temps de debut", "heure de debut", "heure debut", "begin", "onset", "tc in",
        "timespan", "plage temporelle", "plage de temps", "intervalle de temps", "intervalle", "timecode", "time code", "timestamp", "horodatage", "minutage", "temps", "time", "heure", "tc",
    ),
    "end": (
        "end s", "end", "end time", "endtime", "end ms", "fin", "fin s", "fin ms", "temps fin",
        "temps de fin", "heure de fin", "heure fin", "stop", "tc out",
    ),
    "session": (
        "session id", "id session", "seance id", "id seance", "session", "seance", "seances",
        "numero de seance", "n de seance", "session number", "entretien", "interview", "fichier",
        "nom du fichier", "file", "filename", "file name", "document",
    ),
    "role": (
        "role", "roles", "role du locuteur", "speaker role", "fonction",
    ),
    "dyad": (
        "dyad id", "dyad", "dyade", "id dyade", "dyade id",
    ),
    "turn": (
        "turn index", "turn", "turn id", "tour", "tours", "tour de parole", "numero de tour", "n tour",
        "n du tour", "index", "numero", "n", "no", "rang", "ordre", "ligne", "line",
    ),
    "coder": (
        "coder", "codeur", "codeuse", "code par", "coded by", "annotator", "annotateur", "annotatrice", "cotateur",
        "cotatrice", "rater", "juge",
    ),
}  # fmt: skip

_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_FEMININE = re.compile(r"[·.•/-](?:e|es|s|trice|rice|euse|se|ne)(?![^\W\d_])")
_SEPARATORS = re.compile(r"[\W_]+")


def plain_name(name: str) -> str:
    """Return a column's name without case, accents, units in brackets or inclusive endings.

    >>> plain_name("Début (s)"), plain_name("Intervenant·e"), plain_name("start_s")
    ('debut', 'intervenant', 'start s')
    """
    letters = unicodedata.normalize("NFKD", _IN_BRACKETS.sub(" ", name).casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _SEPARATORS.sub(" ", _FEMININE.sub("", letters)).strip()


def by_name(header: Sequence[str]) -> dict[str, int]:
    """Return the place of each kind of column that the header names; a column is taken once."""
    names = [plain_name(cell) if len(cell) <= _MAX_COLUMN_NAME else "" for cell in header]
    places: dict[str, int] = {}
    for what, aliases in ALIASES.items():
        for alias in aliases:
            free = [
                place for place, name in enumerate(names) if name == alias and place not in places.values()
            ]
            if free:
                places[what] = free[0]
                break
    return places


def by_content(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the places of text, speaker and start in a table without header; ``{}`` when it is no dialogue.

    The text is the column with most characters; times are read as such; speakers are short names left of
    the text, one of which comes back.  A column of row numbers is none of them.  Without speakers nothing but
    times and row numbers may stand beside the text.
    """
    width = max((len(row) for row in rows), default=0)
    cells = [
        [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        for place in range(width)
    ]
    sizes = [sum(map(len, column)) for column in cells]
    if width < 2:
        return {}
    text = sizes.index(max(sizes))
    places = {"text": text}
    for place in range(width):
        if place == text or not cells[place] or _is_numbering(cells[place]):
            continue
        if "start" not in places and _are_times(cells[place]):
            places["start"] = place
        elif "speaker" not in places and place < text and _are_names(cells[place]):
            places["speaker"] = place
    others = set(range(width)) - set(places.values())
    is_told = all(not cells[place] or _is_numbering(cells[place]) for place in others)
    return places if "speaker" in places or is_told else {}


def _is_numbering(cells: Sequence[str]) -> bool:
    numbers = [int(cell) for cell in cells if cell.isascii() and cell.isdigit() and len(cell) < 9]
    return len(numbers) == len(cells) and all(b - a == 1 for a, b in zip(numbers, numbers[1:]))


def _are_times(cells: Sequence[str]) -> bool:
    return sum(seconds(cell.strip("[]()#")) is not None for cell in cells) >= 0.6 * len(cells)


def _are_names(cells: Sequence[str]) -> bool:
    short = all(len(cell) <= MAX_NAME and "\n" not in cell for cell in cells)
    return short and (len({plain_name(cell) for cell in cells}) < len(cells) or len(cells) <= 2)
