"""What a session's page holds, before any template: one documented dataclass a thing shown.

In: an annotated transcript and what is known of the model.  Out: :class:`SessionPage`, which the HTML and the
Markdown template and ``data.report_data`` all read, so that the three say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.evaluation.likeness import is_withheld
from alliance_nlp.patterns import (
    DyadContrast,
    DyadSession,
    SessionPatterns,
    contrast,
    dyad_session,
    session_patterns,
)
from alliance_nlp.report.curves import Curves, densities_of, draw_curves
from alliance_nlp.report.drawings import TimeLine, time_line, turn_edges
from alliance_nlp.report.excerpts import (
    Passage,
    Piece,
    beginning,
    both_ends,
    cut,
    ending,
    excerpt,
    join_passages,
)
from alliance_nlp.report.facts import ModelFacts, read_facts
from alliance_nlp.report.kinds import KindFacts, kinds_of
from alliance_nlp.report.marks import Doubt, Mark, doubts_of, marks_of
from alliance_nlp.report.numbering import turn_anchor, turn_number
from alliance_nlp.transcript import OriginKind, Role, Transcript, Turn

DOUBT_WORDS = 45  # a doubtful turn up to this long is listed whole: the list is read first, so it stays short
DOUBT_AROUND = 12  # of a longer one: its evidence, or its beginning, with so many words around
FIRST_DOUBTS = 8  # shown at once: what two of a reader's ten minutes allow; the others stand in a fold
LONG_WORDS = 150  # a longer turn may be cut by the end of a printed page
SHOWN_METADATA = ("dyad_id", "session_number", "date")


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn as shown: ``number`` and ``anchor`` count from 1, ``index`` is the record's."""

    index: int
    number: int
    anchor: str
    speaker: str | None
    role: Role
    words: int
    start_s: float | None
    line: int | None
    labels: tuple[str, ...]
    marks: tuple[Mark, ...]
    doubts: tuple[Doubt, ...]
    needs_review: bool
    pieces: tuple[Piece, ...]

    def lanes(self, label: str) -> tuple[str, ...]:
        """Return the tags that the turn's markers of a label are drawn under, each once."""
        return tuple(
            dict.fromkeys(lane for mark in self.marks if mark.marker.label == label for lane in mark.lanes)
        )

    def hollow(self, label: str) -> bool:
        """Return True when all that speaks for a label is a marker the model doubts."""
        marks = [mark for mark in self.marks if mark.marker.label == label]
        return bool(marks) and all(mark.doubtful for mark in marks)

    def types(self, label: str) -> tuple[str, ...]:
        """Return the types of the turn's markers of a label, each once."""
        return tuple(
            dict.fromkeys(
                kind for mark in self.marks if mark.marker.label == label for kind in mark.marker.types
            )
        )

    @property
    def sure(self) -> tuple[str, ...]:
        """The labels that at least one marker gives without doubt."""
        return tuple(dict.fromkeys(mark.marker.label for mark in self.marks if not mark.doubtful))

    @property
    def to_check(self) -> tuple[str, ...]:
        """The labels to be checked, given or not; all of the turn's when its doubt names none."""
        named = [mark.marker.label for mark in self.marks if mark.doubtful] + [doubt.label for doubt in self.doubts]
        return tuple(dict.fromkeys(named or self.labels)) if self.needs_review else tuple(dict.fromkeys(named))

    @property
    def long(self) -> bool:
        """True when the turn is too long to be kept on one printed page with its neighbours."""
        return self.words > LONG_WORDS


@dataclass(frozen=True, slots=True)
class PassageLine:
    """One turn of a passage, shortened; ``context`` when it carries no marker."""

    turn: TurnView
    pieces: tuple[Piece, ...]
    context: bool


@dataclass(frozen=True, slots=True)
class PassageView:
    """Marked turns that stand together with the turn before and the turn after."""

    first: int
    last: int
    labels: tuple[str, ...]
    lines: tuple[PassageLine, ...]

    @property
    def sure(self) -> tuple[str, ...]:
        """The labels that a marker of the passage gives without doubt."""
        return tuple(dict.fromkeys(label for line in self.lines for label in line.turn.sure))

    @property
    def to_check(self) -> tuple[str, ...]:
        """The labels to be checked on the passage's marked turns."""
        return tuple(dict.fromkeys(label for line in self.lines if line.turn.marks for label in line.turn.to_check))


@dataclass(frozen=True, slots=True)
class EpisodeView:
    """A rupture episode in its own words: the turn before, the first rupture and its answer, the first repair and its answer, the
    first return.  ``lines`` are in order; ``number`` counts from 1."""

    number: int
    lines: tuple[PassageLine, ...]


@dataclass(frozen=True, slots=True)
class DoubtView:
    """One doubtful turn in the list to check first; ``episode`` is the number of the one it lies in."""

    turn: TurnView
    pieces: tuple[Piece, ...]
    episode: int | None = None


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Everything a session's page shows.  ``models`` read it; ``cautions`` are message keys.

    Without text (``with_text`` False) no piece of what was said is in it: ``passages`` is empty and every ``pieces``
    too.  ``links`` are the pages of the dyad's earlier sessions by id, relative to this one.
    """

    transcript: Transcript
    patterns: SessionPatterns
    facts: ModelFacts
    metadata: Mapping[str, str]
    models: tuple[str, ...]
    machine_read: bool
    cautions: tuple[str, ...]
    turns: tuple[TurnView, ...]
    passages: tuple[PassageView, ...]
    doubts: tuple[DoubtView, ...]
    episodes: tuple[EpisodeView, ...]
    time_line: TimeLine | None
    curves: Curves | None
    kinds: tuple[KindFacts, ...]
    contrast: DyadContrast | None
    links: Mapping[str, str]
    with_text: bool

    def doubted(self, *labels: str) -> int:
        """Return how many turns carry one of the labels by doubtful markers alone."""
        carrying = [[label for label in labels if label in view.labels] for view in self.turns]
        return sum(
            bool(own) and all(view.hollow(label) for label in own) for view, own in zip(self.turns, carrying, strict=True)
        )

    @property
    def first_doubts(self) -> tuple[DoubtView, ...]:
        """The doubtful turns shown at once."""
        return self.doubts[:FIRST_DOUBTS]

    @property
    def other_doubts(self) -> tuple[DoubtView, ...]:
        """The doubtful turns in the fold."""
        return self.doubts[FIRST_DOUBTS:]


def session_page(
    transcript: Transcript,
    *,
    model_facts: Mapping[str, Any] | None = None,
    earlier: Sequence[DyadSession] = (),
    links: Mapping[str, str] | None = None,
    with_text: bool = True,
) -> SessionPage:
    """Return what the page of one session shows; ``earlier`` may hold any sessions, of this dyad or another."""
    facts = read_facts(model_facts)
    patterns = session_patterns(transcript)
    views = tuple(
        _turn_view(transcript, turn, patterns.turn_words[turn.index], facts, with_text) for turn in transcript.turns
    )
    machine_read = is_machine_read(transcript)
    passages = join_passages(patterns.marked, len(views)) if with_text else ()
    return SessionPage(
        transcript=transcript,
        patterns=patterns,
        facts=facts,
        metadata=_metadata(transcript),
        models=model_names(transcript, facts) if machine_read else (),
        machine_read=machine_read,
        cautions=_cautions(transcript),
        turns=views,
        passages=tuple(_passage(transcript, views, passage) for passage in passages),
        doubts=_doubts(transcript, patterns, views, with_text),
        episodes=_episodes(transcript, patterns, views) if with_text else (),
        time_line=time_line(transcript, patterns, marks={view.index: view.marks for view in views}),
        curves=_curves(transcript, patterns, views),
        kinds=kinds_of(transcript, facts) if machine_read else (),
        contrast=contrast(dyad_session(transcript), earlier),
        links=dict(links or {}),
        with_text=with_text,
    )


def is_machine_read(transcript: Transcript) -> bool:
    """Return True when a model gave markers or probabilities to at least one turn, and did not leave the session unmarked."""
    return not is_withheld(transcript) and any(
        turn.probabilities is not None or any(m.origin.kind is OriginKind.MODEL for m in turn.markers)
        for turn in transcript.turns
    )


def model_names(transcript: Transcript, facts: ModelFacts) -> tuple[str, ...]:
    """Return the models that gave markers, with their versions; else the one that the facts name."""
    origins = {marker.origin for turn in transcript.turns for marker in turn.markers}
    names = {(o.name, o.version or "") for o in origins if o.kind is OriginKind.MODEL}
    if not names and facts.name:
        names = {(facts.name, facts.version or "")}
    return tuple(" ".join(part for part in pair if part) for pair in sorted(names))


def _turn_view(transcript: Transcript, turn: Turn, words: int, facts: ModelFacts, with_text: bool) -> TurnView:
    marks = marks_of(turn, facts)
    return TurnView(
        index=turn.index,
        number=turn_number(turn.index),
        anchor=turn_anchor(turn.index),
        speaker=turn.speaker,
        role=transcript.role_of(turn),
        words=words,
        start_s=turn.start_s,
        line=turn.line,
        labels=tuple(dict.fromkeys(mark.marker.label for mark in marks)),
        marks=marks,
        doubts=doubts_of(turn, facts),
        needs_review=turn.needs_review,
        pieces=cut(turn) if with_text else (),
    )


def _passage(transcript: Transcript, views: tuple[TurnView, ...], passage: Passage) -> PassageView:
    marked = set(passage.marked)
    lines = []
    for index in range(passage.first, passage.last + 1):
        turn = transcript.turns[index]
        if index in marked:
            pieces = excerpt(turn)
        elif index < passage.marked[0]:
            pieces = ending(turn)
        else:
            pieces = beginning(turn) if index > passage.marked[-1] else both_ends(turn)
        lines.append(PassageLine(views[index], pieces, index not in marked))
    labels = dict.fromkeys(label for index in passage.marked for label in views[index].labels)
    return PassageView(passage.first, passage.last, tuple(labels), tuple(lines))


def _episodes(transcript: Transcript, patterns: SessionPatterns, views: tuple[TurnView, ...]) -> tuple[EpisodeView, ...]:
    found = []
    for number, episode in enumerate(patterns.episodes, 1):
        shown = {episode.first - 1, episode.first, episode.first + 1, *episode.returned[:1]}
        shown |= {index + step for index in episode.repairs[:1] for step in (0, 1)}
        inside = sorted(index for index in shown if 0 <= index < len(views))
        found.append(EpisodeView(number, tuple(_episode_line(transcript, views[index], episode.first) for index in inside)))
    return tuple(found)


def _episode_line(transcript: Transcript, view: TurnView, first: int) -> PassageLine:
    turn = transcript.turns[view.index]
    if view.marks:
        return PassageLine(view, excerpt(turn, whole=DOUBT_WORDS, around=DOUBT_AROUND), False)
    return PassageLine(view, ending(turn, DOUBT_WORDS) if view.index < first else beginning(turn, DOUBT_WORDS), True)


def _doubts(
    transcript: Transcript, patterns: SessionPatterns, views: tuple[TurnView, ...], with_text: bool
) -> tuple[DoubtView, ...]:
    """Return the doubtful turns: first those on whose rupture or repair an episode's reading rests, then others within one."""
    episode_of = {
        index: number
        for number, episode in enumerate(patterns.episodes, 1)
        for index in range(episode.first, episode.last + 1)
    }
    ordered = sorted(patterns.doubtful, key=lambda index: (index not in episode_of, not _bears(views[index]), index))
    found = []
    for index in ordered:
        turn = transcript.turns[index]
        pieces = excerpt(turn, whole=DOUBT_WORDS, around=DOUBT_AROUND) if with_text else ()
        found.append(DoubtView(views[index], pieces, episode_of.get(index)))
    return tuple(found)


def _bears(view: TurnView) -> bool:
    """Return True when the turn's doubt is about a rupture or a repair."""
    return any(doubt.label in ("rupture", "repair") for doubt in view.doubts)


def _curves(transcript: Transcript, patterns: SessionPatterns, views: tuple[TurnView, ...]) -> Curves | None:
    doubtful = any(mark.doubtful for view in views for mark in view.marks)
    sure = {view.index: view.sure for view in views} if doubtful else None
    if not views:
        return None
    return draw_curves(patterns, turn_edges(transcript, patterns), densities_of([view.labels for view in views], sure))


def _metadata(transcript: Transcript) -> dict[str, str]:
    found = ((key, transcript.metadata.get(key)) for key in SHOWN_METADATA)
    return {key: str(value) for key, value in found if isinstance(value, (str, int)) and str(value).strip()}


def _cautions(transcript: Transcript) -> tuple[str, ...]:
    turns = transcript.turns
    named = {transcript.role_of(turn) for turn in turns if turn.speaker is not None}
    checks = {
        "caution_no_turn": not turns,
        "caution_unknown_roles": Role.UNKNOWN in named,
        "caution_no_therapist": bool(named) and not named & {Role.THERAPIST, Role.UNKNOWN},
        "caution_no_speaker": any(turn.speaker is None for turn in turns),
        "caution_no_marker": bool(turns) and not any(turn.markers for turn in turns) and not is_withheld(transcript),
    }
    return tuple(key for key, holds in checks.items() if holds)
