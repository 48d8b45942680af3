"""What the formats of oral corpora share: text as typed, times that may be trusted, notes, names, languages.

In: attribute values and texts of ELAN, Transcriber, TEI, EXMARaLDA and ORFEO files.  Out: what their readers put
into utterances.  Nothing here knows a format.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from alliance_nlp.segmentation import is_note
from alliance_nlp.transcript import Notice

MAX_TIME_S = 1e9  # thirty years: beyond, it is no time of a recording
MAX_TIME_CHARS = 40  # no time is longer; keeps the conversion of a monstrous number cheap
MAX_NOTE_CHARS = 80  # as long as segmentation takes a bracket for a note
SILENCE_S = 2.0  # from here on a transcriber types « [silence 3 s] », below it « … »

_SPACES = re.compile(r"[ \t\r\n\f\v]+")  # no-break spaces are typing, not layout
_ELIDED = re.compile(r"\b((?:[cdjlmnst]|qu|lorsqu|puisqu|jusqu|quoiqu)['’]) (?=\w)", re.IGNORECASE)  # « qu' à »
_LONE_POINT = re.compile(r" ([,.])(?= |$)")  # « bonjour , merci . », as tools that cut words write it
_MEASURE = re.compile(r"[(\[{]*\s*\d{1,4}[.,]\d{1,6}\s*(?:s|sec\.?|ms)?\s*[)\]}]*")
_NO_TALK = re.compile(r"0\.?|\[none\]")  # CHAT's « 0. »: a sound or gesture without words

_LANGUAGES = {"fra": "fr", "fre": "fr", "français": "fr", "french": "fr", "eng": "en", "english": "en", "deu": "de", "ger": "de",
              "spa": "es", "ita": "it", "por": "pt", "nld": "nl", "dut": "nl", "und": "fr", "": "fr"}  # fmt: skip

# Transcriber's French codes of noises (ESTER conventions), where a person would type a note.
_NOISES = {"rire": "rire", "rires": "rires", "tx": "toux", "toux": "toux", "n": "reniflement", "pf": "souffle", "ch": "à voix basse",
           "sif": "sifflement", "bg": "raclement de gorge", "conv": "conversations de fond", "musique": "musique", "pap": "bruit de papiers"}  # fmt: skip
# … and those nobody types: breath, mouth, microphone, current.
_UNTYPED = frozenset("r i e b bb mic shh shhh top tic jingle amorce".split())
_UNINTELLIGIBLE = frozenset({"pi", "pif", "inaudible", "inintelligible", "incompréhensible"})


# ---------------------------------------------------------------------------------------- text


def plain(text: str | None) -> str:
    """Return ``text`` in NFC on one line, without the spaces that cutting into words left: « bonjour , », « qu' à ».

    >>> plain("  bonjour ,\\n  qu' il vienne . ")
    "bonjour, qu'il vienne."
    """
    line = unicodedata.normalize("NFC", _SPACES.sub(" ", text or "")).strip()
    return _ELIDED.sub(r"\1", _LONE_POINT.sub(r"\1", line))


def has_talk(text: str) -> bool:
    """True when ``text`` holds a word, a note or a sign of talk: not « », « 0. », « [none] »."""
    return bool(text) and _NO_TALK.fullmatch(text) is None


def are_measures(texts: Iterable[str]) -> bool:
    """True when all ``texts`` are decimal numbers: a line of measured silences, not of talk."""
    found = [text for text in texts if text]
    return bool(found) and all(_MEASURE.fullmatch(text) for text in found)


def language_of(code: str | None) -> str:
    """Return the two-letter code of a language (« fra », « fr-FR », « French »); French when nothing is said."""
    key = (code or "").strip().lower().replace("_", "-")
    return _LANGUAGES.get(key) or _LANGUAGES.get(key.partition("-")[0]) or key.partition("-")[0][:8]


# ---------------------------------------------------------------------------------------- notes


def note(text: str | None) -> str | None:
    """Return « [text] », the way transcribers type a note; None for nothing, or for more than a note holds."""
    inner = re.sub(r"[\[\](){}]+", " ", plain(text))
    typed = f"[{plain(inner)}]"
    return typed if 2 < len(typed) <= MAX_NOTE_CHARS and is_note(typed) else None


def event_note(desc: str | None, *, kind: str | None = None, extent: str | None = None) -> str | None:
    """Return the note a person would type for an event; None for one of pronunciation, vocabulary or language.

    A long event (« begin » … « end ») is noted where it begins.

    >>> event_note("tx", kind="noise"), event_note("bwa", kind="pronounce"), event_note("pi", kind="pronounce")
    ('[toux]', None, '[inaudible]')
    """
    said = plain(desc)
    key = said.casefold()
    if key in _UNINTELLIGIBLE:
        return "[inaudible]"
    if (kind or "noise") != "noise" or extent == "end" or key in _UNTYPED:
        return None
    return note(_NOISES.get(key, said))


def pause_note(duration_s: float | None) -> str:
    """Return what is typed for a pause: « … », or « [silence 8 s] » from two seconds on."""
    if duration_s is None or duration_s < SILENCE_S:
        return "…"
    return f"[silence {round(duration_s)} s]"


# ---------------------------------------------------------------------------------------- times


def time_s(value: str | None, *, unit_s: float = 1.0) -> float | None:
    """Return the seconds of a decimal number of units; None for what is no time: nothing, negative, NaN, infinite.

    >>> time_s("2750", unit_s=0.001), time_s("NaN"), time_s("-1")
    (2.75, None, None)
    """
    if value is None or len(value) > MAX_TIME_CHARS:
        return None
    try:
        seconds = float(value.strip().replace(",", ".")) * unit_s
    except ValueError:
        return None
    return round(seconds, 3) + 0.0 if 0 <= seconds < MAX_TIME_S else None


def filled(values: Sequence[float | None]) -> list[float]:
    """Return ``values`` with each gap filled evenly between its neighbours: an order for what has no time of its own.

    >>> filled([1.0, None, None, 4.0, None])
    [1.0, 2.0, 3.0, 4.0, 4.0]
    """
    known = [place for place, value in enumerate(values) if value is not None]
    if not known:
        return [float(place) for place in range(len(values))]
    order = [0.0] * len(values)
    bounds = [(known[0], known[0]), *zip(known, known[1:]), (known[-1], known[-1])]
    for left, right in bounds:
        first, last = values[left] or 0.0, values[right] or 0.0
        for place in range(left, right + 1):
            order[place] = first + (last - first) * (place - left) / max(right - left, 1)
    order[: known[0]] = [values[known[0]] or 0.0] * known[0]
    order[known[-1] + 1 :] = [values[known[-1]] or 0.0] * (len(values) - known[-1] - 1)
    return order


# ---------------------------------------------------------------------------------------- speakers, notices


def speaker_names(named: Mapping[str, str | None]) -> tuple[dict[str, str], list[str]]:
    """Return the speaker of each tier or code: its name, or itself when it has none or shares it with another.

    A copied tier keeps the name of the one it was copied from: two that both hold talk are two speakers.
    The second value is the shared names.
    """
    count = Counter(name for name in named.values() if name)
    names = {key: name if name and count[name] == 1 else key for key, name in named.items()}
    return names, sorted(name for name, times in count.items() if times > 1)


def shared_names(names: Sequence[str]) -> list[Notice]:
    """Return what to say when several tiers or codes carry one name."""
    return [Notice("oral.shared_names", params={"names": ", ".join(names)})] if names else []


def put_aside(counts: Mapping[str, int]) -> list[Notice]:
    """Return what to say of what stands beside the talk; ``counts`` by kind (the codes ``oral.kinds_*``)."""
    kept = {kind: count for kind, count in counts.items() if count}
    return [Notice("oral.aside", params={"kinds": kept})] if kept else []
