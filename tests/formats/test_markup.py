"""The authoring markup: tags become markers with spans, and come back as they were written."""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats import dumps_markup, read_bytes
from alliance_nlp.formats.markup import loads_markup
from alliance_nlp.segmentation import merge_markers, span_types
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn

META = {"id": "s1", "setting": "CMP", "session_number": 4, "speakers": {"T": "therapist", "P": "patient"}}
CORPUS = Origin(OriginKind.AUTHORED, "corpus")


def written(*lines, **meta):
    return "\n".join(["#meta " + json.dumps({**META, **meta}, ensure_ascii=False), *lines]) + "\n"


def read(*lines, **meta):
    (transcript,) = read_bytes(written(*lines, **meta).encode(), "s1.txt")
    return transcript


def evidence(turn):
    return [(m.label, m.types, [turn.text[s.start : s.end] for s in m.spans]) for m in turn.markers]


# ------------------------------------------------------------------------------ reading


def test_une_balise_devient_un_marqueur_sur_ses_mots():
    transcript = read("T: <task>On reprend le carnet, ça vous va ?</task> Ou pas.", "P: Oui.")
    turn = transcript.turns[0]
    assert turn.text == "On reprend le carnet, ça vous va ? Ou pas."
    assert evidence(turn) == [("task", (), ["On reprend le carnet, ça vous va ?"])]
    assert turn.markers[0].origin == CORPUS and turn.markers[0].probability is None
    assert transcript.turns[1].markers == ()


def test_l_en_tete_donne_identifiant_roles_et_metadonnees():
    transcript = read("T: Bonjour.", "P: Bonjour.", writer="W2")
    assert transcript.session_id == "s1"
    assert transcript.metadata == {"setting": "CMP", "session_number": 4, "writer": "W2"}
    assert [(speaker.id, speaker.role) for speaker in transcript.speakers] == [
        ("T", Role.THERAPIST),
        ("P", Role.PATIENT),
    ]
    assert transcript.source.format == "markup" and transcript.source.extra == {"encoding": "utf-8"}


def test_le_redacteur_signe_les_marqueurs():
    assert read("P: <bond>Ici, j'ose.</bond>", "T: Oui.", writer="W2").turns[0].markers[0].origin.name == "W2"


def test_un_marqueur_par_etiquette_dans_l_ordre_du_guide():
    (turn, _) = read(
        "P: <repair>C'est mieux.</repair> <goal>Dormir,</goal> oui, <goal>dormir.</goal>", "T: Bien."
    ).turns
    assert evidence(turn) == [("goal", (), ["Dormir,", "dormir."]), ("repair", (), ["C'est mieux."])]


def test_retrait_et_confrontation_font_une_rupture_qui_sait_ses_types():
    (turn, _) = read(
        "P: <confrontation>À quoi ça sert ?</confrontation> <withdrawal>Enfin bon.</withdrawal>", "T: Ah."
    ).turns
    assert evidence(turn) == [
        ("rupture", ("withdrawal", "confrontation"), ["À quoi ça sert ?", "Enfin bon."])
    ]
    assert span_types(turn.markers[0]) == [("confrontation",), ("withdrawal",)]


def test_les_balises_s_emboitent():
    (turn, _) = read("P: <bond>Ici <task>j'ai noté</task> tout.</bond>", "T: Ah.").turns
    assert evidence(turn) == [("task", (), ["j'ai noté"]), ("bond", (), ["Ici j'ai noté tout."])]


def test_les_empans_sont_en_points_de_code_apres_nfc():
    (turn, _) = read("P: 😀 e\u0301tait <task>de\u0301ja\u0300 note\u0301</task> 👩‍👧", "T: Ah.").turns
    assert turn.text == unicodedata.normalize("NFC", turn.text)
    assert evidence(turn) == [("task", (), ["déjà noté"])]


def test_un_signe_qui_se_combine_avec_le_chevron_ne_casse_pas_la_balise():
    (turn, _) = read("P: <task>\u0338oui</task>", "T: Ah.").turns
    assert evidence(turn) == [("task", (), ["\u0338oui"])]


def test_un_chevron_qui_n_est_pas_une_balise_reste_du_texte():
    assert read("P: <3 et 2 < 3 > 1", "T: Ah.").turns[0].text == "<3 et 2 < 3 > 1"


def test_les_notes_restent_avec_le_tour_qui_suit():
    transcript = read("#note deuxième essai", "P: Oui.", "T: Bien.", "#note fin")
    assert transcript.turns[0].extra == {"note": "deuxième essai"}
    assert transcript.turns[1].extra == {"note_after": "fin"}
    assert dumps_markup(transcript) == written(
        "#note deuxième essai", "P: Oui.", "T: Bien.", "#note fin"
    ).replace('"T": "therapist", "P": "patient"', '"P": "patient", "T": "therapist"')


def test_une_rupture_sur_un_tour_du_therapeute_est_signalee():
    (notice,) = [
        n
        for n in read("T: <withdrawal>Bon.</withdrawal>", "P: Ah.").warnings
        if n.code == "formats.markup_role"
    ]
    assert notice.line == 2 and "therapist" in notice.message("fr")


# ------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("P: <goal>oui", "formats.markup_unclosed"),
        ("P: oui</goal>", "formats.markup_not_open"),
        ("P: <goal>a <task>b</goal> c</task>", "formats.markup_crossing"),
        ("P: <gaol>oui</gaol>", "formats.markup_unknown_tag"),
        ("P: <rupture>oui</rupture>", "formats.markup_unknown_tag"),
        ("P: oui</gaol>", "formats.markup_unknown_tag"),
        ("P: <goal> </goal>oui", "formats.markup_empty_tag"),
        ("P: <goal></goal>oui", "formats.markup_empty_tag"),
        ("Q: secret", "formats.markup_no_speaker"),
        ("et puis un secret", "formats.markup_no_speaker"),
    ],
)
def test_l_erreur_nomme_la_ligne_et_jamais_le_texte(line, code):
    with pytest.raises(TranscriptFormatError) as caught:
        read("T: Bonjour.", line)
    assert (caught.value.code, caught.value.file, caught.value.line) == (code, "s1.txt", 3)
    assert "secret" not in caught.value.message("fr") and caught.value.message("en")


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("#meta {", "formats.markup_bad_meta"),
        ("#meta []", "formats.markup_bad_speakers"),
        ('#meta {"speakers": {}}', "formats.markup_bad_speakers"),
        ('#meta {"speakers": {"T:": "therapist"}}', "formats.markup_bad_speakers"),
        ('#meta {"speakers": {"T": "boss"}}', "core.bad_role"),
        ('#meta {"id": 3, "speakers": {"T": "therapist"}}', "formats.markup_bad_id"),
        ("T: Bonjour.", "formats.markup_no_meta"),
    ],
)
def test_un_en_tete_incorrect_est_dit(first, code):
    with pytest.raises(AllianceError) as caught:
        loads_markup(f"\n{first}\nT: Bonjour.", file="s1.txt")
    assert (caught.value.code, caught.value.file, caught.value.line) == (code, "s1.txt", 2)
    assert caught.value.message("fr") and caught.value.message("en")


# ------------------------------------------------------------------------------ writing


def spoken(text, *markers, speaker="P"):
    speakers = () if speaker is None else (Speaker(speaker),)
    return Transcript("s1", (Turn(0, speaker, text, markers=markers),), speakers)


def test_des_empans_qui_se_croisent_sont_coupes_au_croisement():
    text = dumps_markup(
        spoken(
            "abcdef", Marker("goal", CORPUS, spans=(Span(0, 4),)), Marker("task", CORPUS, spans=(Span(2, 6),))
        )
    )
    assert text.splitlines()[1] == "P: <goal>ab<task>cd</task></goal><task>ef</task>"


def test_un_marqueur_sans_empan_prend_tout_le_tour():
    assert dumps_markup(spoken("Oui.", Marker("task", CORPUS))).splitlines()[1] == "P: <task>Oui.</task>"


def test_l_origine_d_une_machine_ou_d_une_annotatrice_est_gardee():
    origin = Origin(OriginKind.MODEL, "alliance-fr-small", "1.0")
    text = dumps_markup(spoken("Oui.", Marker("task", origin, probability=0.9, spans=(Span(0, 3),))))
    assert loads_markup(text.replace("unknown", "patient")).utterances[0].markers[0].origin == origin


@pytest.mark.parametrize(
    ("transcript", "code"),
    [
        (spoken("Oui\nnon."), "formats.markup_cannot_hold"),
        (spoken("Le <task> ici."), "formats.markup_cannot_hold"),
        (spoken("Oui.", speaker=None), "formats.markup_cannot_name"),
        (spoken("Oui.", speaker="Dr : A"), "formats.markup_cannot_name"),
        (
            spoken("Oui.", Marker("task", CORPUS), Marker("goal", Origin(OriginKind.HUMAN, "A1"))),
            "formats.markup_many_origins",
        ),
    ],
)
def test_ce_que_le_balisage_ne_peut_tenir_est_refuse(transcript, code):
    with pytest.raises(TranscriptFormatError) as caught:
        dumps_markup(transcript)
    assert caught.value.code == code and caught.value.message("fr")


# ------------------------------------------------------------------------------ any session

CHARS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(
    "éà😀\u0301\u0338\u00a0\u202f’«»<>&:#/"
)
WORDS = st.text(CHARS, min_size=1, max_size=25).map(lambda text: unicodedata.normalize("NFC", text).strip())
TEXT = WORDS.filter(lambda text: text and "<" not in text.replace("< ", ""))


@st.composite
def marker_of(draw, text):
    """A marker with one to three spans that nest, follow or touch, none of them blank."""
    cuts = draw(
        st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), min_size=1, max_size=3)
    )
    spans = {Span(min(cut), max(cut)) for cut in cuts if text[min(cut) : max(cut)].strip()}
    tag = draw(st.sampled_from(["goal", "task", "bond", "repair", "withdrawal", "confrontation"]))
    label, types = ("rupture", (tag,)) if tag in ("withdrawal", "confrontation") else (tag, ())
    return Marker(label, CORPUS, types=types, spans=tuple(sorted(spans))) if spans else None


def nests(markers):
    spans = [span for marker in markers for span in marker.spans]
    return not any(a.start < b.start < a.end < b.end for a in spans for b in spans)


@st.composite
def any_session(draw):
    turns = []
    for index in range(draw(st.integers(1, 5))):
        text = draw(TEXT)
        markers = merge_markers([m for m in draw(st.lists(marker_of(text), max_size=3)) if m is not None])
        turns.append(Turn(index, "TP"[index % 2], text, markers=markers if nests(markers) else ()))
    metadata = draw(
        st.dictionaries(
            WORDS.filter(lambda key: key not in ("id", "speakers", "language", "origin", "writer")), WORDS
        )
    )
    roles = {"T": Role.THERAPIST, "P": Role.PATIENT}
    speakers = tuple(Speaker(name, roles[name]) for name in ("T", "P")[: len(turns)])
    return Transcript("s1", tuple(turns), speakers, metadata=metadata)


@settings(max_examples=60, deadline=None)
@given(any_session())
def test_toute_seance_ecrite_puis_relue_est_la_meme(session):
    text = dumps_markup(session)
    (read_back,) = read_bytes(text.encode(), "s1.txt")
    assert [(turn.speaker, turn.text, turn.markers) for turn in read_back.turns] == [
        (turn.speaker, turn.text, turn.markers) for turn in session.turns
    ]
    assert read_back.metadata == session.metadata and read_back.session_id == session.session_id
    assert dumps_markup(read_back) == text
