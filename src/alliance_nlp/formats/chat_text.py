"""The codes inside a main line of CHAT → the words as a person would have typed them.

In: a stretch of a main line, without time marks.  Out: :class:`Said`: the text, and what others slipped in.  The line
as it stands in the file is kept beside (``Utterance.extra``), so each decision below can be looked at again.

Source: MacWhinney, *Tools for Analyzing Talk, Part 1: The CHAT Transcription Format*, chapters « Words »,
« Utterances », « Scoped Symbols ».  Decisions, code by code:

================================================  ==================================================================
``t(u)``, ``worryin(g)``                          completed: tu, worrying (CLAN's own default); ``(il) y a``: il y a
``mot@s``, ``@s:eng``, ``@o``, ``@c``, ``@si`` …  the word, without its mark
``il_y_a``, ``arc+en+ciel``                       il y a; arc-en-ciel
``no::n``, ``≠``, ``ˈ``, ``^``, ``⌈ ⌉ ↗ ∆ °`` …   left out (length, stress, overlap and intonation marks)
``&-euh``, ``&~gaga``, ``&euh``                   euh, gaga: what was heard
``&+p``                                           p-: a word begun
``0mot``, ``0``                                   left out: nobody said it
``xxx``, ``yyy``; ``www``                         [inaudible]; [non transcrit]
``&=laughs``, ``[=! rit]``, ``[^ bruit]``         a note: [rire], [rit], [bruit]; ``&{l=laughs … &}l=laughs``: at its beginning
``&*MOT:mhm``                                     a stretch of MOT's own, after the one it falls in
``(.)``, ``(..)``, ``#``; ``(...)``; ``(3.5)``    …; [silence]; [silence 3,5 s] (… below one second)
``[/]``                                           the repeated words stay, the mark goes
``[//]``, ``[///]``, ``[/-]``, ``[/?]``           the words stay, followed by …
``[x 3]``                                         the word or group three times (as written beyond ten)
``[: mot]``, ``[= …]``, ``[=? …]``, ``[% …]``     left out: what was heard stands before it
``[*]``, ``[+ …]``, ``[- …]``, ``[?]``, ``[>]`` … left out (errors, postcodes, languages, doubts, overlaps)
``[Applause.]``                                   no CHAT code: a note, kept
``< >``, ``‹ ›``                                  left out
``+...``, ``+..?``, ``+!?``                       …, … ?, ?!
``+/.``, ``+//.``, ``+/?``, ``+//?``              –, –, – ?, – ?
``+"/.``, ``+".``, ``+.``                         « : », « . », nothing
``+"``, ``+^``, ``+<``, ``+,``, ``++``            left out
================================================  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from alliance_nlp.formats.names import is_note_word

MAX_REPEATS = 10  # beyond, « [x 30] » is written as it is: nobody types a word thirty times

_TOKEN = re.compile(
    r"\[(?P<code>[^\[\]]*)\]"
    r"|&\*(?P<who>[^\s:]{1,40}):(?P<inserted>[^\s<>\[\]]+)"
    r"|&(?P<edge>[{}])[ln]=(?P<long>[^\s<>\[\]]+)"
    r"|&=(?P<event>[^\s<>\[\]]+)"
    r"|\((?P<dots>\.{1,3})\)"
    r"|\((?:(?P<minutes>\d{1,3}):)?(?P<seconds>\d{1,4}\.\d{0,3})\)"
    r"|(?<!\S)\+(?P<link>\.\.\.|\.\.\?|!\?|//\.|//\?|/\.|/\?|\"/\.|\"\.|\.|[<^,\"+≈≋])"
    r"|(?P<open>[<‹])|(?P<close>[>›])"
    r"|(?P<word>[^\s<>‹›\[\]]+)"
)
_ENDS = {  # utterance terminators, and linkers, which have no typed sign
    "...": "…", "..?": "… ?", "!?": "?!", "//.": "–", "/.": "–", "//?": "– ?", "/?": "– ?", '"/.': ":", '".': ".",
}  # fmt: skip
_RETRACED = frozenset({"//", "///", "/-", "/?"})
_REPEAT = re.compile(r"[x×]\s*(\d{1,4})", re.IGNORECASE)
_PARALINGUISTIC = re.compile(r"=\s?!\s*(.*)", re.DOTALL)
_MARKS = str.maketrans("", "", "↑↓↗↘⇗⇘⇒⌈⌉⌊⌋⁇∆∇▁▔☺☹♋⁎≋∙∾↻⤔⤆⤇⁑↫≈⟪⟫∬⁂§≠ˈˌ^♡⚔⁘⊚◉⁁\u02d0\u02d1")
_CA_MARKS = str.maketrans("", "", "°→")  # only under @Options: CA; « n° 2 » is typing
_LETTER_MARKS = re.compile(r"[ˈˌ\u02d0\u02d1]")  # marks that count as letters
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
_SUFFIX = re.compile(r"(?<=[\w)'’-])@[a-z]{1,2}(?::[\w+&]+)?(?:\$[\w:]+)?(?!\w)")
_SHORTENED = re.compile(r"(?<=[\w'’)-])\(([^\W\d_]+)\)|\(([^\W\d_]+)\)(?=[\w(])")
_WHOLE_WORD = re.compile(r"\(([^\W\d_]+)\)")
_UNHEARD = re.compile(r"(?:xxx?|yyy?)(?![\w'’-])")
_UNWRITTEN = re.compile(r"www(?![\w'’-])")
_LENGTH = re.compile(r"(?<=[^\W\d_]):+(?=[^\W\d_])")
_LENGTH_AT_END = re.compile(r"(?<=[^\W\d_]):+(?!\w)")
_LENGTH_LAST = re.compile(r"(?<=[^\W\d_]):+(?=\s*(?:[.?!…]|$))")  # « hoplà: . »; « dit : viens » goes on
_OLD_PAUSE = re.compile(r"#+(?:\d[\d_.:]*)?")
# « c' est », as taggers cut it.
ELISION = re.compile(r"\b((?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’]) (?=\w)", re.IGNORECASE)
_NOTES_ONLY = re.compile(r"((?:\[[^\[\]]*\]\s*)+)[.…\s]*")

# CHAT's simple events are English verbs (« Local Events »); in a French transcript the note is French.
_EVENTS = {
    "laughs": "rire", "laugh": "rire", "laughing": "rire", "laughter": "rire", "giggles": "petit rire",
    "chuckles": "petit rire", "cries": "pleure", "cry": "pleure", "crying": "pleure", "weeps": "pleure",
    "sobs": "sanglots", "sighs": "soupir", "sigh": "soupir", "coughs": "toux", "cough": "toux", "sneezes": "éternue",
    "sniffs": "renifle", "sniffles": "renifle", "gasps": "souffle", "breathes": "souffle", "inhales": "inspire",
    "exhales": "souffle", "whispers": "chuchote", "whispering": "chuchote", "sings": "chante", "singing": "chante",
    "screams": "crie", "shouts": "crie", "yells": "crie", "whines": "gémit", "grunts": "grogne", "yawns": "bâille",
    "nods": "hoche la tête", "head yes": "hoche la tête", "head no": "fait non de la tête",
    "shrugs": "hausse les épaules", "claps": "applaudit", "applause": "applaudissements", "points": "montre du doigt",
    "clears throat": "se racle la gorge", "clearsthroat": "se racle la gorge", "hums": "fredonne", "noise": "bruit",
    "vocalizes": "vocalise", "babbles": "babille", "coos": "gazouille", "smiles": "sourit", "mumbles": "marmonne",
    "ges": "geste", "gesture": "geste", "reads": "lit", "growls": "grogne", "squeals": "petit cri", "groans": "gémit",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writing:
    """What the file says of its writing: whether it is French, and whether it marks conversation analysis."""

    french: bool = True
    ca: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """The text of a stretch; ``inserted``: (speaker, text) of what others said inside; ``silent``: only a pause."""

    text: str
    inserted: tuple[tuple[str, str], ...] = ()
    silent: bool = False


@dataclass(slots=True)
class _Page:
    """The words written so far; ``scope`` is where the last word or group stands, ``groups`` where open ones begin."""

    writing: Writing
    words: list[str] = field(default_factory=list)
    scope: tuple[int, int] = (0, 0)
    groups: list[int] = field(default_factory=list)
    inserted: list[tuple[str, str]] = field(default_factory=list)
    pauses: int = 0

    def add(self, word: str) -> None:
        if word:
            self.scope = (len(self.words), len(self.words) + 1)
            self.words.append(word)

    def note(self, text: str) -> None:
        if text.strip():
            self.words.append(f"[{' '.join(text.split())}]")

    def pause(self, word: str) -> None:
        self.pauses += 1
        self.words.append(word)


def clean(text: str, writing: Writing = Writing()) -> Said:
    """Return what a person would have typed for a stretch of a main line.

    >>> clean("t(u) as &-euh vu [/] vu &=laughs (.) <la dame> [//] le monsieur +/.").text
    'tu as euh vu vu [rire]… la dame… le monsieur –'
    """
    page = _Page(writing)
    for token in _TOKEN.finditer(_CONTROL.sub("", text)):
        _WRITERS[token.lastgroup or ""](page, token)
    silent = page.pauses > 0 and page.pauses == sum(any(map(str.isalnum, w)) or w == "…" for w in page.words)
    return Said(_typed(page.words, writing), tuple(page.inserted), silent)


# ---------------------------------------------------------------------------------------- tokens


def _code(page: _Page, token: re.Match[str]) -> None:
    """Write a code in square brackets."""
    code = token["code"].strip()
    repeat, heard = _REPEAT.fullmatch(code), _PARALINGUISTIC.fullmatch(code)
    if code in _RETRACED:
        page.words.append("…")
    elif repeat is not None:
        _repeat(page, int(repeat[1]))
    elif heard is not None:
        page.note(_event(heard[1], page.writing))
    elif code.startswith("^") and len(code) > 2:
        page.note(_event(code[1:].strip(), page.writing))
    elif code.startswith("#"):
        page.pause("…")
    elif len(code) > 1 and code[0].isalpha():
        page.note(code)  # no code of CHAT's: a transcriber's note


def _repeat(page: _Page, times: int) -> None:
    start, end = page.scope
    if times > MAX_REPEATS:
        page.words.append(f"[x {times}]")
    elif times > 1:
        again = page.words[start:end] * (times - 1)
        page.words[end:end] = again
        page.scope = (start, end + len(again))


def _inserted(page: _Page, token: re.Match[str]) -> None:
    said = clean(token["inserted"].replace("_", " "), page.writing)
    if said.text:
        page.inserted.append((token["who"], said.text))


def _long_event(page: _Page, token: re.Match[str]) -> None:
    if token["edge"] == "{":
        page.note(_event(token["long"], page.writing))


def _simple_event(page: _Page, token: re.Match[str]) -> None:
    page.note(_event(token["event"], page.writing))


def _dots(page: _Page, token: re.Match[str]) -> None:
    page.pause("[silence]" if len(token["dots"]) == 3 else "…")


def _timed_pause(page: _Page, token: re.Match[str]) -> None:
    length = int(token["minutes"] or 0) * 60 + float(token["seconds"])
    number = f"{length:g}".replace(".", "," if page.writing.french else ".")
    page.pause(f"[silence {number} s]" if length >= 1 else "…")


def _link(page: _Page, token: re.Match[str]) -> None:
    end = _ENDS.get(token["link"], "")
    if end:
        page.words.append(end)


def _open(page: _Page, token: re.Match[str]) -> None:
    page.groups.append(len(page.words))


def _close(page: _Page, token: re.Match[str]) -> None:
    if page.groups:
        page.scope = (page.groups.pop(), len(page.words))


def _word(page: _Page, token: re.Match[str]) -> None:
    word = token["word"]
    if word[0] == "0" and (word[1:2].isalpha() or (not page.words and not word[1:].strip(".!?"))):
        page.add(word[1:] if not word[1:2].isalpha() else "")
    elif _OLD_PAUSE.fullmatch(word):
        page.pause("…")
    elif page.words and word in ".,…?!;:":
        page.words.append(word)
    else:
        page.add(_plain(word, page.writing))


_WRITERS: dict[str, Callable[[_Page, re.Match[str]], None]] = {
    "code": _code, "inserted": _inserted, "long": _long_event, "event": _simple_event, "dots": _dots,
    "seconds": _timed_pause, "link": _link, "open": _open, "close": _close, "word": _word,
}  # fmt: skip


# ---------------------------------------------------------------------------------------- words


def _plain(word: str, writing: Writing) -> str:
    """Return one word without CHAT's marks."""
    if word.isalpha() and not word.startswith(("xx", "yy", "www")) and not _LETTER_MARKS.search(word):
        return word  # nearly every word
    if word[0] == "&" and len(word) > 1:
        word = f"{word[2:]}-" if word[1] == "+" else word[2:] if word[1] in "-~" else word[1:]
    word = word.translate(_MARKS).replace("‡", ",").replace("„", ",")
    word = word.translate(_CA_MARKS) if writing.ca else word
    word = _SUFFIX.sub("", word)
    word = _SHORTENED.sub(lambda part: part[1] or part[2], word)
    whole = _WHOLE_WORD.fullmatch(word)
    if whole is not None and whole[1].islower() and not is_note_word(whole[1]):
        word = whole[1]
    word = _LENGTH.sub("", word)
    word = _LENGTH_AT_END.sub("", word) if writing.ca else word
    word = _UNHEARD.sub("[inaudible]", word, count=1) if _UNHEARD.match(word) else word
    if _UNWRITTEN.match(word):
        word = _UNWRITTEN.sub("[non transcrit]" if writing.french else "[not transcribed]", word, count=1)
    return re.sub(r"(?<=\w)\+(?=\w)", "-", word.replace("_", " ").replace("-~", "-")).strip()


def _event(name: str, writing: Writing) -> str:
    """Return an event's name as a note: « laughs » → « rire » in a French transcript."""
    words = " ".join(re.split(r"[\s:_]+", name.removeprefix("0").strip()))
    if not writing.french:
        return words
    return _EVENTS.get(words.lower()) or _EVENTS.get(words.split(" ")[0].lower(), words)


def _typed(words: list[str], writing: Writing) -> str:
    """Join the words with the spaces of ordinary typing; empty when nothing but signs is left."""
    text = " ".join(word for word in words if word)
    text = _LENGTH_LAST.sub("", text)
    text = re.sub(r"\s+(?=[.,…])", "", text)
    text = re.sub(r"[,.]*…[….,]*", "…", text)
    text = re.sub(r"\s+(?=[?!;:])", " " if writing.french else "", text)
    text = re.sub(r"(?<=[,?!])\s*,", "", text)
    text = ELISION.sub(r"\1", text) if writing.french else text
    text = " ".join(re.sub(r"^[,.;:\s]+", "", text).split())
    notes = _NOTES_ONLY.fullmatch(text)
    if notes is not None:
        return notes[1].strip()
    return text if any(map(str.isalnum, text)) else ""
