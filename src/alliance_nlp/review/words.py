"""The words of the review page, and its keys: codes of ``messages/review.toml`` in the visit's language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import render
from alliance_nlp.report.wording import Wording

# One key for each thing a person can do, none of them a letter that AZERTY and QWERTY keep in different places (a q z w m) or a
# sign that needs Shift on one of them.  They can be changed on the page.
KEYS = {
    "accept": "o",  # « OK », « oui »
    "acceptNext": "l",  # under the right hand, beside o
    "reject": "x",
    "change": "c",
    "type": "t",
    "span": "e",  # extrait, extent
    "add": "i",  # insérer, insert
    "none": "v",  # vide, void
    "comment": "d",  # dire pourquoi
    "flag": "f",
    "readHere": "s",
    "nextMark": "n",
    "previousMark": "p",
    "nextTurn": "j",
    "previousTurn": "k",
    "undo": "u",
    "redo": "r",
}
CHOICE_KEYS = {"goal": "b", "task": "t", "bond": "l", "withdrawal": "r", "confrontation": "c", "both": "d", "repair": "p"}
SPOKEN = ("last", "first", "no_mark_here", "no_type_here", "no_words", "read_here", "offline", "refused")
SPOKEN += ("choose_label", "choose_type", "no_words_left", "one_passage")
STATUSES = ("pending", "kept", "accepted", "changed", "added", "rejected")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to « which mark? »: a label with its types, and the key for it."""

    name: str
    label: str
    types: tuple[str, ...]
    lanes: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one visit."""

    language: str

    def say(self, key: str, **params: object) -> str:
        """Return the sentence ``review.<key>``."""
        return render(f"review.{key}", self.language, **params)

    def count(self, key: str, number: int, **params: object) -> str:
        """Return ``review.<key>_one`` or ``_many`` with ``{n}``; in French 0 and 1 are singular."""
        singular = number < 2 if self.language == "fr" else number == 1
        return self.say(f"{key}_{'one' if singular else 'many'}", n=self.report.number(number), **params)

    @property
    def report(self) -> Wording:
        """The report's wording of the same language: labels, roles, numbers."""
        return Wording(self.language)

    def for_script(self) -> dict[str, str]:
        """Return the sentences that the script says."""
        return {key: self.say(key) for key in SPOKEN} | {f"status_{name}": self.say(f"status_{name}") for name in STATUSES}

    def json(self) -> str:
        """Return the same as the page's attribute holds it."""
        return json.dumps(self.for_script(), ensure_ascii=False)


@cache
def choices() -> tuple[Choice, ...]:
    """Return the labels that can be given, a label with types once for each type and once for all of them."""
    found = []
    for label in default_label_set().labels:
        if not label.types:
            found.append(Choice(label.id, label.id, (), (label.id,), CHOICE_KEYS[label.id]))
            continue
        ids = tuple(kind.id for kind in label.types)
        found += [Choice(kind, label.id, (kind,), (kind,), CHOICE_KEYS[kind]) for kind in ids]
        found.append(Choice("both", label.id, ids, ids, CHOICE_KEYS["both"]))
    return tuple(found)
