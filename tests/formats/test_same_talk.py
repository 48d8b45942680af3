"""The same conversation gives the same turns, whatever the format of oral corpora it comes in."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance_nlp.transcript import Role, Transcript
from tests.formats.oral_files import TALK, WRITERS, Said, as_orfeo, read, turns
from tests.formats.talk_samples import sample_transcript as sample

TURNS = [
    ("Thérapeute", "Bonjour, comment ça s'est passé, l'exercice du carnet ?", 0.0, 3.25),
    ("Patiente", "J'ai essayé deux fois, mais le soir, c'était trop. Voilà.", 3.25, 9.0),
    ("Thérapeute", "D'accord. On peut le raccourcir ensemble, si vous voulez. Qu'est-ce qui serait possible pour vous ?", 9.5, 16.0),
    ("Patiente", "Hm hm. Peut-être le matin, avant d'aller à l'école.", 9.5, 19.75),
]


@pytest.mark.parametrize("name", WRITERS)
def test_la_même_séance_donne_les_mêmes_tours(name: str) -> None:
    session = read(WRITERS[name](TALK), name)
    assert turns(session) == TURNS
    assert [(s.id, s.role) for s in session.speakers] == [("Thérapeute", Role.THERAPIST), ("Patiente", Role.PATIENT)]
    assert "Dupont" not in repr(session)  # the name of the recording


def test_sans_le_texte_de_la_phrase_les_mots_d_orfeo_sont_joints_comme_on_les_tape() -> None:
    bare = "\n".join(line for line in as_orfeo(TALK).split("\n") if not line.startswith("# text"))
    no_break = [(who, text.replace(" ?", "\u00a0?"), start_s, end_s) for who, text, start_s, end_s in TURNS]
    assert turns(read(bare, "seance.orfeo")) == no_break


TEXTS = st.lists(st.sampled_from("oui je dors mal depuis l'hiver d'accord carnet <b> & é œ 😀 peut-être".split()), min_size=1, max_size=8).map(" ".join)


@st.composite
def talks(draw: st.DrawFn) -> list[Said]:
    """Talk without partial overlap: each stretch begins where the one before ends, or later."""
    now, talk = 0.0, []
    for speaker, text, pause, length in draw(
        st.lists(st.tuples(st.sampled_from(["T", "P", "M. D"]), TEXTS, st.integers(0, 3000), st.integers(50, 9000)), min_size=1, max_size=12)
    ):
        start_s = round(now + pause / 1000, 3)
        now = round(start_s + length / 1000, 3)
        talk.append(Said(speaker, start_s, now, text))
    return talk


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(talks())
def test_cinq_formats_une_seule_lecture(talk: list[Said]) -> None:
    first, *others = (turns(read(write(talk), name)) for name, write in WRITERS.items())
    assert all(other == first for other in others)


# ---------------------------------------------------------------------------------------- files made by others


def starts(session: Transcript) -> list[tuple[str | None, str, float | None]]:
    return [(turn.speaker, turn.text, turn.start_s) for turn in session.turns]


ELAN = "eaf/teicorpo_fr__DOC_FR_2020_CHOIX_5.eaf"
TRANSCRIBER = "trs/teicorpo_fr__DOC_FR_2020_CHOIX_5.trs"
TEI_OF_ELAN = "tei_spoken/teicorpo_fr__DOC_FR_2020_CHOIX_5.eaf.tei_corpo.xml"
TEI_OF_TRANSCRIBER = "tei_spoken/teicorpo_fr__DOC_FR_2020_CHOIX_5.trs.tei_corpo.xml"


def test_choix_5_elan_et_sa_conversion_en_tei_sont_égaux_fins_comprises() -> None:
    elan, tei = sample(ELAN), sample(TEI_OF_ELAN)
    assert len(elan.turns) == 19
    assert turns(elan) == turns(tei)


@pytest.mark.parametrize("path", [TRANSCRIBER, TEI_OF_TRANSCRIBER])
def test_choix_5_transcriber_dit_la_même_chose_au_même_moment(path: str) -> None:
    """Speakers, texts and starts are equal as they stand, without any normalisation.

    Ends are not compared, by the files' own doing: ELAN keeps an end for each annotation, Transcriber has only the next
    synchronisation point, so that TEICORPO's conversion cut every overlapped annotation at the next start (the first ends
    at 102.790 s in ELAN, at 2.800 s in Transcriber and at 4.050 s in the TEI made from it).
    """
    assert starts(sample(path)) == starts(sample(ELAN))


def test_soixante_secondes_orfeo_et_tei_sont_égaux() -> None:
    orfeo, tei = sample("orfeo/teicorpo_fr__60secondes.orfeo"), sample("tei_spoken/teicorpo_fr__60secondes.tei_corpo.xml")
    assert len(orfeo.turns) == 5
    assert turns(orfeo) == turns(tei)


def test_short_elan_et_tei_sont_égaux() -> None:
    elan, tei = sample("eaf/teicorpo_fr__short.eaf"), sample("tei_spoken/teicorpo_fr__short.tei_corpo.xml")
    assert turns(elan) == turns(tei)
