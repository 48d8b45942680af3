"""Words and numbers as a reader of French (or English) writes them.

In: codes of ``messages/report.toml`` and raw numbers.  Out: text with no-break spaces and the language's
decimal sign.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from alliance_nlp.errors import ConfigError
from alliance_nlp.labels import default_label_set
from alliance_nlp.messages import LANGUAGES, render
from alliance_nlp.patterns import Episode, Outcome
from alliance_nlp.report.kinds import KindFacts
from alliance_nlp.report.numbering import turn_number
from alliance_nlp.transcript import Origin, Role

NO_BREAK = "\u00a0"
THOUSANDS = {"fr": "\u202f", "en": ","}
DECIMAL = {"fr": ",", "en": "."}


@dataclass(frozen=True, slots=True)
class Wording:
    """The wording of one page's language."""

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ConfigError("report.bad_language", found=self.language, expected=", ".join(LANGUAGES))

    def say(self, key: str, **params: object) -> str:
        """Return the sentence ``report.<key>``."""
        return render(f"report.{key}", self.language, **params)

    def count(self, key: str, number: int, **params: object) -> str:
        """Return ``report.<key>_one`` or ``_many`` with ``{n}``; in French 0 and 1 are singular."""
        singular = number < 2 if self.language == "fr" else number == 1
        return self.say(f"{key}_{'one' if singular else 'many'}", n=self.number(number), **params)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number: ``1 234,5`` or ``1,234.5``."""
        plain = f"{value:,.{decimals}f}"
        marks = {",": THOUSANDS[self.language], ".": DECIMAL[self.language]}
        return "".join(marks.get(character, character) for character in plain)

    def percent(self, share: float) -> str:
        """Return a share as a whole percentage; 0 and 100 % only when they are exact."""
        if share in (0.0, 1.0):
            return f"{share * 100:.0f}{self._percent_sign}"
        return self.probability(share)

    def probability(self, value: float) -> str:
        """Return a calibrated probability as a percentage; it never claims 0 or 100 %, which no model can."""
        if value < 0.005:
            return f"<{NO_BREAK}1{self._percent_sign}"
        if value >= 0.995:
            return f">{NO_BREAK}99{self._percent_sign}"
        return f"{math.floor(100 * value + 0.5)}{self._percent_sign}"

    @property
    def _percent_sign(self) -> str:
        return f"{NO_BREAK}%" if self.language == "fr" else "%"

    def duration(self, seconds: float) -> str:
        """Return a length of time: ``52 min``, ``1 h 04 min``, ``40 s``."""
        if seconds < 60:
            return f"{round(seconds)}{NO_BREAK}s"
        hours, minutes = divmod(round(seconds / 60), 60)
        return (
            f"{hours}{NO_BREAK}h{NO_BREAK}{minutes:02d}{NO_BREAK}min" if hours else f"{minutes}{NO_BREAK}min"
        )

    def date(self, value: str) -> str:
        """Return an ISO date (``2024-03-05``) in words, anything else as it stands."""
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        return self.say("day", day=day.day, month=self.say(f"month_{day.month}"), year=day.year)

    def clock(self, seconds: float) -> str:
        """Return a place in the recording: ``03:07`` or ``1:03:07``."""
        minutes, rest = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"

    def role(self, role: Role) -> str:
        """Return a role's name."""
        return self.say(f"role_{role.value}")

    def speaker(self, name: str | None) -> str:
        """Return a speaker's name, or that it is not known."""
        return self.say("no_speaker") if name is None else name

    def label(self, name: str, *, short: bool = True) -> str:
        """Return the name of a label or rupture type."""
        label_set = default_label_set()
        if name in label_set.type_ids:
            kind = next(kind for kind in label_set.owner(name).types if kind.id == name)
            return kind.fr if self.language == "fr" else kind.en
        label = label_set[name]
        if self.language == "fr":
            return label.short_fr if short else label.fr
        return label.short_en if short else label.en

    def definition(self, name: str) -> str:
        """Return the definition of a label."""
        label = default_label_set()[name]
        return self.typeset(label.definition_fr if self.language == "fr" else label.definition_en)

    def typeset(self, text: str) -> str:
        """Return a sentence of ``labels.toml`` as it is printed: French no-break spaces and apostrophes."""
        if self.language != "fr":
            return text
        spaced = re.sub(r" ([:;?!»%])", rf"{NO_BREAK}\1", text).replace("« ", f"«{NO_BREAK}")
        return spaced.replace("'", "’")

    def marker(self, label: str, types: Iterable[str]) -> str:
        """Return a marker's name with its types: « rupture : retrait »."""
        kinds = self.join([self.label(kind) for kind in types])
        return self.say("with_types", label=self.label(label), types=kinds) if kinds else self.label(label)

    def origin(self, origin: Origin) -> str:
        """Return who gave a marker."""
        version = f"{NO_BREAK}{origin.version}" if origin.version else ""
        return self.say(f"origin_{origin.kind.value}", name=origin.name + version)

    def join(self, names: list[str]) -> str:
        """Return an enumeration: « a, b et c »."""
        if len(names) < 2:
            return "".join(names)
        return self.say("and", first=", ".join(names[:-1]), last=names[-1])

    def turns(self, first: int, last: int) -> str:
        """Return « tour 12 » or « tours 12 à 17 » from indices of the record."""
        if first == last:
            return self.say("turn", number=turn_number(first))
        return self.say("turn_range", first=turn_number(first), last=turn_number(last))

    def episode(self, episode: Episode) -> str:
        """Return what was marked in and after an episode: outcome, how soon, and whether the session ended early."""
        key = episode.outcome.value
        if episode.outcome is Outcome.REPAIR:
            key = "repair_return" if episode.returned else "repair_no_return"
        said = self.say(f"sequel_{key}")
        if episode.repair_delay is not None:
            delay = self.count("delay", episode.repair_delay) if episode.repair_delay else self.say("delay_none")
            said = self.say("in_brackets", text=said, note=delay)
        if episode.cut_by_end and not episode.returned:
            said += self.say("list_separator") + self.count("cut_by_end", episode.turns_after)
        return said

    def kind(self, kind: KindFacts, macro_f1: float | None) -> str:
        """Return what was measured on test sessions of one kind, beside all of them."""
        if kind.macro_f1 is None or macro_f1 is None:
            return self.say("kind_unmeasured")
        of = self.count("test_sessions", kind.sessions) if kind.sessions is not None else self.say("test_sessions")
        return self.say("kind_measured", value=self.number(kind.macro_f1, 2), sessions=of, overall=self.number(macro_f1, 2))
