"""Text cut into pieces: evidence told from the rest, long turns shortened around it, neighbours joined to
passages.

In: turns with spans.  Out: pieces in order, whose texts joined give the turn (or the part of it that is
shown). Characters that no page can hold (control characters, lone surrogates) become U+FFFD one for one, so
offsets stay true.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Span, Turn

WHOLE_WORDS = 120  # a marked turn up to this long is shown whole: about 40 s of talk, eight lines
AROUND_WORDS = 40  # of a longer one: the evidence with so many words on either side
CONTEXT_WORDS = 40  # of the turn before (its end) and the turn after (its beginning)
JOIN_GAP = 2  # marked turns with one turn between them share a passage, so that no turn is printed twice
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
WORD = re.compile(r"\S+")
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same evidence.

    ``labels`` cover it, in the scheme's order; ``opens`` and ``closes`` are those whose evidence begins or
    ends here.
    """

    text: str
    labels: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Marked turns that stand together: indices from ``first`` to ``last`` as shown, context included."""

    first: int
    last: int
    marked: tuple[int, ...]


def readable(text: str) -> str:
    """Return the text with each character that no page can hold replaced; the length stays the same."""
    return UNPRINTABLE.sub("\ufffd", text)


def evidence_of(turn: Turn) -> dict[str, tuple[Span, ...]]:
    """Return the evidence of each label of a turn, whoever gave it: overlapping and touching spans joined."""
    found: dict[str, tuple[Span, ...]] = {}
    for label in default_label_set().ids:
        spans = sorted(span for marker in turn.markers if marker.label == label for span in marker.spans)
        if spans:
            found[label] = tuple(_join(spans))
    return found


def _join(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def cut(turn: Turn, windows: Sequence[tuple[int, int]] | None = None) -> tuple[Piece, ...]:
    """Return the pieces of a turn, or of its ``windows`` (in order, apart) with « … » for text left out."""
    text = readable(turn.text)
    evidence = evidence_of(turn)
    pieces: list[Piece] = []
    end_shown = 0
    for start, end in windows if windows is not None else [(0, len(text))]:
        if start > end_shown:
            pieces.append(Piece(f"{ELLIPSIS} " if not pieces else f" {ELLIPSIS} "))
        pieces += _cut_window(text, evidence, start, end)
        end_shown = end
    if end_shown < len(text):
        pieces.append(Piece(f" {ELLIPSIS}"))
    return tuple(pieces)


def _cut_window(text: str, evidence: dict[str, tuple[Span, ...]], start: int, end: int) -> list[Piece]:
    edges = {edge for spans in evidence.values() for span in spans for edge in (span.start, span.end)}
    places = [start, *sorted(edge for edge in edges if start < edge < end), end]
    pieces = []
    for left, right in zip(places, places[1:]):
        over = {label: _covering(spans, left) for label, spans in evidence.items()}
        covered = {label: span for label, span in over.items() if span is not None}
        pieces.append(
            Piece(
                text=text[left:right],
                labels=tuple(covered),
                opens=tuple(label for label, span in covered.items() if span.start == left or left == start),
                closes=tuple(label for label, span in covered.items() if span.end == right or right == end),
            )
        )
    return pieces


def _covering(spans: Sequence[Span], place: int) -> Span | None:
    index = bisect_right(spans, place, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and place < spans[index].end else None


def excerpt(turn: Turn, *, whole: int = WHOLE_WORDS, around: int = AROUND_WORDS) -> tuple[Piece, ...]:
    """Return a turn: whole up to ``whole`` words, else its evidence with ``around`` words on either side."""
    words = _words(turn)
    if len(words) <= whole:
        return cut(turn)
    spans = [span for spans in evidence_of(turn).values() for span in spans] or [Span(0, 1)]
    windows: list[tuple[int, int]] = []
    for span in sorted(spans):
        first, last = _around(words, span, around)
        if windows and first <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(last, windows[-1][1]))
        else:
            windows.append((first, last))
    return cut(turn, [(words[first][0], words[last][1]) for first, last in windows])


def _around(words: Sequence[tuple[int, int]], span: Span, around: int) -> tuple[int, int]:
    first = max(bisect_right(words, span.start, key=lambda word: word[0]) - 1, 0)
    last = min(bisect_left(words, span.end, key=lambda word: word[1]), len(words) - 1)
    return max(first - around, 0), min(last + around, len(words) - 1)


def beginning(turn: Turn, words: int = CONTEXT_WORDS) -> tuple[Piece, ...]:
    """Return the first words of a turn."""
    found = _words(turn)
    return cut(turn, [(0, found[words - 1][1])]) if len(found) > words else cut(turn)


def ending(turn: Turn, words: int = CONTEXT_WORDS) -> tuple[Piece, ...]:
    """Return the last words of a turn."""
    found = _words(turn)
    return cut(turn, [(found[-words][0], len(turn.text))]) if len(found) > words else cut(turn)


def both_ends(turn: Turn, words: int = CONTEXT_WORDS) -> tuple[Piece, ...]:
    """Return a turn that stands between two marked ones: its first and last words when it is long."""
    found = _words(turn)
    if len(found) <= 2 * words:
        return cut(turn)
    return cut(turn, [(0, found[words - 1][1]), (found[-words][0], len(turn.text))])


def _words(turn: Turn) -> list[tuple[int, int]]:
    return [match.span() for match in WORD.finditer(turn.text)]


def join_passages(marked: Sequence[int], turns: int) -> tuple[Passage, ...]:
    """Return the passages around marked turns, one turn of context on either side, within ``turns`` turns."""
    runs: list[list[int]] = []
    for index in marked:
        if runs and index - runs[-1][-1] <= JOIN_GAP:
            runs[-1].append(index)
        else:
            runs.append([index])
    return tuple(Passage(max(run[0] - 1, 0), min(run[-1] + 1, turns - 1), tuple(run)) for run in runs)
