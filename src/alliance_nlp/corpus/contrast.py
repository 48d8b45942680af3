"""The contrast score: of how many minimal pairs a tagger reads both members rightly.

In: pairs and a function that tags a transcript.  Out: shares with 95 % intervals by bootstrap over pairs, overall and by the
tag that the pair is about.  A tagger that goes by words alone says the same of both members and scores 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from alliance_nlp.corpus.pairs import Pair, both_right, turn_tags
from alliance_nlp.evaluation.metrics import Interval, bootstrap
from alliance_nlp.evaluation.scores import keep_markers
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.transcript import Transcript


@dataclass(frozen=True, slots=True)
class ContrastScore:
    """``both``: share of pairs with both last turns right; ``members``: share of single last turns right."""

    pairs: int
    both: Interval
    members: float
    by_tag: Mapping[str, tuple[int, float]]  # tag → pairs about it, share with both right

    def as_dict(self) -> dict[str, Any]:
        """Return the score as JSON-ready values."""
        return asdict(self)


def contrast_score(pairs: Sequence[Pair], tag: Callable[[Transcript], Transcript]) -> ContrastScore:
    """Tag every member and score the pairs; only the tagger's markers count, not those written in the pair."""
    tagged = {member.session_id: keep_markers(tag(member), model=True) for pair in pairs for member in pair.members}
    right = both_right(pairs, tagged)
    single = [
        turn_tags(tagged[member.session_id].turns[-1]) & pair.contrast == carried & pair.contrast
        for pair in pairs
        for member, carried in zip(pair.members, pair.carried, strict=True)
    ]
    by_tag = {}
    for name in default_label_set().markup_tags:
        about = [ok for pair, ok in zip(pairs, right, strict=True) if name in pair.contrast]
        if about:
            by_tag[name] = (len(about), float(np.mean(about)))
    both = bootstrap(right, lambda drawn: float(np.mean(drawn)))
    return ContrastScore(len(pairs), both, float(np.mean(single)), by_tag)


def render_contrast(score: ContrastScore, language: str) -> str:
    """Return the score as text for a terminal."""
    both = score.both
    lines = [
        render("corpus.contrast_both", language, pairs=score.pairs, value=f"{both.value:.1%}", low=f"{both.low:.1%}", high=f"{both.high:.1%}"),
        render("corpus.contrast_members", language, value=f"{score.members:.1%}"),
    ]
    return "\n".join([*lines, *(f"  {name:14}{count:5}{share:8.1%}" for name, (count, share) in score.by_tag.items())])
