"""Sessions for the round trips: hand-made ones, and a hypothesis strategy."""

from __future__ import annotations

from hypothesis import strategies as st

from alliance_nlp.exports.base import ExportOptions
from alliance_nlp.exports.registry import find_export
from alliance_nlp.formats import read_bytes
from alliance_nlp.formats.marks import origin_text
from alliance_nlp.segmentation import merge_markers
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn

MODEL = Origin(OriginKind.MODEL, "alliance-fr-small", "0.2")
ANNA = Origin(OriginKind.HUMAN, "anna")
# Emoji (two UTF-16 units), accents apart from their letters, no-break spaces, what XML must escape.
CHARACTERS = "abé ’«»?!.,:;-<>&\"'\t\u00a0\u202f\u0301\u0327😀🇫👩\u200d\u2028"
LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
TEXTS = st.text(st.sampled_from(CHARACTERS) | LETTERS, max_size=40)
ORIGINS = st.sampled_from([MODEL, Origin(OriginKind.MODEL, "a:b%3A", None), ANNA, Origin(OriginKind.HUMAN, "Dr L."),
                           Origin(OriginKind.ADJUDICATED, "arbitre"), Origin(OriginKind.AUTHORED, "corpus")])  # fmt: skip
CODES = st.sampled_from([("goal", ()), ("task", ()), ("bond", ()), ("repair", ()), ("rupture", ("withdrawal",)),
                         ("rupture", ("confrontation",)), ("rupture", ("withdrawal", "confrontation"))])  # fmt: skip


@st.composite
def markers_on(draw: st.DrawFn, text: str) -> tuple[Marker, ...]:
    """Draw markers on a text: nested, crossing, adjacent or equal spans; or the whole turn without a span."""
    found = []
    for label, types in draw(st.lists(CODES, max_size=4)):
        origin = draw(ORIGINS)
        places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
        drawn = draw(st.lists(places.filter(lambda pair: pair[0] != pair[1]), max_size=3)) if len(text) > 1 else []
        spans = tuple(sorted({Span(*sorted(pair)) for pair in drawn}))
        # One rule for both kinds of marker of a label and origin: spans, or the turn as a whole.
        spans = spans or ((Span(0, len(text)),) if text and any(m.label == label and m.origin == origin for m in found) else ())
        probability = draw(st.none() | st.integers(0, 10_000).map(lambda n: n / 10_000)) if origin.kind is OriginKind.MODEL else None
        if not any(m.label == label and m.origin == origin for m in found):
            found.append(Marker(label, origin, types, probability, spans))
    return merge_markers(found)


@st.composite
def sessions(draw: st.DrawFn) -> Transcript:
    """Draw a whole session: known and unknown speakers, empty turns, times or none."""
    roles = draw(st.dictionaries(st.sampled_from(["T", "P", "Mme D.", "Père 2", "L 😀"]), st.sampled_from(list(Role)), min_size=1, max_size=3))
    turns = []
    for index in range(draw(st.integers(1, 5))):
        text = draw(TEXTS)
        speaker = draw(st.sampled_from([None, *roles]))
        start = draw(st.none() | st.integers(0, 9_000_000).map(lambda n: n / 1000))
        end = None if start is None else draw(st.none() | st.just(round(start + 1.5, 3)))
        turns.append(Turn(index, speaker, text, start, end, markers=draw(markers_on(text))))
    speakers = tuple(Speaker(name, role) for name, role in roles.items())
    return Transcript(draw(st.sampled_from(["s1", "Séance 4/b", "été"])), tuple(turns), speakers, metadata={"dyad_id": "d07"})


def written(export: str, transcripts, language: str = "fr") -> dict[str, bytes]:
    """Return the files that an export writes."""
    return {file.name: file.data for file in find_export(export).write(transcripts, ExportOptions(language))}


def back(export: str, transcript: Transcript, language: str = "fr") -> Transcript:
    """Write a session, read it, and return what came back."""
    files = written(export, [transcript], language)
    name = next(name for name in files if name.endswith((".xmi", "tasks.json", ".qdpx")))
    (found,) = read_bytes(files[name], name.rpartition("/")[2])
    return found


def core(transcript: Transcript) -> object:
    """Return what every round trip keeps: turns, speakers, roles, and markers with spans, types, origin and probability.

    Markers of one label by several people have no order among them.
    """
    turns = [
        (turn.speaker, turn.text, turn.start_s, turn.end_s,
         sorted((m.label, m.types, origin_text(m.origin), m.probability, m.spans) for m in turn.markers))
        for turn in transcript.turns
    ]  # fmt: skip
    return transcript.session_id, transcript.language, dict(transcript.metadata), transcript.speakers, turns


def long_session() -> Transcript:
    """Return a session with a turn of ten thousand words, between two of none."""
    words = "Alors voilà 😀 je crois\u00a0: " * 2000 + "oui"
    marker = Marker("bond", ANNA, spans=(Span(len(words) - 3, len(words)),))
    turns = (Turn(0, "P", ""), Turn(1, "P", words, markers=(marker,)), Turn(2, "T", ""))
    return Transcript("longue", turns, (Speaker("P", Role.PATIENT), Speaker("T", Role.THERAPIST)))


def plain_session(*, markers: bool = True) -> Transcript:
    """Return three turns with a machine's and a person's marks."""
    task = Marker("task", MODEL, (), 0.9731, (Span(2, 24),))
    rupture = Marker("rupture", MODEL, ("withdrawal",), 0.61, (Span(0, 17),))
    texts = ["😀 On reprend le carnet ?", "Si vous le dites… bon.", "Je suis allé trop vite."]
    given = [(task,), (rupture,), ()] if markers else [(), (), ()]
    turns = tuple(Turn(k, "TP"[k % 2], text, markers=marks) for k, (text, marks) in enumerate(zip(texts, given)))
    return Transcript("s1", turns, (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT)), metadata={"dyad_id": "d07"})
