"""The therapist's proposals and what the patient side did with them, as far as markers tell.

In: turns and who the therapists are.  Out: :class:`Proposal`, one an exchange.  Left out: what was proposed, and any
judgement on who proposes or who answers.

A *proposal* is a therapist's turn with ``goal`` or ``task`` (the codebook's rule 3: it leaves room to answer).  An
*exchange* opens at a proposal and takes in every further proposal at most :data:`UPTAKE_TURNS` turns after the one
before, until one is accepted.  An *acceptance* is a turn of another speaker that carries a label of the exchange's
proposals (rule 2: an assent inherits its proposal's label); it counts up to :data:`UPTAKE_TURNS` turns after the last
proposal.  The exchange is over, too, when the therapist goes on to something else: a turn of more than :data:`SOUND_WORDS`
words that proposes nothing, after which an answer is an answer to that turn.  What is said of an exchange:

* ``accepted``: one proposal, its acceptance, no rupture up to then.
* ``refined``: accepted after a further proposal, whatever came between the two, with no rupture after the last one.
* ``grudging``: accepted with a rupture after the last proposal, be it in the accepting turn itself; or not accepted,
  with a withdrawal (rule 2: a deferential « si vous voulez » is a withdrawal and no assent).
* ``refused``: not accepted, with a confrontation (rule 4).
* ``unmarked``: neither acceptance nor rupture; a proposal may well have been taken up in words that carry no marker.

The definitions are this project's.  They follow the codebook's rules on assent and disagreement, and know nothing of
what the turns say.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from alliance_nlp.patterns.talk import count_words
from alliance_nlp.transcript import Turn

UPTAKE_TURNS = 5  # what an annotator may look ahead for a turn's meaning (codebook, « Unit »)
SOUND_WORDS = 3  # « Hm hm », « D'accord, oui » : a listener's turn, after which the other is still answering
PROPOSED = frozenset({"goal", "task"})


class Uptake(str, Enum):
    """What was marked after a proposal."""

    ACCEPTED = "accepted"
    REFINED = "refined"
    GRUDGING = "grudging"
    REFUSED = "refused"
    UNMARKED = "unmarked"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One exchange: its proposals, the rupture turns met on the way, the accepting turn if any; all are indices."""

    turns: tuple[int, ...]
    labels: tuple[str, ...]
    ruptures: tuple[int, ...]
    acceptance: int | None
    uptake: Uptake

    @property
    def answers(self) -> tuple[int, ...]:
        """The turns that the uptake rests on, in order."""
        accepting = () if self.acceptance is None else (self.acceptance,)
        return tuple(sorted({*self.ruptures, *accepting}))


def find_proposals(turns: Sequence[Turn], therapists: Collection[str]) -> tuple[Proposal, ...]:
    """Return the exchanges around the proposals of ``therapists`` (speaker names), in order."""
    found: list[Proposal] = []
    place = 0
    while place < len(turns):
        if is_proposal(turns[place], therapists):
            found.append(_exchange(turns, place, therapists))
            place = (found[-1].turns[-1] if found[-1].acceptance is None else found[-1].acceptance) + 1
        else:
            place += 1
    return tuple(found)


def is_proposal(turn: Turn, therapists: Collection[str]) -> bool:
    """Return True for a therapist's turn that carries ``goal`` or ``task``."""
    return turn.speaker in therapists and bool(turn.labels & PROPOSED)


def _exchange(turns: Sequence[Turn], first: int, therapists: Collection[str]) -> Proposal:
    proposals, ruptures, acceptance, place = [first], [], None, first + 1
    offered = set(turns[first].labels & PROPOSED)
    while acceptance is None and place <= min(proposals[-1] + UPTAKE_TURNS, len(turns) - 1):
        turn = turns[place]
        if is_proposal(turn, therapists):
            proposals.append(place)
            offered |= turn.labels & PROPOSED
        elif turn.speaker not in therapists:
            ruptures += [place] if "rupture" in turn.labels else []
            acceptance = place if turn.labels & offered else None
        elif count_words(turn.text) > SOUND_WORDS:
            break
        place += 1
    return Proposal(
        turns=tuple(proposals),
        labels=tuple(label for label in ("goal", "task") if label in offered),
        ruptures=tuple(ruptures),
        acceptance=acceptance,
        uptake=_uptake(turns, proposals, ruptures, acceptance),
    )


def _uptake(turns: Sequence[Turn], proposals: Sequence[int], ruptures: Sequence[int], acceptance: int | None) -> Uptake:
    if acceptance is not None:
        if any(place > proposals[-1] for place in ruptures):
            return Uptake.GRUDGING
        return Uptake.REFINED if len(proposals) > 1 else Uptake.ACCEPTED
    types = {name for place in ruptures for name in turns[place].types}
    if "confrontation" in types:
        return Uptake.REFUSED
    return Uptake.GRUDGING if types else Uptake.UNMARKED
