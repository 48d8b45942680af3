"""Sessions made by hypothesis: what may stand in a record, with what trips exports up."""

from __future__ import annotations

from hypothesis import strategies as st

from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn

AWKWARD = ["🙂", "e\u0301", "\u00a0", "\u202f", "«", "»", "’", "\t", "\n", "  ", "&", "<b>", '"', ": ", "T: ", "–", "𝄞", "\u2028", "=1", "\\"]
texts = st.lists(st.one_of(st.sampled_from([*AWKWARD, "oui", "je l'ai fait", " "]), st.text("abcé ", max_size=6)), max_size=8).map("".join)
origins = st.one_of(
    st.builds(Origin, st.just(OriginKind.MODEL), st.just("alliance-fr-small"), st.sampled_from(["0.2", None])),
    st.builds(Origin, st.sampled_from([OriginKind.HUMAN, OriginKind.ADJUDICATED, OriginKind.AUTHORED]), st.sampled_from(["AB", "Élo & <C>"])),
)


@st.composite
def markers(draw: st.DrawFn, text: str) -> Marker:
    """Return a marker on ``text``: nested, adjacent and equal spans, or none."""
    label = draw(st.sampled_from(default_label_set().ids))
    kinds = [kind.id for kind in default_label_set()[label].types]
    types = draw(st.lists(st.sampled_from(kinds), min_size=1, unique=True)) if kinds else []
    bounds = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted).filter(lambda pair: pair[0] < pair[1])
    spans = sorted({Span(*pair) for pair in draw(st.lists(bounds, max_size=3))}) if text else []
    origin = draw(origins)
    probability = draw(st.sampled_from([0.0, 0.5, 0.9712, 1.0])) if origin.kind is OriginKind.MODEL else None
    ordered = tuple(kind for kind in kinds if kind in types)
    return Marker(label, origin, ordered, probability, tuple(spans))


@st.composite
def sessions(draw: st.DrawFn, *, text: st.SearchStrategy[str] = texts) -> Transcript:
    """Return a session of up to six turns by people with awkward codes, and by nobody."""
    codes = draw(st.lists(st.sampled_from(["T", "P", "Mme D.", "SPEAKER_00", "Élo & <C>", "a: b"]), min_size=1, max_size=3, unique=True))
    speakers = tuple(Speaker(code, draw(st.sampled_from(list(Role)))) for code in codes)
    turns = []
    for index in range(draw(st.integers(1, 6))):
        said = draw(text)
        given_ = tuple(draw(st.lists(markers(said), max_size=3)))
        start = draw(st.sampled_from([None, round(1.25 * index, 3)]))
        turns.append(Turn(index, draw(st.sampled_from([*codes, None])), said, start, None if start is None else start + 1, markers=given_))
    return Transcript("séance 1", tuple(turns), speakers, metadata={"dyad_id": "d07", "session_number": 4, "date": None})
