"""The same conversation typed in txt, docx, odt, rtf and pdf gives the same turns."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import docx as python_docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.formats import read_bytes
from alliance_nlp.transcript import Role, Transcript
from tests.formats.made import odt_lines, pdf_lines, rtf_lines


def docx_lines(lines: Sequence[str]) -> bytes:
    document = python_docx.Document()
    for line in lines:
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


WRITERS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "txt": lambda lines: "\n".join(lines).encode(),
    "docx": docx_lines,
    "odt": odt_lines,
    "rtf": rtf_lines,
    "pdf": pdf_lines,
}
NAMED = [
    "Séance 4, dyade d07",
    "T = thérapeute ; P = patiente",
    "T : Bonjour. Vous l’avez rempli, ce carnet dont on parlait lundi dernier, ou bien ça n’a pas été possible cette semaine ?",
    "P : Un peu. Le soir seulement, et puis franchement je l’ai oublié au fond de mon sac pendant trois jours : j’avais pas la tête à ça.",
    "T : D’accord.",
    "P : [silence 8 s] « Peut-être » que j’essaierai.",
    "T : On en reparle la semaine prochaine, ça vous va ? Sans vous presser, et vous me dites si c’est trop.",
    "P : Oui.",
]
LAYOUTS = {
    "noms": NAMED,
    "tirets": ["— Vous dormez mieux ?", "— Un peu, le week-end surtout.", "— Et en semaine ?", "— Non, mal, je me réveille à trois heures."],
    "rôles": [line.replace("T :", "Thérapeute :").replace("P :", "Patient·e :") for line in NAMED[2:]],
    "temps": ["[00:00:02] T : Ça va ?", "[00:00:05] P : Non, pas trop.", "[00:00:09] T : Dites-moi.", "[00:00:12] P : Oui."],
}  # fmt: skip


def read(lines: Sequence[str], kind: str) -> Transcript:
    (transcript,) = read_bytes(WRITERS[kind](lines), f"seance.{kind}")
    return transcript


def turns(transcript: Transcript) -> list[tuple[str | None, str, float | None]]:
    return [(turn.speaker, turn.text, turn.start_s) for turn in transcript.turns]


@pytest.mark.parametrize("kind", ["docx", "odt", "rtf", "pdf"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_la_meme_conversation_donne_les_memes_tours(kind: str, layout: str) -> None:
    expected = turns(read(LAYOUTS[layout], "txt"))
    assert len(expected) >= 4
    assert turns(read(LAYOUTS[layout], kind)) == expected


@pytest.mark.parametrize("kind", list(WRITERS))
def test_l_en_tete_dit_les_roles_la_dyade_et_le_numero(kind: str) -> None:
    transcript = read(NAMED, kind)
    assert {speaker.id: speaker.role for speaker in transcript.speakers} == {"T": Role.THERAPIST, "P": Role.PATIENT}
    assert transcript.metadata == {"session_number": 4, "dyad_id": "d07"}


@pytest.mark.parametrize("kind", ["docx", "odt", "rtf", "pdf"])
def test_un_mauvais_suffixe_est_signale_et_le_contenu_decide(kind: str) -> None:
    (transcript,) = read_bytes(WRITERS[kind](NAMED), "seance.txt")
    assert turns(transcript) == turns(read(NAMED, kind))
    assert transcript.warnings[0].code == "formats.content_differs"


words = st.lists(st.sampled_from("je dors mal, oui. non ! ça va ? là-bas « peut-être » œuvre l’été 3".split()), min_size=1, max_size=40)


@settings(max_examples=25)
@given(st.lists(words, min_size=4, max_size=8))
def test_des_paroles_quelconques_aussi(said: list[list[str]]) -> None:
    lines = [f"{'TP'[place % 2]} : {' '.join(parts)}" for place, parts in enumerate(said)]
    expected = turns(read(lines, "txt"))
    for kind in ("odt", "rtf", "pdf"):
        assert turns(read(lines, kind)) == expected
