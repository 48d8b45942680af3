"""IRaMuTeQ's corpus (``.txt``): one text a turn, under a line of starred variables.

In: transcripts.  Out: one file in UTF-8 without a byte-order mark, which IRaMuTeQ would take for text.  The rules are those
of its reader (``BuildFromAlceste.read_corpus`` in ``corpus.py``, the rules of Alceste): a text begins with a line of ``****``
and variables ``*name_modality`` parted by blanks; a line that begins with ``-*`` opens a theme; texts without words are
dropped.  Its segmenter cuts at ``$`` and writes ``£$£`` for an ellipsis, and ``*`` and ``_`` belong to variables: these signs are left out of the talk.
Each variable stands once in a line, since readers such as rainette keep one modality of each: ``etiquette`` is the one
label, ``aucune`` or ``plusieurs``, and each label and type has a variable of its own (1 or 0).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from alliance_nlp.exports.base import ExportedFile, ExportOptions
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.transcript import Transcript, Turn

_OWN_SIGNS = re.compile(r"[*$£_\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_THEME = re.compile(r"^(?:-\s*)+")  # a dialogue's dash at the head of a line
_TYPED = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " ", "\u2028": " ", "\u2029": " "})


def write(transcripts: Iterable[Transcript], options: ExportOptions) -> Iterator[ExportedFile]:
    """Yield one file with all turns that hold words, in order."""
    names = _Modalities()
    lines: list[str] = []
    for transcript in transcripts:
        for turn in transcript.turns:
            words = spoken(turn.text)
            if any(char.isalnum() for char in words):
                lines += [_stars(transcript, turn, names, options.language), words, ""]
    yield ExportedFile("iramuteq.txt", "\n".join(lines).encode("utf-8"))


def spoken(text: str) -> str:
    """Return a turn's words on one line, without the signs that IRaMuTeQ keeps for itself.

    >>> spoken("- J'ai payé 5 $*, voilà.")
    "J'ai payé 5 , voilà."
    """
    plain = _OWN_SIGNS.sub(" ", unicodedata.normalize("NFC", text).translate(_TYPED))
    return _THEME.sub("", " ".join(plain.split()))


class _Modalities:
    """Letters and digits for any name, the same for the same name, another for another."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._taken: set[tuple[str, str]] = set()

    def of(self, variable: str, name: str) -> str:
        if (variable, name) not in self._given:
            plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("æ", "ae"))
            short = "".join(char for char in plain if char.isascii() and char.isalnum()) or "sans"
            number, modality = 1, short
            while (variable, modality.casefold()) in self._taken:  # IRaMuTeQ may lower the case
                number += 1
                modality = f"{short}x{number}"
            self._taken.add((variable, modality.casefold()))
            self._given[variable, name] = modality
        return self._given[variable, name]


def _stars(transcript: Transcript, turn: Turn, names: _Modalities, language: str) -> str:
    def say(key: str) -> str:
        return render(f"exports.iramuteq_{key}", language)

    dyad = transcript.metadata.get("dyad_id")
    modalities = {
        say("session"): names.of("session", transcript.session_id),
        say("dyad"): names.of("dyad", str(dyad)) if dyad not in (None, "") else say("none"),
        say("turn"): str(turn.index + 1),
        say("speaker"): names.of("speaker", turn.speaker) if turn.speaker else say("none"),
        say("role"): names.of("role", render(f"exports.iramuteq_role_{transcript.role_of(turn).value}", language)),
        say("label"): _label(turn, names, language),
    }
    carried = turn.labels | turn.types
    flags = {names.of("flag", _name(output, language)): str(int(output in carried)) for output in default_label_set().outputs}
    return "**** " + " ".join(f"*{variable}_{modality}" for variable, modality in {**modalities, **flags}.items())


def _label(turn: Turn, names: _Modalities, language: str) -> str:
    carried = [label.id for label in default_label_set().labels if label.id in turn.labels]
    if len(carried) == 1:
        return names.of("flag", _name(carried[0], language))
    return render(f"exports.iramuteq_{'several' if carried else 'none'}", language)


def _name(output: str, language: str) -> str:
    label_set = default_label_set()
    if output in label_set.type_ids:
        kind = next(kind for kind in label_set.owner(output).types if kind.id == output)
        return kind.fr if language == "fr" else kind.en
    return label_set[output].short_fr if language == "fr" else label_set[output].short_en
