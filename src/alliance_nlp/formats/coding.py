"""Codes that people use in other tools (« rupture », « Retrait », « tâche ») → labels and types of the scheme.

In: the name of a code, a tag or a tier.  Out: a :class:`Code`, or None for a name that is none of ours.  Names are
compared without case, accents and odd spaces, in both languages, with or without their owner before them
(« rupture/withdrawal », « Rupture : retrait »).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from alliance_nlp.formats.names import fold
from alliance_nlp.labels import LabelSet, default_label_set


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for: a label, and for a rupture its type.

    A rupture without a type cannot become a marker: who meets one says so (``type`` is None then).
    """

    label: str
    type: str | None = None


def code_of(name: str) -> Code | None:
    """Return what the code called ``name`` stands for; None when it is none of the scheme's.

    >>> code_of("Retrait"), code_of("rupture/withdrawal") == code_of("Retrait"), code_of("Transfert")
    (Code(label='rupture', type='withdrawal'), True, None)
    """
    key = _key(name)
    known = _known(default_label_set())
    return known.get(key) or known.get(_key(re.split(r"[/:>\\|]", name)[-1]))


def code_name(label: str, type: str | None = None) -> str:
    """Return the name under which a label, or one type of it, is written for other tools: « rupture/withdrawal »."""
    return f"{label}/{type}" if type else label


def _key(name: str) -> str:
    return re.sub(r"[\s_/:>\\|-]+", " ", fold(name)).strip()


@lru_cache(maxsize=4)
def _known(label_set: LabelSet) -> dict[str, Code]:
    known: dict[str, Code] = {}
    for label in label_set.labels:
        for name in (label.id, label.fr, label.en, label.short_fr, label.short_en):
            known.setdefault(_key(name), Code(label.id))
        for kind in label.types:
            for name in (kind.id, kind.fr, kind.en):
                for owner in ("", label.id, label.short_fr, label.short_en, label.fr, label.en):
                    known.setdefault(_key(f"{owner} {name}"), Code(label.id, kind.id))
    return known
