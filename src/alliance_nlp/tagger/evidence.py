"""Token scores → evidence spans: the shortest run of words that carries a marker.

In: per token a probability and the characters it stands for.  Out: spans on word boundaries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alliance_nlp.transcript import Span

WORD = re.compile(r"\[[^\]]*\]|\([^)]*\)|[^\W_]+(?:['’\-][^\W_]+)*['’]?|\S")
BRIDGE_CHARACTERS = 12  # two evidence runs nearer than this are one: a reader marks the phrase, not its words
FALLBACK_SHARE = 0.6  # when no word passes, the run around the best one, down to this share of its score


def find_spans(
    text: str, scores: Sequence[float], offsets: Sequence[tuple[int, int]], *, threshold: float
) -> tuple[Span, ...]:
    """Return the evidence in ``text``, at least one span unless the text has no word."""
    words = score_words(text, scores, offsets)
    if not words:
        return (Span(0, len(text)),) if text else ()
    best = max(score for _, _, score in words)
    cut = threshold if best >= threshold else best * FALLBACK_SHARE
    spans: list[list[int]] = []
    for start, end, score in words:
        if score < cut:
            continue
        if spans and start - spans[-1][1] <= BRIDGE_CHARACTERS:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    return tuple(Span(start, end) for start, end in spans)


def score_words(
    text: str, scores: Sequence[float], offsets: Sequence[tuple[int, int]]
) -> list[tuple[int, int, float]]:
    """Return (start, end, best token score) of every word of ``text`` that a token touches."""
    tokens = [(start, end, score) for (start, end), score in zip(offsets, scores, strict=True) if end > start]
    words, at = [], 0
    for match in WORD.finditer(text):
        while at < len(tokens) and tokens[at][1] <= match.start():
            at += 1
        inside = [score for start, end, score in tokens[at : at + len(match[0]) + 1] if start < match.end()]
        if inside and any(character.isalnum() for character in match[0]):
            words.append((match.start(), match.end(), max(inside)))
    return words
