"""Which turns people checked, what they said of them and what the machine says: one session as sums.

In: sessions that a machine tagged, some of whose turns people checked.  Out: :class:`CheckedCounts`, small and without text.

* *Human tag* (0/1): the turn carries the output in a marker of origin ``adjudicated`` when its session holds any such marker
  (in a session that says turn by turn who reviewed it: when the turn does), else in one of origin ``human``.  A checked turn
  without such a marker is a checked « no ».
* *Machine value*: the calibrated probability, or the 0/1 tag of the model; which one is settled over all sessions (``corrected``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance_nlp.errors import ConfigError
from alliance_nlp.evaluation.reviewed import is_reviewed, machine_markers, reviewed_by
from alliance_nlp.labels import default_label_set
from alliance_nlp.statistics.counting import cluster_of, may_carry, turn_sides
from alliance_nlp.transcript import Marker, OriginKind, Transcript, Turn

Checked = Callable[[Transcript], Collection[int]]  # the indices of the turns that people checked
Inclusion = Callable[[Transcript], Mapping[int, float]]  # by turn index, the probability that it had of being checked
PEOPLE = (OriginKind.ADJUDICATED, OriginKind.HUMAN)  # the first that a session holds is the one that counts


@dataclass(frozen=True, slots=True)
class TurnSums:
    """Sums over the eligible turns of one session for one output.

    ``turns``, ``checked``: numbers of turns.  ``human``: checked turns that people tag.  Pairs hold (probability, 0/1 tag) sums:
    ``machine`` over checked, ``machine_unchecked`` over the others.  ``weighted_human``, ``weighted_machine``: the same divided
    by the probability of having been checked.
    """

    turns: int
    checked: int
    human: float
    machine: tuple[float, float]
    machine_unchecked: tuple[float, float]
    weighted_human: float
    weighted_machine: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CheckedCounts:
    """One session as sums, small and without text.  ``probabilities``: every turn has the machine's probabilities."""

    session_id: str
    cluster: str
    metadata: Mapping[str, Any]
    probabilities: bool
    weighted: bool
    sums: Mapping[str, TurnSums]


def checked_by_origin(session: Transcript) -> Collection[int]:
    """Return the turns that a person is known to have read.

    Those that say so (``reviewed_by`` beside the turn's text, as the review page writes it, be there a mark or not); where no turn
    of the session does, all turns of a session in which any marker comes from a person, none of another session.
    """
    said = [turn.index for turn in session.turns if reviewed_by(turn)]
    return said or (range(len(session.turns)) if people_of(session) else ())


def people_of(session: Transcript) -> OriginKind | None:
    """Return whose markers count as people's in this session: the adjudication's when there is one; None without any."""
    kinds = {marker.origin.kind for turn in session.turns for marker in turn.markers}
    return next((kind for kind in PEOPLE if kind in kinds), None)


def count_checked(
    session: Transcript | CheckedCounts, *, checked: Checked = checked_by_origin, inclusion: Inclusion | None = None
) -> CheckedCounts:
    """Return the session as sums; sums are returned as they are.

    Raises ConfigError when a checked turn has no probability of having been checked, or one outside ]0, 1].
    """
    if isinstance(session, CheckedCounts):
        return session
    chosen = frozenset(checked(session))
    odds = _odds(session, chosen, inclusion)
    known = all(turn.probabilities is not None for turn in session.turns)
    sums = {name: _sums(session, name, odds) for name in default_label_set().outputs}
    return CheckedCounts(session.session_id, cluster_of(session), dict(session.metadata), known, inclusion is not None, sums)


def _odds(session: Transcript, chosen: Collection[int], inclusion: Inclusion | None) -> dict[int, float]:
    """Return the probability of having been checked of each checked turn (1 when none are given)."""
    if inclusion is None:
        return {index: 1.0 for index in chosen}
    given = inclusion(session)
    for index in chosen:
        if not 0.0 < given.get(index, 0.0) <= 1.0:
            raise ConfigError("statistics.bad_inclusion", session=session.session_id, turn=index)
    return {index: given[index] for index in chosen}


def _sums(session: Transcript, name: str, odds: Mapping[int, float]) -> TurnSums:
    sides = turn_sides(session)
    people = None if is_reviewed(session) else people_of(session)
    turns = [turn for turn, side in zip(session.turns, sides, strict=True) if may_carry(side, name)]
    seen = [turn for turn in turns if turn.index in odds]
    said = [_given(turn.markers, name, people or people_of_turn(turn)) for turn in seen]
    read = [machine_values(turn, name) for turn in turns]
    read_seen = [machine_values(turn, name) for turn in seen]
    weights = [1 / odds[turn.index] for turn in seen]
    on_checked = tuple(sum(values[kind] for values in read_seen) for kind in (0, 1))
    return TurnSums(
        turns=len(turns),
        checked=len(seen),
        human=float(sum(said)),
        machine=(on_checked[0], on_checked[1]),
        machine_unchecked=tuple(sum(values[kind] for values in read) - on_checked[kind] for kind in (0, 1)),
        weighted_human=sum(w * y for w, y in zip(weights, said, strict=True)),
        weighted_machine=tuple(sum(w * v[kind] for w, v in zip(weights, read_seen, strict=True)) for kind in (0, 1)),
    )


def people_of_turn(turn: Turn) -> OriginKind | None:
    """Return whose markers count as people's on this turn."""
    kinds = {marker.origin.kind for marker in turn.markers}
    return next((kind for kind in PEOPLE if kind in kinds), None)


def _given(markers: Sequence[Marker], name: str, kind: OriginKind | None) -> bool:
    """True when a marker of this origin gives the output."""
    return any(marker.origin.kind is kind and (marker.label == name or name in marker.types) for marker in markers)


def machine_values(turn: Turn, name: str) -> tuple[float, float]:
    """Return (probability, 0/1 tag) of the machine; the tag stands for a missing probability."""
    tag = float(_given(machine_markers(turn), name, OriginKind.MODEL))  # on a reviewed turn they were set aside
    return (turn.probabilities or {}).get(name, tag), tag
