"""Word documents out: the dialogue, evidence marked without colour alone, a comment for each marker, and back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx as python_docx
import pytest
from docx.oxml.ns import qn

from alliance_nlp.errors import ConfigError
from alliance_nlp.exports import word
from alliance_nlp.exports.base import ExportOptions
from alliance_nlp.exports.word_parts import UNDERLINES, tint
from alliance_nlp.formats import read_bytes
from alliance_nlp.labels import default_label_set
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn
from tests.conftest import REPOSITORY

MODEL = Origin(OriginKind.MODEL, "alliance-fr-small", "0.2")
SESSION = Transcript(
    "exemple 04",
    (
        Turn(0, "T", "On reprend le carnet ensemble, ça vous va ?", start_s=2.5, markers=(Marker("task", MODEL, (), 0.97, (Span(0, 29),)),)),
        Turn(
            1, "P", "Si vous le dites… mais je vous fais confiance.", start_s=6.0, needs_review=True,
            markers=(
                Marker("bond", Origin(OriginKind.HUMAN, "A-B"), spans=(Span(18, 45),)),
                Marker("rupture", MODEL, ("withdrawal",), 0.61, (Span(0, 17), Span(18, 22))),
            ),
        ),
        Turn(2, "T", "Hm."),
    ),
    (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT)),
    metadata={"dyad_id": "d07", "session_number": 4, "fictional": True},
)  # fmt: skip


def made(session: Transcript = SESSION, language: str = "fr") -> bytes:
    (file,) = word.write(iter([session]), ExportOptions(language))
    return file.data


def opened(session: Transcript = SESSION, language: str = "fr") -> Any:
    return python_docx.Document(io.BytesIO(made(session, language)))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_le_document_porte_le_nom_de_la_seance() -> None:
    (file,) = word.write(iter([SESSION]), ExportOptions())
    assert file.name == "exemple_04.docx"


def test_chaque_tour_est_une_ligne_avec_numero_locuteur_et_paroles() -> None:
    (table,) = opened().tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Tour", "Locuteur", "Paroles"], ["1\n00:02", "T", SESSION.turns[0].text],
        ["2\n00:06", "P", SESSION.turns[1].text], ["3", "T", "Hm."],
    ]  # fmt: skip
    assert table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None


def test_chaque_marqueur_a_son_commentaire_avec_certitude_et_auteur() -> None:
    comments = list(opened().comments)
    assert [(note.author, [plain(p.text) for p in note.paragraphs]) for note in comments] == [
        ("alliance-fr-small", ["tâche", "certitude : 97 %", "modèle : alliance-fr-small 0.2"]),
        ("A-B", ["lien", "annotation : A-B"]),
        ("alliance-fr-small", ["rupture : retrait", "certitude : 61 %", "à vérifier", "modèle : alliance-fr-small 0.2", "2 passages soulignés dans ce tour"]),
    ]  # fmt: skip
    assert not re.search(rb"w:date=", zipfile.ZipFile(io.BytesIO(made())).read("word/comments.xml"))


def commented(document: Any, number: int) -> str:
    """Return the words between the marks that begin and end a comment."""
    (start,) = document.element.body.xpath(f".//w:commentRangeStart[@w:id='{number}']")
    text, element = "", start.getnext()
    while element.tag != qn("w:commentRangeEnd") or element.get(qn("w:id")) != str(number):
        text += "".join(part.text or "" for part in element.iter(qn("w:t")))
        element = element.getnext()
    return text


def test_le_commentaire_tient_aux_mots_qui_montrent_le_marqueur() -> None:
    document = opened()
    assert [commented(document, note.comment_id) for note in document.comments] == [
        "On reprend le carnet ensemble", "mais je vous fais confiance", "Si vous le dites…",
    ]  # fmt: skip


def test_la_preuve_se_voit_sans_la_couleur() -> None:
    runs = [run for row in opened().tables[0].rows for run in row.cells[2].paragraphs[0].runs]
    shown = {run.text: run._r.rPr.find(qn("w:u")) for run in runs if run._r.rPr is not None and run._r.rPr.find(qn("w:u")) is not None}
    styles = {text: underline.get(qn("w:val")) for text, underline in shown.items()}
    assert styles == {
        "On reprend le carnet ensemble": "double", "Si vous le dites…": "wave", "mais": "dotted", " je vous fais confiance": "dotted",
    }  # fmt: skip
    labels = default_label_set().labels
    assert len({UNDERLINES[label.underline] for label in labels}) == len(labels)


def luminance(colour: str) -> float:
    parts = [int(colour.lstrip("#")[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("label", default_label_set().labels, ids=lambda label: label.id)
def test_les_fonds_laissent_lire_le_noir_et_voir_le_soulignement(label: Any) -> None:
    behind = luminance(tint(label.colour)) + 0.05
    assert behind / 0.05 >= 10
    assert behind / (luminance(label.text_colour) + 0.05) >= 3  # WCAG 2.1, 1.4.11: a line that carries meaning


def test_la_legende_l_avertissement_et_les_numeros_de_page_y_sont() -> None:
    document = opened()
    lines = [plain(paragraph.text) for paragraph in document.paragraphs]
    assert [p.text for p in document.paragraphs if p.style.name.startswith("Heading")] == [
        "Transcription annotée – exemple 04", "Légende", "Transcription",
    ]  # fmt: skip
    assert any("à relire par une personne" in line and "alliance-fr-small 0.2" in line for line in lines)
    assert "Séance fictive." in lines and any(line.startswith("Ni un diagnostic") for line in lines)
    for label in default_label_set().labels:
        assert any(line.startswith(label.fr) for line in lines)
    footer = document.sections[0].footer._element.xml
    assert 'w:instr="PAGE"' in footer and 'w:instr="NUMPAGES"' in footer


def test_en_anglais_tout_est_en_anglais() -> None:
    document = opened(language="en")
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["Turn", "Speaker", "Speech"]
    assert document.comments.get(2).paragraphs[0].text == "rupture: withdrawal"
    assert 'w:val="en-GB"' in document.styles.element.xml


def test_sans_marqueur_ni_modele_rien_n_est_dit_d_une_machine() -> None:
    bare = Transcript("s", (Turn(0, "T", "Oui ?"), Turn(1, "P", "Non.")), SESSION.speakers)
    text = "\n".join(paragraph.text for paragraph in opened(bare).paragraphs)
    assert "machine" not in text and not list(opened(bare).comments)


def test_les_proprietes_ne_nomment_personne() -> None:
    properties = opened().core_properties
    assert (properties.author, properties.last_modified_by) == ("alliance-nlp", "")


def test_un_marqueur_sans_passage_tient_au_tour_entier_et_un_tour_vide_n_arrete_rien() -> None:
    session = Transcript("s", (Turn(0, "P", "Non.", markers=(Marker("bond", MODEL),)), Turn(1, "T", "", markers=(Marker("bond", MODEL),))), SESSION.speakers)
    document = opened(session)
    assert [commented(document, note.comment_id) for note in document.comments] == ["Non."]


def test_sans_python_docx_la_phrase_donne_la_commande(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word, "find_spec", lambda name: None)
    with pytest.raises(ConfigError) as refusal:
        made()
    assert "pip install 'alliance-nlp[word]'" in refusal.value.message("fr")


def told(session: Transcript) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in session.turns]


def test_notre_lecteur_redonne_tours_roles_dyade_et_numero() -> None:
    (again,) = read_bytes(made(), "exemple.docx")
    assert told(again) == told(SESSION)
    assert [(s.id, s.role) for s in again.speakers] == [(s.id, s.role) for s in SESSION.speakers]
    assert again.metadata == {"dyad_id": "d07", "session_number": 4}


@pytest.mark.parametrize("name", ["s001", "s003", "s074", "s107"])
def test_les_seances_du_corpus_reviennent_tour_pour_tour(name: str, session_of: Callable[..., Transcript]) -> None:
    path = REPOSITORY / f"data/corpus/sessions/{name}.txt"
    (session,) = read_bytes(path.read_bytes(), path.name)
    for language in ("fr", "en"):
        (again,) = read_bytes(made(session, language), "seance.docx")
        assert told(again) == told(session)
        assert {s.id: s.role for s in again.speakers} == {s.id: s.role for s in session.speakers}
