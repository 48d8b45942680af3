"""PDF: lines joined as typed, running heads put aside, true reasons for what cannot be read, bounds."""

from __future__ import annotations

import builtins
import logging
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats import pdf, pdf_pages, read_bytes
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.segmentation import segment
from tests.formats import made

TALK = [
    "T : Comment ça va depuis la dernière fois, avec ce carnet que nous avions regardé ensemble lundi ?",
    "P : Bof. Franchement le carnet est resté au fond de mon sac, je n'ai pas eu la tête à ça du tout.",
    "T : D'accord.",
    "P : Voilà : rien, peut-être trois lignes.",
] * 8


def read(data: bytes) -> Draft:
    (draft,) = pdf.read(data, "seance.pdf", ReadOptions())
    assert isinstance(draft, Draft)
    return draft


def turns(data: bytes) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in segment(read(data).utterances)]


def codes(data: bytes) -> dict[str, Any]:
    return {notice.code: dict(notice.params) for notice in read(data).notices}


EXPECTED = [(line[0], line[4:]) for line in TALK]


def test_les_lignes_redeviennent_des_tours_sans_titre_courant_ni_numero_de_page() -> None:
    data = made.pdf_lines(TALK, head="Séance 4 - dyade d07")
    assert turns(data) == EXPECTED
    pages = -(-sum(len(made._wrapped(line, 60)) for line in TALK) // 20)
    assert codes(data) == {"documents.pdf_layout": {}, "documents.pdf_heads": {"count": 2 * pages}}


def test_le_pdf_avertit_toujours_de_la_mise_en_page_perdue() -> None:
    assert "documents.pdf_layout" in codes(made.pdf_lines(TALK[:4]))


def test_une_parole_qui_revient_en_bas_de_page_n_est_pas_un_titre_courant() -> None:
    data = made.pdf([[(70, 700, "T : Bien dormi ?"), (70, 400, "P : Non.")], [(70, 700, "T : Et hier ?"), (70, 400, "P : Non.")]])
    assert turns(data) == [("T", "Bien dormi ?"), ("P", "Non."), ("T", "Et hier ?"), ("P", "Non.")]


def test_sans_noms_un_paragraphe_est_un_tour() -> None:
    data = made.pdf_lines([line[4:] for line in TALK[:4]], blank_after=True)
    assert turns(data) == [("AB"[place % 2], text) for place, (_, text) in enumerate(EXPECTED[:4])]


def test_un_debut_de_ligne_qui_ressemble_a_un_nom_n_en_est_pas_un_dans_une_phrase() -> None:
    text = "P : Et puis ce soir-là j'ai retrouvé le carnet au fond du"
    data = made.pdf([[(70, 700, "T : Alors ?"), (70, 686, text), (70, 672, "tiroir : j'y pensais depuis deux jours sans oser y toucher,"), (70, 658, "au fond."), (70, 644, "T : Oui.")]])
    assert turns(data)[1] == ("P", text[4:] + " tiroir : j'y pensais depuis deux jours sans oser y toucher, au fond.")


def test_un_mot_coupe_a_son_trait_d_union_se_recolle() -> None:
    data = made.pdf([[(70, 700, "T : Alors ?"), (70, 686, "P : Je me disais que j'aurais pu venir plus tôt, ou peut-"), (70, 672, "être pas du tout."), (70, 658, "T : Oui.")]])
    assert turns(data)[1][1].endswith("ou peut-être pas du tout.")


def test_les_noms_en_gras_sont_des_noms() -> None:
    names = [("Anna", "Ça va ?"), ("Bruno", "Non."), ("Anna", "Ah."), ("Bruno", "Oui.")]
    data = made.pdf([[(70, 700 - 14 * place, f"**{name}** {text}") for place, (name, text) in enumerate(names)]])
    assert turns(data) == names


def test_une_page_sans_texte_est_dite() -> None:
    assert codes(made.pdf([[(70, 700, "T : Oui ?"), (70, 686, "P : Non.")], []]))["documents.pdf_blank_pages"] == {"count": 1, "pages": 2}


GOOD = made.pdf_lines(["T : Bonjour Ange.", "P : Bonjour.", "T : Ah."])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "formats.empty_file", id="vide"),
        pytest.param(made.pdf([[], []]), "documents.pdf_no_text", id="numérisation"),
        pytest.param(made.pdf([[(70, 700, "T : Ange")]], encrypted=True), "documents.pdf_encrypted", id="chiffre inconnu"),
        pytest.param(b"%PDF-1.4\nAnge", "documents.pdf_damaged", id="tête seule"),
        pytest.param(b"T : Ange", "documents.pdf_damaged", id="texte"),
    ],
)
def test_ce_qui_ne_peut_pas_se_lire_est_refuse_avec_sa_raison(data: bytes, code: str) -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        read(data)
    assert (refusal.value.code, refusal.value.file) == (code, "seance.pdf")
    assert "Ange" not in refusal.value.message("fr") + refusal.value.message("en")


def test_un_mot_de_passe_est_dit_et_une_simple_protection_d_impression_se_lit() -> None:
    import io

    import pypdf

    def locked(password: str) -> bytes:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(GOOD))
        writer.encrypt(password, "proprietaire", algorithm="RC4-128")
        stream = io.BytesIO()
        writer.write(stream)
        return stream.getvalue()

    assert turns(locked(""))[0] == ("T", "Bonjour Ange.")
    with pytest.raises(TranscriptFormatError) as refusal:
        read(locked("secret"))
    assert refusal.value.code == "documents.pdf_encrypted"


def test_sans_pypdf_la_phrase_donne_la_commande(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pypdf":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(TranscriptFormatError) as refusal:
        read(GOOD)
    assert "pip install 'alliance-nlp[pdf]'" in refusal.value.message("fr")


def test_les_bornes_arretent_un_fichier_demesure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MAX_PAGES", 0), ("MAX_PAGE_BYTES", 50), ("MAX_INSTRUCTIONS", 5)):
        with monkeypatch.context() as patch:
            patch.setattr(pdf_pages, name, value)
            with pytest.raises(TranscriptFormatError) as refusal:
                read(GOOD)
            assert refusal.value.code == "documents.pdf_too_large", name


def test_une_bombe_de_formes_emboitees_s_arrete() -> None:
    levels = 12
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    objects.append("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Contents 4 0 R >>")
    drawn = "/X Do " * 10
    objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    for level in range(levels):
        inner = f"/Resources << /XObject << /X {6 + level} 0 R >> >>" if level < levels - 1 else ""
        head = f"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] {inner} /Length {len(drawn)} >>"
        objects.append(f"{head}\nstream\n{drawn}\nendstream")
    start = time.process_time()
    with pytest.raises(AllianceError):
        read(made._file(objects, ""))
    assert time.process_time() - start < 60


def test_pypdf_ne_dit_rien_du_fichier(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for place in range(0, len(GOOD), 97):
            try:
                read(GOOD[:place])
            except AllianceError:
                pass
    assert not [record for record in caplog.records if record.name.startswith("pypdf")]


@settings(max_examples=100)
@given(st.integers(0, len(GOOD)), st.binary(max_size=8), st.booleans())
def test_un_fichier_abime_se_lit_ou_est_refuse(place: int, inserted: bytes, cut: bool) -> None:
    try:
        assert read_bytes(GOOD[:place] + inserted + (b"" if cut else GOOD[place + len(inserted) :]), "seance.pdf")[0].turns
    except AllianceError as error:
        assert error.message("fr") and "Ange" not in error.message("fr")
