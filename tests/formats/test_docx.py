"""Word documents: paragraphs, tables, bold names, tracked changes, Teams and « Transcrire » layouts."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx as python_docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats import docx, package
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.segmentation import segment
from alliance_nlp.transcript import Role

SAMPLE = Path(__file__).resolve().parents[3] / "shared/samples/formats/docx/qualcoder_en__ID1.docx"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"/></Relationships>'
)


def made(build: Callable[[Any], object]) -> bytes:
    """Return a document that python-docx writes."""
    document = python_docx.Document()
    build(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def raw(
    body: str, *, main: str = "word/document.xml", namespace: str = W, prologue: str = "", **parts: str
) -> bytes:
    """Return a document with this body, for what python-docx does not write."""
    opening = f'{prologue}<w:document xmlns:w="{namespace}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", RELATIONS.format(main))
        archive.writestr(main, f"{opening}<w:body>{body}</w:body></w:document>")
        for name, text in parts.items():
            archive.writestr(f"word/{name}.xml", f'<w:{name} xmlns:w="{namespace}">{text}</w:{name}>')
    return stream.getvalue()


def p(*runs: str, properties: str = "") -> str:
    inner = "".join(run if run.startswith("<") else r(run) for run in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def table(*rows: tuple[str, ...]) -> Callable[[Any], None]:
    def build(document: Any) -> None:
        grid = document.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(grid.add_row().cells, row):
                cell.text = text

    return build


def bold_names(*pairs: tuple[str, str]) -> Callable[[Any], None]:
    def build(document: Any) -> None:
        for name, text in pairs:
            paragraph = document.add_paragraph()
            paragraph.add_run(name).bold = True
            paragraph.add_run(text)

    return build


def paragraphs(*texts: str) -> Callable[[Any], None]:
    return lambda document: [document.add_paragraph(text) for text in texts]


def read(data: bytes) -> Draft:
    (draft,) = docx.read(data, "seance.docx", ReadOptions())
    assert isinstance(draft, Draft)
    return draft


def turns(data: bytes) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in segment(read(data).utterances)]


def codes(data: bytes) -> list[str]:
    return [notice.code for notice in read(data).notices]


# ---------------------------------------------------------------------------------------- paragraphs


def test_des_paragraphes_avec_noms_se_lisent_comme_du_texte() -> None:
    data = made(
        paragraphs(
            "Thérapeute : Vous l'avez rempli ?",
            "Patient·e\u00a0: Oui, « un peu ».",
            "Trois soirs.",
            "Thérapeute : Ah.",
        )
    )
    assert turns(data) == [
        ("Thérapeute", "Vous l'avez rempli ?"), ("Patient·e", "Oui, « un peu ». Trois soirs."), ("Thérapeute", "Ah."),
    ]  # fmt: skip
    assert [turn.line for turn in segment(read(data).utterances)] == [1, 2, 4]


def test_les_sauts_de_ligne_font_des_lignes_et_les_tabulations_des_noms() -> None:
    assert turns(made(paragraphs("T : Ça va ?\nP : Non,\nvraiment pas.", "T : Dites-moi."))) == [
        ("T", "Ça va ?"), ("P", "Non, vraiment pas."), ("T", "Dites-moi."),
    ]  # fmt: skip
    assert turns(made(paragraphs("T\tÇa va ?", "P\tNon.", "T\tDites-moi."))) == [
        ("T", "Ça va ?"), ("P", "Non."), ("T", "Dites-moi."),
    ]  # fmt: skip


def test_sans_aucun_nom_chaque_paragraphe_est_un_tour_meme_avec_des_sauts_de_ligne() -> None:
    data = made(paragraphs("Vous dormez mieux ?", "Un peu.\nLe week-end.", "Et en semaine ?"))
    assert turns(data) == [
        ("A", "Vous dormez mieux ?"),
        ("B", "Un peu. Le week-end."),
        ("A", "Et en semaine ?"),
    ]


def test_tirets_insecables_accents_decomposes_et_guillemets_courbes_se_lisent() -> None:
    body = (
        p("T : Avez", "<w:r><w:noBreakHyphen/></w:r>", "vous de\u0301ja\u0300 essayé ?")
        + p("P : J’ai dit « non » “net”.")
        + p("T : Ah.")
    )
    assert turns(raw(body))[:2] == [("T", "Avez-vous déjà essayé ?"), ("P", "J’ai dit « non » “net”.")]


def test_le_titre_et_la_date_ne_sont_pas_des_paroles() -> None:
    draft = read(
        made(
            paragraphs(
                "Séance 4", "T = thérapeute, P = patient", "T : Bonjour.", "P : Bonjour.", "T : Alors ?"
            )
        )
    )
    assert draft.metadata["session_number"] == 4
    assert draft.roles == {"T": Role.THERAPIST, "P": Role.PATIENT}
    assert draft.utterances[0].line == 3


def test_les_lieux_nommes_dans_un_avis_sont_ceux_du_document() -> None:
    data = made(
        paragraphs(
            "T : Un.", "P : Deux.", "T : Trois.", "P : Quatre.", "Je note.", "Rire : deux fois.", "T : Cinq."
        )
    )
    (notice,) = [notice for notice in read(data).notices if "lines" in notice.params]
    assert (notice.line, notice.params["lines"]) == (6, "6")


# ---------------------------------------------------------------------------------------- bold type


@pytest.mark.parametrize("sign", ["", " :", ":", " –"])
def test_des_noms_en_gras_avec_ou_sans_deux_points(sign: str) -> None:
    data = made(
        bold_names(
            ("Thérapeute" + sign, " Ça va ?"),
            ("Anna", f"{sign} Non."),
            ("Thérapeute", f"{sign} Dites-moi."),
            ("Anna", f"{sign} Oui."),
        )
    )
    assert turns(data) == [
        ("Thérapeute", "Ça va ?"),
        ("Anna", "Non."),
        ("Thérapeute", "Dites-moi."),
        ("Anna", "Oui."),
    ]


def test_un_mot_souligne_en_gras_n_est_pas_un_locuteur() -> None:
    data = made(
        bold_names(
            ("T", " : Et lui ?"), ("Jamais", " il n'a répondu."), ("P", " : Non. "), ("Jamais", " plus.")
        )
    )
    assert {speaker for speaker, _ in turns(data)} <= {"T", "P"}
    assert ("T", "Et lui ? Jamais il n'a répondu.") in turns(data)


def test_un_nom_en_gras_seul_sur_sa_ligne_vaut_pour_la_suite() -> None:
    def build(document: Any) -> None:
        for name, text in [("Anna", "Ça va ?"), ("Bruno", "Non."), ("Anna", "Dites-moi.\nPrenez le temps.")]:
            document.add_paragraph().add_run(name).bold = True
            document.add_paragraph(text)

    assert turns(made(build)) == [
        ("Anna", "Ça va ?"),
        ("Bruno", "Non."),
        ("Anna", "Dites-moi. Prenez le temps."),
    ]
    assert codes(made(build)) == ["files.docx_bold_names"]


def test_le_gras_d_un_style_compte_comme_le_gras_tape() -> None:
    styles = '<w:style w:styleId="Fort"><w:rPr><w:b/></w:rPr></w:style><w:style w:styleId="Nom"><w:basedOn w:val="Fort"/></w:style>'
    named = '<w:rStyle w:val="Nom"/>'
    body = (
        p(r("Anna", named), " Ça va ?")
        + p(r("Bruno", named), " Non.")
        + p(r("Anna", named), r(" Bien.", named + '<w:b w:val="0"/>'))
    )
    assert turns(raw(body, styles=styles)) == [("Anna", "Ça va ?"), ("Bruno", "Non."), ("Anna", "Bien.")]


def test_des_tours_en_gras_et_en_maigre_alternent_et_le_disent() -> None:
    def build(document: Any) -> None:
        document.add_heading("Entretien", 1)
        for place, text in enumerate(
            ["Comment dormez-vous ?", "Mal.", "Depuis quand ?", "Lundi.", "Et avant ?"]
        ):
            document.add_paragraph().add_run(text).bold = place % 2 == 0

    assert turns(made(build)) == [
        ("A", "Comment dormez-vous ?"), ("B", "Mal."), ("A", "Depuis quand ?"), ("B", "Lundi."), ("A", "Et avant ?"),
    ]  # fmt: skip
    assert "files.docx_bold_turns" in codes(made(build))


# ---------------------------------------------------------------------------------------- tables


def test_un_tableau_a_deux_colonnes_sans_titres() -> None:
    data = made(
        table(("T", "Vous l'avez rempli ?"), ("P", "Oui.\nUn peu."), ("", "Trois soirs."), ("T :", "Bien."))
    )
    assert turns(data) == [("T", "Vous l'avez rempli ?"), ("P", "Oui. Un peu. Trois soirs."), ("T", "Bien.")]
    assert [utterance.line for utterance in read(data).utterances] == [1, 2, 3, 4]


def test_un_tableau_a_trois_colonnes_avec_titres_temps_et_remarques() -> None:
    data = made(table(
        ("Temps", "Locuteur", "Propos", "Codes"), ("[00:01:02]", "T", "Ça va ?", ""), ("00:01:05", "P", "Non.", "tristesse"),
    ))  # fmt: skip
    draft = read(data)
    assert [(u.speaker, u.text, u.start_s, u.line, dict(u.extra)) for u in draft.utterances] == [
        ("T", "Ça va ?", 62.0, 2, {}), ("P", "Non.", 65.0, 3, {"Codes": "tristesse"}),
    ]  # fmt: skip


def test_un_tableau_temps_et_texte_garde_les_noms_du_texte() -> None:
    draft = read(
        made(
            table(
                ("1", "00:01:02", "T : Ça va ?"), ("2", "00:01:05", "P : Non."), ("3", "00:01:09", "T : Ah.")
            )
        )
    )
    assert [(u.speaker, u.text, u.start_s, u.line) for u in draft.utterances] == [
        ("T", "Ça va ?", 62.0, 1), ("P", "Non.", 65.0, 2), ("T", "Ah.", 69.0, 3),
    ]  # fmt: skip


def test_ce_qui_entoure_le_tableau_declare_les_roles_et_le_reste_est_signale() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("Séance 3")
        document.add_paragraph("T : thérapeute, P : patiente")
        table(
            ("T", "Vous l'avez rempli, ce carnet dont nous parlions lundi ?"), ("P", "Oui."), ("T", "Bien.")
        )(document)

    draft = read(made(build))
    assert (draft.metadata["session_number"], draft.roles["P"]) == (3, Role.PATIENT)
    assert [(n.code, n.params) for n in draft.notices] == [("files.docx_outside_table", {"count": 2})]


def test_un_petit_tableau_de_renseignements_n_est_pas_la_seance() -> None:
    def build(document: Any) -> None:
        table(("Date", "4 mai 2021"), ("Séance", "3"))(document)
        paragraphs("T : Vous l'avez rempli, ce carnet ?", "P : Oui, trois soirs.", "T : Bien.")(document)

    assert turns(made(build)) == [
        ("T", "Vous l'avez rempli, ce carnet ?"),
        ("P", "Oui, trois soirs."),
        ("T", "Bien."),
    ]


def test_une_cellule_fusionnee_ne_decale_pas_les_colonnes() -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"

    rows = [
        cell("00:00:01") + cell("T") + cell("Ça va ?"), cell("00:00:03") + cell("P") + cell("Non, pas trop."),
        cell("", '<w:gridSpan w:val="2"/>') + cell("Je dors mal."), cell("00:00:09") + cell("T") + cell("Ah."),
    ]  # fmt: skip
    body = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    assert turns(raw(body)) == [("T", "Ça va ?"), ("P", "Non, pas trop. Je dors mal."), ("T", "Ah.")]


# ---------------------------------------------------------------------------------------- tracked changes and what is not read


def test_les_insertions_suivies_sont_lues_et_les_suppressions_non() -> None:
    deleted = '<w:del w:id="1"><w:r><w:delText>jamais</w:delText></w:r></w:del>'
    body = (
        p("T : On reprend ?")
        + p("P : Je dors ", deleted, f'<w:ins w:id="2">{r("toujours")}</w:ins>', " mal.")
        + p("T : Ah.")
    )
    assert turns(raw(body))[1] == ("P", "Je dors toujours mal.")


def test_un_paragraphe_insere_compte_et_une_fin_supprimee_le_colle_au_suivant() -> None:
    mark = '<w:rPr><w:del w:id="3"/></w:rPr>'
    body = (
        p("T : Ça va ?") + p("P : Je dors", properties=mark) + p(" mal.")
        + p(f"<w:ins>{r('T : Depuis quand ?')}</w:ins>", properties="<w:rPr><w:ins/></w:rPr>")
        + p("<w:del><w:r><w:delText>P : Rien.</w:delText></w:r></w:del>", properties=mark) + p("P : Lundi.")
    )  # fmt: skip
    assert turns(raw(body)) == [
        ("T", "Ça va ?"),
        ("P", "Je dors mal."),
        ("T", "Depuis quand ?"),
        ("P", "Lundi."),
    ]


def test_une_derniere_fin_supprimee_ne_perd_pas_le_paragraphe() -> None:
    mark = '<w:rPr><w:del w:id="3"/></w:rPr>'
    assert turns(raw(p("T : Ça va ?") + p("P : Non.", properties=mark))) == [("T", "Ça va ?"), ("P", "Non.")]


def test_un_texte_deplace_se_lit_a_sa_nouvelle_place_seulement() -> None:
    body = (
        p("T : Ça va ?") + p(f"<w:moveFrom>{r('P : Non.')}</w:moveFrom>", properties="<w:rPr><w:moveFrom/></w:rPr>")
        + p("P : Bof.") + p("T : Ah.") + p(f"<w:moveTo>{r('P : Non.')}</w:moveTo>")
    )  # fmt: skip
    assert turns(raw(body)) == [("T", "Ça va ?"), ("P", "Bof."), ("T", "Ah."), ("P", "Non.")]


def test_une_ligne_de_tableau_supprimee_n_est_pas_lue() -> None:
    def row(name: str, text: str, properties: str = "") -> str:
        return f"<w:tr><w:trPr>{properties}</w:trPr><w:tc>{p(name)}</w:tc><w:tc>{p(text)}</w:tc></w:tr>"

    body = f"<w:tbl>{row('T', 'Ça va ?')}{row('P', 'Oui.', '<w:del/>')}{row('P', 'Non.', '<w:ins/>')}{row('T', 'Ah.')}</w:tbl>"
    assert turns(raw(body)) == [("T", "Ça va ?"), ("P", "Non."), ("T", "Ah.")]


def test_zones_de_texte_notes_texte_masque_et_codes_de_champ_ne_sont_pas_lus() -> None:
    box = f"<w:txbxContent>{p('P : dans une zone')}</w:txbxContent>"
    both = f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    field = "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r>"
    body = (
        p("T : Ça va", both, field, r(" masqué", "<w:vanish/>"), "<w:r><w:footnoteReference/></w:r>", " ?")
        + p("P : Non.")
        + p("T : Ah.")
    )
    assert turns(raw(body))[0] == ("T", "Ça va ?")
    assert [(n.code, n.params) for n in read(raw(body)).notices] == [
        ("files.docx_left_out", {"text_boxes": 1, "notes": 1})
    ]


def test_en_tetes_et_commentaires_sont_ignores() -> None:
    def build(document: Any) -> None:
        document.sections[0].header.paragraphs[0].text = "P : en-tête"
        document.sections[0].footer.paragraphs[0].text = "P : pied"
        paragraphs("T : Ça va ?", "P : Non.", "T : Ah.")(document)
        document.add_comment(document.paragraphs[1].runs, text="P : commentaire", author="Relecture")

    assert turns(made(build)) == [("T", "Ça va ?"), ("P", "Non."), ("T", "Ah.")]


def test_controles_de_contenu_liens_et_tirets_de_liste_sont_lus() -> None:
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{p('T : Ça va ?')}</w:sdtContent></w:sdt>"
    assert turns(raw(control + p("P : ", f"<w:hyperlink>{r('Non.')}</w:hyperlink>") + p("T : Ah.")))[:2] == [
        ("T", "Ça va ?"),
        ("P", "Non."),
    ]
    numbering = '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:lvlText w:val="–"/></w:lvl></w:abstractNum><w:num w:numId="2"><w:abstractNumId w:val="7"/></w:num>'
    dash = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr>'
    body = (
        p("Ça va ?", properties=dash)
        + p("Non.", properties=dash)
        + p("Je dors mal.")
        + p("Depuis quand ?", properties=dash)
    )
    assert turns(raw(body, numbering=numbering)) == [
        ("A", "Ça va ?"),
        ("B", "Non. Je dors mal."),
        ("A", "Depuis quand ?"),
    ]


# ---------------------------------------------------------------------------------------- machine layouts

SAID = [
    ("Anna Durand", "0:03", "0:0:3.138 --> 0:0:3.6", "Ça va ?"),
    ("Bruno Petit", "0:09", "0:0:9.0 --> 0:0:9.25", "Non."),
] * 2
EXPECTED = [
    ("Anna Durand", "Ça va ?"),
    ("Bruno Petit", "Non."),
    ("Anna Durand", "Ça va ?"),
    ("Bruno Petit", "Non."),
]


def test_teams_nouveau_nom_et_temps_puis_parole() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("Réunion du 4 mai 2021")
        document.add_paragraph("Anna Durand a démarré la transcription")
        for name, clock, _, text in SAID:
            paragraph = document.add_paragraph()
            paragraph.add_run(name).bold = True
            paragraph.add_run("   " + clock).add_break()
            paragraph.add_run(text)
        document.add_paragraph("Anna Durand a arrêté la transcription")

    assert turns(made(build)) == EXPECTED
    assert [utterance.start_s for utterance in read(made(build)).utterances][:2] == [3.0, 9.0]
    assert "files.docx_teams_lines" in codes(made(build))


def test_teams_ancien_temps_nom_parole() -> None:
    data = made(paragraphs(*[f"{times}\n{name}\n{text}" for name, _, times, text in SAID]))
    assert turns(data) == EXPECTED
    assert [(u.start_s, u.end_s) for u in read(data).utterances][:2] == [(3.138, 3.6), (9.0, 9.25)]


def test_transcrire_de_word_temps_et_locuteur_puis_parole() -> None:
    lines = ["Audio file", "seance4.m4a", "Transcript"]
    for place, (_, _, _, text) in enumerate(SAID):
        lines += [f"00:00:0{place} Locuteur {place % 2 + 1}", text]
    assert turns(made(paragraphs(*lines))) == [
        ("Locuteur 1", "Ça va ?"), ("Locuteur 2", "Non."), ("Locuteur 1", "Ça va ?"), ("Locuteur 2", "Non."),
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------- the package


@pytest.mark.parametrize("namespace", [W, STRICT])
def test_la_partie_principale_est_trouvee_ou_qu_elle_soit(namespace: str) -> None:
    body = p("T : Ça va ?") + p("P : Non.") + p("T : Ah.")
    assert len(turns(raw(body, main="word/document2.xml", namespace=namespace))) == 3


GOOD = made(paragraphs("T : Bonjour Ange.", "P : Bonjour.", "T : Ah."))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(name: str, text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "formats.empty_file", id="vide"),
        pytest.param(GOOD[: len(GOOD) // 2], "files.office_damaged", id="tronqué"),
        pytest.param(GOOD[:300] + bytes(300) + GOOD[600:], "files.office_damaged", id="abîmé"),
        pytest.param(OLE, "files.office_old", id="ancien .doc"),
        pytest.param(
            OLE + "EncryptedPackage".encode("utf-16-le"), "files.office_encrypted", id="mot de passe"
        ),
        pytest.param(b"{\\rtf1 Bonjour Ange", "files.office_rtf", id="rtf"),
        pytest.param(b"T : Bonjour Ange.\n", "files.not_office", id="texte"),
        pytest.param(zipped("a.txt", "Ange"), "files.not_office", id="autre zip"),
        pytest.param(raw("")[:-1] + b"x", "files.docx_no_text", id="corps vide"),
        pytest.param(made(paragraphs("", " ")), "files.docx_no_text", id="paragraphes vides"),
        pytest.param(raw(p("T : Ange") + "<w:p>"), "files.office_damaged", id="XML mal formé"),
        pytest.param(raw(p("x"), prologue='<!DOCTYPE x [<!ENTITY a "b">]>'), "files.office_dtd", id="DTD"),
    ],
)
def test_ce_qui_ne_peut_pas_se_lire_est_refuse_avec_sa_raison(data: bytes, code: str) -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        read(data)
    assert (refusal.value.code, refusal.value.file) == (code, "seance.docx")
    assert "Ange" not in refusal.value.message("fr") + refusal.value.message("en")


def test_une_bombe_zip_est_refusee_sans_etre_deballee(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = raw("<w:p/>" * 2_000_000)
    assert len(bomb) < 100_000
    monkeypatch.setattr(package, "MAX_XML_BYTES", 10_000_000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("déballée"))
    with pytest.raises(TranscriptFormatError) as refusal:
        read(bomb)
    assert (refusal.value.code, refusal.value.params) == (
        "files.office_too_large",
        {"megabytes": 12, "limit": 10},
    )


def test_un_megaoctet_et_deux_mille_paragraphes_se_lisent_vite() -> None:
    start = time.perf_counter()
    assert (
        len(turns(raw(p("T : Ça va ?") + p("P : " + "oui, non " * 110_000) + p("T : Ah.")))[1][1]) > 900_000
    )
    assert len(read(raw((p("T : Ça va ?") + p("P : Non.")) * 1_000)).utterances) == 2_000
    assert time.perf_counter() - start < 10


@settings(deadline=None)  # the first example pays for imports
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["T", "P"]), st.text("abcé ’«»!?😀", min_size=1, max_size=20).filter(str.strip)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_un_tableau_avec_titres_redonne_les_textes_tapes(rows: list[tuple[str, str]]) -> None:
    body = "".join(
        f"<w:tr><w:tc>{p(name)}</w:tc><w:tc>{p(text)}</w:tc></w:tr>"
        for name, text in [("Locuteur", "Texte"), *rows]
    )
    draft = read(raw(f"<w:tbl>{body}</w:tbl>"))
    assert [(u.speaker, u.text) for u in draft.utterances] == [(name, text.strip()) for name, text in rows]


@pytest.mark.skipif(not SAMPLE.exists(), reason="échantillon absent")
def test_un_document_d_un_autre_programme_se_lit() -> None:
    draft = read(SAMPLE.read_bytes())
    assert [utterance.line for utterance in draft.utterances] == [1, 2, 3]
    assert "€200" in draft.utterances[2].text
    assert draft.notices
