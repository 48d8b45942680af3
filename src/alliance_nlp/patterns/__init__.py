"""What the turns and markers of one session add up to: the numbers that a report shows.

In: an annotated transcript.  Out: :class:`SessionPatterns`: counts, shares and turn indices, never any text.
Left out: wording and drawing (``report``), comparison between sessions, anything about a person.

Definitions, the same on every page and in every export:

* *word*: a run of characters between spaces that holds a letter or a digit (« qu'est-ce que » is two),
  outside the transcriber's notes; a placeholder such as ``[PRÉNOM]`` stands for a word that was said.
* *third*: turn ``i`` of ``n`` lies in third ``⌊3i / n⌋``: equal numbers of turns, the unit that is tagged.
* *count of a label*: turns that carry it, whoever gave it; two annotators on one turn count once.
* *agreement*: a turn that carries ``goal`` or ``task``.
* *rupture episode*: see :mod:`alliance_nlp.patterns.episodes`; *bond after a repair*: ``after_repair``.
* *phase*: see ``phases``; *smoothed density*: ``density``; *proposal and uptake*: ``uptake``; *dyad*: ``dyad``.
* *doubtful turn*: the model's own ``needs_review``.
"""

from __future__ import annotations

from dataclasses import dataclass

from alliance_nlp.patterns.after_repair import BondAfterRepair, bond_after_repair
from alliance_nlp.patterns.counts import LabelCount, OriginCount, count_labels, count_origins
from alliance_nlp.patterns.density import KERNEL_TURNS, smooth
from alliance_nlp.patterns.dyad import DyadContrast, LabelContrast, DyadSession, contrast, dyad_session
from alliance_nlp.patterns.episodes import (
    BEFORE_TURNS,
    EPISODE_GAP,
    RETURN_TURNS,
    Episode,
    Outcome,
    Resolution,
    Stretch,
    find_episodes,
    longest_without,
    repairs_outside,
)
from alliance_nlp.patterns.phases import FAMILIES, MIN_PHASE, Phase, find_phases
from alliance_nlp.patterns.talk import (
    SpeakerTalk,
    Third,
    count_words,
    cut_into_thirds,
    duration_s,
    share_talk,
)
from alliance_nlp.patterns.uptake import UPTAKE_TURNS, Proposal, Uptake, find_proposals
from alliance_nlp.transcript import Role, Transcript

__all__ = [
    "AGREEMENT",
    "BEFORE_TURNS",
    "EPISODE_GAP",
    "FAMILIES",
    "KERNEL_TURNS",
    "MIN_PHASE",
    "RETURN_TURNS",
    "UPTAKE_TURNS",
    "BondAfterRepair",
    "DyadContrast",
    "Episode",
    "LabelContrast",
    "LabelCount",
    "OriginCount",
    "Outcome",
    "Phase",
    "Proposal",
    "Resolution",
    "DyadSession",
    "SessionPatterns",
    "SpeakerTalk",
    "Stretch",
    "Third",
    "Uptake",
    "contrast",
    "dyad_session",
    "count_words",
    "session_patterns",
    "smooth",
]

AGREEMENT = frozenset({"goal", "task"})


@dataclass(frozen=True, slots=True)
class SessionPatterns:
    """All numbers of one session.  Turns are named by their index in the record.

    ``words`` is the total, ``turn_words`` holds each turn's; ``talk`` and the cells of ``counts`` follow the
    order of ``transcript.speakers``, with a last entry for turns without a speaker when there are any.
    """

    turns: int
    words: int
    turn_words: tuple[int, ...]
    duration_s: float | None
    talk: tuple[SpeakerTalk, ...]
    thirds: tuple[Third, Third, Third]
    counts: tuple[LabelCount, ...]
    marked: tuple[int, ...]
    agreement: tuple[int, ...]
    doubtful: tuple[int, ...]
    episodes: tuple[Episode, ...]
    repairs_outside_episodes: tuple[int, ...]
    longest_without_agreement: Stretch | None
    origins: tuple[OriginCount, ...]
    phases: tuple[Phase, ...]
    proposals: tuple[Proposal, ...]
    therapists: tuple[str, ...]
    bond_after_repair: BondAfterRepair

    def count(self, name: str) -> LabelCount:
        """Return the count of a label or type; KeyError when the scheme has none of that name."""
        for entry in self.counts:
            if entry.name == name:
                return entry
        raise KeyError(name)


def session_patterns(transcript: Transcript) -> SessionPatterns:
    """Return all numbers of one session."""
    turns = transcript.turns
    turn_words = tuple(count_words(turn.text) for turn in turns)
    talk = share_talk(transcript, turn_words)
    therapists = tuple(speaker.id for speaker in transcript.speakers if speaker.role is Role.THERAPIST)
    episodes = find_episodes(turns, therapists)
    return SessionPatterns(
        turns=len(turns),
        words=sum(turn_words),
        turn_words=turn_words,
        duration_s=duration_s(turns),
        talk=talk,
        thirds=cut_into_thirds(turn_words),
        counts=count_labels(turns, [entry.speaker for entry in talk]),
        marked=tuple(turn.index for turn in turns if turn.markers),
        agreement=tuple(turn.index for turn in turns if turn.labels & AGREEMENT),
        doubtful=tuple(turn.index for turn in turns if turn.needs_review),
        episodes=episodes,
        repairs_outside_episodes=repairs_outside(turns, episodes),
        longest_without_agreement=longest_without(turns, turn_words, AGREEMENT),
        origins=count_origins(turns),
        phases=find_phases(turns),
        proposals=find_proposals(turns, therapists),
        therapists=therapists,
        bond_after_repair=bond_after_repair(turns),
    )
