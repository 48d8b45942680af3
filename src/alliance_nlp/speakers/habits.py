"""How each speaker talks, counted: questions, forms of address, first person, length, echoes.

In: turns.  Out: a handful of rates a speaker (:class:`Habits`) and a handful for the room (:class:`Room`), numbers
only.  Nothing is decided here (see :mod:`alliance_nlp.speakers.talk`).  Recognised speech without punctuation counts
too: a question is a mark or one of the usual French openings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alliance_nlp.transcript import Turn

YOU = frozenset("vous votre vos tu te t toi ton ta tes".split())
ME = frozenset("je j me m moi mon ma mes".split())
EMPTY = frozenset(  # words that do not count when one speaker takes up the other's words
    """le la les l un une des de du d et ou je j tu il elle on nous vous ils elles c ça ce est a à au aux que qu qui ne n
    pas y en dans sur pour avec mais donc se s me m te t mon ma mes votre vos oui non ben ah oh hm mm là bien bon alors si
    plus tout être avoir fait ai as ont sont était""".split()
)
ECHO_WORDS = 10  # an echo is short: « Onze mille lignes fantômes. »
ECHO_SHARE = 0.5  # … and at least half of its full words were just said by somebody else
PRIOR_TURNS, PRIOR_THOUSANDS = 10, 0.5  # talk without any sign, added to each count: little talk proves little

_WORD = re.compile(r"[^\W\d_]+")
_NOTE = re.compile(r"\[[^\]\n]{0,80}\]|\((?:silence|rires?|pause|soupirs?|pleurs?)[^)\n]{0,40}\)", re.IGNORECASE)
_QUESTION = re.compile(
    r"""\? | \best[ -]ce\b | \b(?:comment|pourquoi|combien|quel|quelle|quels|quelles)\b | \bc['’]est\ quoi\b
    | \w-(?:vous|tu|t-il|t-elle|t-on)\b
    | \b(?:avez|êtes|pouvez|voulez|pensez|sentez|croyez|savez|voyez|diriez|étiez|aviez|auriez|seriez|pourriez)\ vous\b""",
    re.IGNORECASE | re.VERBOSE,
)
_RECALL = re.compile(
    r"""\bvous\ (?:dites|disiez|avez\ dit|m['’]avez\ dit|parliez|racontiez|aviez)\b
    | \btu\ (?:dis|disais|as\ dit|m['’]as\ dit|avais)\b
    | \bla\ (?:dernière\ fois|semaine\ dernière)\b | \bl['’]autre\ jour\b | \b(?:ces|il\ y\ a)\ (?:quinze|huit)\ jours\b
    | \bon\ (?:avait|s['’]était|a)\ (?:dit|parlé|vu|noté|commencé)\b
    | \b(?:séances?|thérap\w+|psy\w*|exercices?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_HEDGE = re.compile(
    r"\b(?:comme si|on dirait|peut[- ]être|quelque chose|j['’]ai l['’]impression|je me demande|une part|un peu comme)\b",
    re.IGNORECASE,
)

_ERRANDS = re.compile(
    r"""\b(?:euros?|salaires?|contrats?|dossiers?|factur\w+|devis|prêts?|assurances?|formulaires?|sign(?:er|ez|é|ature)
    |tampons?|horaires?|poste|cv|client(?:e?s)?|fièvre|antibiotiques?|ordonnances?|attestations?|numéros?|inscri\w+
    |formations?|stages?|documents?|mails?|logiciels?|tarifs?|prix|remboursé\w*|loyers?|bail|notes?|primes?|mensu\w+
    |annuel\w*|jugement|juge|procès|médicaments?|comprimés?|cachets?|test|diplômes?|candidatures?|entreprise|équipe
    |collègues|chiffres?)\b""",
    re.IGNORECASE | re.VERBOSE,
)

@dataclass(frozen=True, slots=True)
class Habits:
    """One speaker's (or several speakers' together) way of talking.

    ``questions`` and ``echoes`` are shares of turns; ``address`` is « vous, tu… » against « vous… » and « je… »
    together; ``first_person`` is « je, mon… » per word; ``length`` the logarithm of the mean words a turn.
    """

    turns: int
    words: int
    questions: float
    address: float
    first_person: float
    length: float
    echoes: float


@dataclass(frozen=True, slots=True)
class Room:
    """The whole talk: rates of what makes a therapy session, each capped so that no single one decides.

    Per 1,000 words: ``recalls`` of what was said or done before, ``hedges`` (« comme si », « peut-être »), and ``errands``
    (papers, money, posts, tablets), which speak against.  Noted silences and words of feeling are left out: measured,
    they tell careful transcribers and sad stories from others, not therapies from other talk.
    """

    turns: int
    words: int
    recalls: float
    hedges: float
    errands: float


def words_of(text: str) -> list[str]:
    """Return the words of a turn in lower case, transcriber's notes left out, split at apostrophes."""
    return _WORD.findall(_NOTE.sub(" ", text).lower())


def habits_of(turns: Sequence[Turn], who: Iterable[str]) -> Habits:
    """Return how the speakers ``who`` talk, counted together."""
    names = set(who)
    mine = [turn for turn in turns if turn.speaker in names]
    words = [words_of(turn.text) for turn in mine]
    total = sum(map(len, words))
    you, me = (sum(word in kind for turn_words in words for word in turn_words) for kind in (YOU, ME))
    return Habits(
        turns=len(mine),
        words=total,
        questions=sum(bool(_QUESTION.search(turn.text)) for turn in mine) / max(len(mine), 1),
        address=you / (you + me + 5),  # the 5 keeps a speaker of ten words from an extreme
        first_person=me / max(total, 1),
        length=math.log(max(total, 1) / max(len(mine), 1)),
        echoes=_echoes(turns, names) / (len(mine) + PRIOR_TURNS),
    )


def _echoes(turns: Sequence[Turn], names: set[str]) -> int:
    """Return how many of the speakers' turns briefly take up what somebody else has just said."""
    count = 0
    for before, turn in zip(turns, turns[1:]):
        if turn.speaker not in names or before.speaker in names:
            continue
        spoken = words_of(turn.text)
        full = [word for word in spoken if word not in EMPTY]
        if full and len(spoken) <= ECHO_WORDS:
            heard = set(words_of(before.text))
            count += sum(word in heard for word in full) >= ECHO_SHARE * len(full)
    return count


def room_of(turns: Sequence[Turn]) -> Room:
    """Return the room's rates."""
    said = [_NOTE.sub(" ", turn.text) for turn in turns]
    total = sum(len(_WORD.findall(spoken)) for spoken in said)
    thousands = total / 1000 + PRIOR_THOUSANDS

    def rate(pattern: re.Pattern[str], cap: float) -> float:
        return min(sum(len(pattern.findall(spoken)) for spoken in said) / thousands, cap)

    return Room(len(turns), total, rate(_RECALL, 4), rate(_HEDGE, 10), rate(_ERRANDS, 15))
