"""How a tagger stands changes of the text: the same sessions without roles, as a speech recogniser writes them, short turns.

In: a tagger and sessions with people's or authored tags.  Out: one row a condition, macro-F1 of the mission labels, ready for
``metrics.json``.  Nothing here is learnt or chosen: the changes are those of training (``examples``), drawn with one seed.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Sequence
from typing import Any

from alliance_nlp.evaluation.breakdown import macro_of_turns
from alliance_nlp.evaluation.scores import matched
from alliance_nlp.tagger.inference import Tagger
from alliance_nlp.training.examples import as_recognised, hide_roles
from alliance_nlp.training.therapy import left_unmarked
from alliance_nlp.transcript import Transcript, Turn

SEED = 0
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)")


def recognised(session: Transcript) -> Transcript:
    """Return the session with every turn as a speech recogniser may write it; the same session gives the same slips."""
    rng = random.Random(f"{SEED} {session.session_id}")
    return dataclasses.replace(session, turns=tuple(as_recognised(turn, rng) for turn in session.turns))


def one_sentence(session: Transcript, turn: Turn) -> bool:
    """True for a turn of at most one sentence."""
    return len(_SENTENCE_END.findall(turn.text)) <= 1


def robustness(
    tagger: Tagger, sessions: Sequence[Transcript], read: Sequence[Transcript], hidden: Sequence[Transcript]
) -> list[dict[str, Any]]:
    """Return macro-F1 per condition; ``read`` and ``hidden`` are the sessions as this tagger reads them unchanged and without roles."""
    heard = [recognised(session) for session in sessions]
    changed = {
        "as_recognised": heard,
        "as_recognised_roles_hidden": [hide_roles(session) for session in heard],
    }
    plain = matched(sessions, read)
    rows = [macro_of_turns(plain, "as_is"), macro_of_turns(matched(sessions, hidden), "roles_hidden")]
    for name, copies in changed.items():
        tagged = [tagger.tag(copy) for copy in copies]
        rows.append(macro_of_turns(matched(copies, tagged), name) | {"left_unmarked": left_unmarked(copies, tagged)})
    rows.append(macro_of_turns(plain, "one_sentence", one_sentence))
    rows.append(macro_of_turns(plain, "several_sentences", lambda session, turn: not one_sentence(session, turn)))
    return rows
