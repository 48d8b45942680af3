"""Wording that comes back from one session to another.

In: sessions.  Out: runs of words (lower case, without punctuation) and the sessions they stand in.  Spoken language repeats
itself by nature, so repetition inside evidence is measured against repetition in the untagged talk of the same sessions: evidence
that repeats more than ordinary talk does would show stock phrases.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from alliance_nlp.transcript import Transcript, Turn

_WORD = re.compile(r"\w+(?:['’-]\w+)*")  # « qu'est-ce » and « moi-même » are one word
_NOTE = re.compile(r"\[[^\]]*\]")  # [rire], [silence 8 s], [PRÉNOM]: transcription, not wording

Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunLengthOverlap:
    """Of the distinct runs of ``words`` words of a session, the mean share (0–1) that stands in another session too."""

    words: int
    evidence: float
    untagged: float


def words_of(text: str) -> list[str]:
    """Return the words, lower case, notes left out.

    >>> words_of("Ben… j'ai [rire] RIEN fait.")
    ['ben', "j'ai", 'rien', 'fait']
    """
    return [word.lower().replace("’", "'") for word in _WORD.findall(_NOTE.sub(" ", text))]


def runs(text: str, length: int) -> Iterator[Run]:
    """Yield the runs of ``length`` words of ``text``."""
    words = words_of(text)
    for start in range(len(words) - length + 1):
        yield tuple(words[start : start + length])


def evidence_texts(turn: Turn) -> list[str]:
    """Return the passages that are evidence of something."""
    return [turn.text[span.start : span.end] for marker in turn.markers for span in marker.spans]


def places(sessions: Iterable[Transcript], length: int, *, evidence: bool) -> dict[Run, set[str]]:
    """Return the runs of evidence (or of untagged turns) and the ids of the sessions in which they stand."""
    found: dict[Run, set[str]] = defaultdict(set)
    for session in sessions:
        for turn in session.turns:
            texts = evidence_texts(turn) if evidence else [turn.text] if not turn.markers else []
            for text in texts:
                for run in runs(text, length):
                    found[run].add(session.session_id)
    return found


def overlap(sessions: Sequence[Transcript], length: int) -> RunLengthOverlap:
    """Return how much of evidence, and of untagged talk, comes back anywhere else in the corpus."""
    tagged, plain = (places(sessions, length, evidence=evidence) for evidence in (True, False))
    anywhere: dict[Run, set[str]] = defaultdict(set)
    for table in (tagged, plain):
        for run, names in table.items():
            anywhere[run] |= names
    return RunLengthOverlap(length, shared_share(tagged, anywhere), shared_share(plain, anywhere))


def shared_share(table: dict[Run, set[str]], anywhere: dict[Run, set[str]]) -> float:
    """Return the mean over sessions of the share of their runs that stand in another session."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for run, names in table.items():
        for name in names:
            totals[name][0] += 1
            totals[name][1] += len(anywhere[run]) > 1
    return sum(shared / count for count, shared in totals.values()) / len(totals) if totals else 0.0


def most_repeated(sessions: Sequence[Transcript], length: int, *, least_sessions: int = 3) -> list[tuple[Run, int]]:
    """Return the runs of evidence that stand in at least so many sessions, the most frequent first."""
    found = places(sessions, length, evidence=True)
    often = [(run, len(names)) for run, names in found.items() if len(names) >= least_sessions]
    return sorted(often, key=lambda item: (-item[1], item[0]))


def common_words(sessions: Iterable[Transcript], count: int) -> frozenset[str]:
    """Return the most frequent words: what any talk is made of, so that a run of them is nobody's wording."""
    seen = Counter(word for session in sessions for turn in session.turns for word in words_of(turn.text))
    return frozenset(word for word, _ in seen.most_common(count))


def across_splits(splits: dict[str, Sequence[Transcript]], length: int) -> list[tuple[Run, set[str]]]:
    """Return the runs of evidence that stand in more than one split, with the sessions."""
    tables = {split: places(sessions, length, evidence=True) for split, sessions in splits.items()}
    by_run: dict[Run, dict[str, set[str]]] = defaultdict(dict)
    for split, table in tables.items():
        for run, names in table.items():
            by_run[run][split] = names
    return [(run, set().union(*where.values())) for run, where in by_run.items() if len(where) > 1]
