"""Counts of the corpus: by split and by card.  In: sessions, cards, pairs.  Out: numbers and their table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from alliance_nlp.corpus.folder import SPLITS, corpus_folder, load_sessions, read_cards
from alliance_nlp.corpus.pairs import NOTHING, PAIR_SPLITS, Pair, load_pairs, pairs_folder
from alliance_nlp.corpus.repeats import RunLengthOverlap, most_repeated, overlap
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.transcript import Transcript

ASR_WORD, EDITED_WORD = "asr", "édité"  # how cards name these two ways of transcribing
RUN_LENGTHS = (3, 4, 5, 6, 8)  # words
REPEATED_WORDS, REPEATED_SESSIONS, REPEATED_SHOWN = 4, 4, 25  # the list of what comes back most


@dataclass(frozen=True, slots=True)
class Counts:
    """One split, or several together.  ``tags``: turns that carry each tag; ``ordinary`` and ``asr`` are sessions."""

    sessions: int
    turns: int
    words: int
    untagged: int
    ordinary: int
    asr: int
    tags: Mapping[str, int]

    @property
    def untagged_share(self) -> float:
        """Share (0–1) of the turns that carry no tag."""
        return self.untagged / self.turns if self.turns else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON-ready values."""
        return asdict(self)


def count(sessions: Sequence[Transcript]) -> Counts:
    """Count sessions, turns, words and tags."""
    turns = [turn for session in sessions for turn in session.turns]
    tags = default_label_set().markup_tags
    return Counts(
        sessions=len(sessions),
        turns=len(turns),
        words=sum(len(turn.text.split()) for turn in turns),
        untagged=sum(not turn.markers for turn in turns),
        ordinary=sum(is_ordinary(session) for session in sessions),
        asr=sum(transcription(session) == ASR_WORD for session in sessions),
        tags={tag: sum(tag in turn.labels or tag in turn.types for turn in turns) for tag in tags},
    )


def is_ordinary(session: Transcript) -> bool:
    """True for talk that is no therapy."""
    return session.metadata.get("therapy") is False


def transcription(session: Transcript) -> str:
    """Return ``"asr"``, ``"édité"`` or ``"verbatim"``."""
    said = str(session.metadata.get("transcription", "")).lower()
    return next((word for word in (ASR_WORD, EDITED_WORD) if said.startswith(word)), "verbatim")


def approach_family(card: Mapping[str, Any]) -> str:
    """Return the approach without what stands in brackets."""
    return str(card["approach"]).partition(" (")[0].strip()


def by_approach(sessions: Sequence[Transcript], cards: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Return how many sessions each approach has, the most frequent first."""
    return Counter(approach_family(cards[session.session_id]) for session in sessions).most_common()


def contrasts(pairs: Sequence[Pair]) -> list[tuple[str, int]]:
    """Return how many pairs set what against what, the most frequent first."""
    return Counter(" / ".join(sorted(side_name(side) for side in pair.carried)) for pair in pairs).most_common()


def side_name(tags: frozenset[str]) -> str:
    """Return the tags of a member's last turn, joined, in the scheme's order."""
    return " + ".join(tag for tag in default_label_set().markup_tags if tag in tags) or NOTHING


def total(parts: Iterable[Counts]) -> Counts:
    """Return the counts of several splits together."""
    parts = list(parts)
    tags = {tag: sum(part.tags[tag] for part in parts) for tag in default_label_set().markup_tags}
    names = [field.name for field in fields(Counts) if field.name != "tags"]
    return Counts(**{name: sum(getattr(part, name) for part in parts) for name in names}, tags=tags)


def render_counts(splits: Mapping[str, Counts]) -> str:
    """Return the table of splits, their sum last."""
    tags = default_label_set().markup_tags
    lines = [f"{'':12}{'sessions':>9}{'turns':>8}{'words':>9}{'untagged':>10}" + "".join(f"{tag:>15}" for tag in tags)]
    for name, c in [*splits.items(), ("all", total(splits.values()))]:
        lines.append(
            f"{name:12}{c.sessions:9}{c.turns:8}{c.words:9}{c.untagged_share:10.1%}" + "".join(f"{c.tags[tag]:15}" for tag in tags)
        )
    return "\n".join(lines)


# ------------------------------------------------------------------------------------ the whole


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """All counts of a corpus.  ``repeated``: runs of words of evidence and in how many sessions they stand."""

    splits: Mapping[str, Counts]
    approaches: tuple[tuple[str, int], ...]
    transcriptions: tuple[tuple[str, int], ...]
    pairs: Mapping[str, tuple[tuple[str, int], ...]]
    overlap: tuple[RunLengthOverlap, ...]
    repeated: tuple[tuple[str, int], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON-ready values."""
        return asdict(self)


def corpus_stats(folder: str | Path | None = None) -> CorpusStats:
    """Count the corpus in ``folder``."""
    place = corpus_folder(folder)
    splits = {split: load_sessions(split, place) for split in SPLITS}
    everything = [session for sessions in splits.values() for session in sessions]
    has_pairs = (pairs_folder(place) / "splits.json").is_file()
    often = most_repeated(everything, REPEATED_WORDS, least_sessions=REPEATED_SESSIONS)[:REPEATED_SHOWN]
    return CorpusStats(
        splits={split: count(sessions) for split, sessions in splits.items()},
        approaches=tuple(by_approach(everything, read_cards(place))),
        transcriptions=tuple(Counter(map(transcription, everything)).most_common()),
        pairs={split: tuple(contrasts(load_pairs(split, place))) if has_pairs else () for split in PAIR_SPLITS},
        overlap=tuple(overlap(everything, length) for length in RUN_LENGTHS),
        repeated=tuple((" ".join(run), sessions) for run, sessions in often),
    )


def render_stats(stats: CorpusStats, language: str) -> str:
    """Return all counts as text for a terminal."""
    lines = [render_counts(stats.splits), "", render("corpus.approaches", language)]
    lines += [f"  {name:40}{number:5}" for name, number in stats.approaches]
    lines += ["", render("corpus.transcriptions", language)]
    lines += [f"  {name:40}{number:5}" for name, number in stats.transcriptions]
    for split, table in stats.pairs.items():
        lines += ["", render("corpus.pairs_of", language, split=split, count=sum(number for _, number in table))]
        lines += [f"  {name:40}{number:5}" for name, number in table]
    lines += ["", render("corpus.overlap", language)]
    lines += [f"  {line.words:5}{line.evidence:12.1%}{line.untagged:12.1%}" for line in stats.overlap]
    lines += ["", render("corpus.repeated", language, words=REPEATED_WORDS, sessions=REPEATED_SESSIONS)]
    lines += [f"  {number:5}  {run}" for run, number in stats.repeated]
    return "\n".join(lines)
