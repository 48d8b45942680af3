"""OpenDocument texts: paragraphs, tables, lists, white space, tracked changes, notes put aside."""

from __future__ import annotations

import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats import odt, package, read_bytes
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.segmentation import segment
from tests.formats import made


def read(data: bytes) -> Draft:
    (draft,) = odt.read(data, "seance.odt", ReadOptions())
    assert isinstance(draft, Draft)
    return draft


def turns(data: bytes) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in segment(read(data).utterances)]


def p(text: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{text}</text:p>'


BOLD = '<style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'


def test_blancs_tabulations_et_sauts_de_ligne_se_lisent_comme_sur_la_page() -> None:
    body = (
        p('T :\n  Ça<text:s text:c="2"/>va ?<text:line-break/>P :<text:tab/>Non, <text:span>\n pas trop</text:span>.')
        + p("T : Ah.") + p("P : Oui.")
    )  # fmt: skip
    assert turns(made.odt(body)) == [("T", "Ça  va ?"), ("P", "Non, pas trop."), ("T", "Ah."), ("P", "Oui.")]


def test_ce_qui_est_supprime_n_est_pas_lu_et_ce_qui_est_insere_l_est() -> None:
    body = (
        '<text:tracked-changes><text:changed-region><text:deletion><text:p>P : jamais<text:note>x</text:note></text:p></text:deletion>'
        "</text:changed-region></text:tracked-changes>"
        + p("T : Ça va ?") + p('P : Je dors <text:change-start text:change-id="1"/>toujours<text:change-end text:change-id="1"/> mal.')
        + p('T : Ah<text:change text:change-id="2"/>.') + p("P : Oui.")
    )  # fmt: skip
    assert turns(made.odt(body))[1:3] == [("P", "Je dors toujours mal."), ("T", "Ah.")]
    assert read(made.odt(body)).notices == ()


def test_notes_commentaires_et_zones_de_texte_sont_mis_de_cote_et_comptes() -> None:
    note = "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>P : note</text:p></text:note-body></text:note>"
    comment = "<office:annotation><text:p>P : remarque</text:p></office:annotation>"
    box = "<draw:frame><draw:text-box><text:p>P : cadre</text:p></draw:text-box></draw:frame>"
    data = made.odt(p(f"T : Ça va{note} ?") + p(f"P : Non{comment}.{box}") + p("T : Ah.") + p("P : Oui."))
    assert turns(data)[:2] == [("T", "Ça va ?"), ("P", "Non.")]
    assert [(n.code, n.params) for n in read(data).notices] == [
        ("documents.left_out", {"notes": 1, "comments": 1, "text_boxes": 1})
    ]


def test_des_noms_en_gras_sans_deux_points_sont_des_noms_par_leur_style_aussi() -> None:
    styles = BOLD + '<style:style style:name="Nom" style:family="text" style:parent-style-name="B"/>'
    body = "".join(
        p(f'<text:span text:style-name="{style}">{name}</text:span> {text}')
        for name, text, style in [("Anna", "Ça va ?", "B"), ("Bruno", "Non.", "Nom"), ("Anna", "Dites-moi.", "B"), ("Bruno", "Oui.", "Nom")]
    )
    assert turns(made.odt(body, styles=styles)) == [
        ("Anna", "Ça va ?"), ("Bruno", "Non."), ("Anna", "Dites-moi."), ("Bruno", "Oui."),
    ]  # fmt: skip


def test_les_tirets_d_une_liste_ouvrent_des_tours() -> None:
    bullet = '<text:list-level-style-bullet text:level="1" text:bullet-char="–"/>'
    styles = f'<text:list-style style:name="L">{bullet}</text:list-style>'
    items = "".join(f"<text:list-item>{p(text)}</text:list-item>" for text in ("Ça va ?", "Non.", "Depuis quand ?"))
    assert turns(made.odt(f'<text:list text:style-name="L">{items}</text:list>', styles=styles)) == [
        ("A", "Ça va ?"), ("B", "Non."), ("A", "Depuis quand ?"),
    ]  # fmt: skip


def test_un_tableau_avec_cellules_repetees_et_couvertes_garde_ses_colonnes() -> None:
    def row(*cells: str) -> str:
        return "<table:table-row>" + "".join(f"<table:table-cell>{p(cell)}</table:table-cell>" for cell in cells) + "</table:table-row>"

    covered = f"<table:table-row><table:table-cell>{p('')}</table:table-cell><table:covered-table-cell/><table:table-cell>{p('Je dors mal.')}</table:table-cell></table:table-row>"
    rows = row("Temps", "Locuteur", "Propos") + row("0:01", "T", "Ça va ?") + row("0:03", "P", "Non.") + covered + row("0:09", "T", "Ah.")
    assert turns(made.odt(f"<table:table>{rows}</table:table>")) == [("T", "Ça va ?"), ("P", "Non. Je dors mal."), ("T", "Ah.")]


def test_le_texte_masque_n_est_pas_lu() -> None:
    styles = '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
    body = p('T : Ça<text:span text:style-name="H"> caché</text:span> va ?') + '<text:section text:display="none">' + p("P : Rien.") + "</text:section>"
    assert turns(made.odt(body + p("P : Non.") + p("T : Ah."), styles=styles)) == [("T", "Ça va ?"), ("P", "Non."), ("T", "Ah.")]


GOOD = made.odt(p("T : Bonjour Ange.") + p("P : Bonjour.") + p("T : Ah."))
ENTITIES = '<!DOCTYPE x [<!ENTITY a "Ange"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "formats.empty_file", id="vide"),
        pytest.param(GOOD[: len(GOOD) // 2], "files.office_damaged", id="tronqué"),
        pytest.param(made.odt(""), "documents.no_text", id="sans texte"),
        pytest.param(made.odt(p("a") + "<text:p>"), "files.office_damaged", id="XML mal formé"),
        pytest.param(made.odt(p("a"), prologue=ENTITIES), "files.office_dtd", id="entités"),
        pytest.param(made.odt(p("a"), manifest=f"<manifest:manifest{made.NAMES}><manifest:encryption-data/></manifest:manifest>"), "files.office_encrypted", id="mot de passe"),
        pytest.param(made.odt("<text:section>" * 10_000), "files.office_damaged", id="dix mille niveaux"),
    ],
)  # fmt: skip
def test_ce_qui_ne_peut_pas_se_lire_est_refuse_avec_sa_raison(data: bytes, code: str) -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        odt.read(data, "seance.odt", ReadOptions())
    assert (refusal.value.code, refusal.value.file) == (code, "seance.odt")
    assert "Ange" not in refusal.value.message("fr") + refusal.value.message("en")


def test_une_bombe_zip_est_refusee_sans_etre_deballee(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = made.odt("<text:p/>" * 1_000_000)
    monkeypatch.setattr(package, "MAX_XML_BYTES", 5_000_000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("déballée"))
    with pytest.raises(TranscriptFormatError) as refusal:
        read(bomb)
    assert refusal.value.code == "files.office_too_large"


def test_des_nombres_enormes_ne_font_pas_grandir_le_texte() -> None:
    row = f'<table:table-row><table:table-cell>{p("T")}</table:table-cell><table:table-cell table:number-columns-repeated="99999">{p("a")}</table:table-cell></table:table-row>'
    draft = read(made.odt(p('T : a<text:s text:c="999999999"/>b') + p("P : c") + f"<table:table>{row}</table:table>"))
    assert sum(len(u.text) for u in draft.utterances) < 5000


@settings(max_examples=150)
@given(st.integers(0, len(GOOD)), st.binary(max_size=6), st.booleans())
def test_un_fichier_abime_se_lit_ou_est_refuse(place: int, inserted: bytes, cut: bool) -> None:
    damaged = GOOD[:place] + inserted + (b"" if cut else GOOD[place + len(inserted) :])
    try:
        assert read_bytes(damaged, "seance.odt")[0].turns
    except AllianceError as error:
        assert error.message("fr") and "Ange" not in error.message("fr")
