"""This session beside the same dyad's earlier ones.

In: :class:`DyadSession`, a few numbers a session, so that a folder's texts need not be held.  Out:
:class:`DyadContrast`, None without an earlier session.  Sessions belong together when their records give the same
``dyad_id``; one is earlier when its ``session_number`` is lower, or, where a number is missing, its ISO date.  What
cannot be ordered is left out.

No test is made: a handful of sessions carries none, and turns of one session are not independent.  A density is set
beside the pooled density of the earlier sessions (all their turns together) and their smallest and greatest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from alliance_nlp.evaluation.likeness import is_left_unmarked
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Transcript


@dataclass(frozen=True, slots=True)
class DyadSession:
    """What a later session needs to know of this one; ``labels`` counts turns by label and type."""

    session_id: str
    dyad: str | None
    number: int | None
    day: str | None
    turns: int
    labels: Mapping[str, int] = field(default_factory=dict)

    def density(self, name: str) -> float:
        """Return how many of 100 turns carry a label or type."""
        return 100 * self.labels.get(name, 0) / self.turns if self.turns else 0.0

    def is_before(self, other: DyadSession) -> bool:
        """Return True when this session is known to come before ``other``: by number, else by day."""
        if self.number is not None and other.number is not None:
            return self.number < other.number
        return self.day is not None and other.day is not None and self.day < other.day


@dataclass(frozen=True, slots=True)
class LabelContrast:
    """One label or type, in turns and per 100 turns: now, and earlier (pooled, smallest, greatest)."""

    name: str
    now: int
    now_per_100: float
    earlier: int
    earlier_per_100: float
    lowest_per_100: float
    highest_per_100: float


@dataclass(frozen=True, slots=True)
class DyadContrast:
    """The contrast of a session with the earlier ones of its dyad, in their order."""

    dyad: str
    earlier: tuple[DyadSession, ...]
    labels: tuple[LabelContrast, ...]

    @property
    def earlier_turns(self) -> int:
        """How many turns the earlier sessions hold."""
        return sum(session.turns for session in self.earlier)


def dyad_session(transcript: Transcript) -> DyadSession:
    """Return the few numbers of a session that later ones are set beside; one left unmarked stands in no dyad."""
    carried = [turn.labels | turn.types for turn in transcript.turns]
    names = default_label_set().outputs
    number = transcript.metadata.get("session_number")
    return DyadSession(
        session_id=transcript.session_id,
        dyad=None if is_left_unmarked(transcript) else transcript.dyad,
        number=number if isinstance(number, int) and not isinstance(number, bool) else None,
        day=_iso_day(transcript.metadata.get("date")),
        turns=len(carried),
        labels={name: sum(name in labels for labels in carried) for name in names},
    )


def _iso_day(value: object) -> str | None:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None


def contrast(now: DyadSession, others: Iterable[DyadSession]) -> DyadContrast | None:
    """Return ``now`` beside the earlier sessions of its dyad among ``others``; None when there are none."""
    if now.dyad is None:
        return None
    earlier = [other for other in others if other.dyad == now.dyad and other.turns and other.is_before(now)]
    if not earlier:
        return None
    earlier.sort(key=lambda session: (session.number is None, session.number or 0, session.day or "", session.session_id))
    names = default_label_set().outputs
    return DyadContrast(now.dyad, tuple(earlier), tuple(_label_contrast(name, now, earlier) for name in names))


def _label_contrast(name: str, now: DyadSession, earlier: list[DyadSession]) -> LabelContrast:
    marked = sum(session.labels.get(name, 0) for session in earlier)
    densities = [session.density(name) for session in earlier]
    return LabelContrast(
        name=name,
        now=now.labels.get(name, 0),
        now_per_100=now.density(name),
        earlier=marked,
        earlier_per_100=100 * marked / sum(session.turns for session in earlier),
        lowest_per_100=min(densities),
        highest_per_100=max(densities),
    )
