"""RTF: code pages, Unicode, tables, deleted text, groups that are no text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError, TranscriptFormatError
from alliance_nlp.formats import read_bytes, rtf, rtf_body
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.segmentation import segment
from tests.formats import made


def read(data: bytes) -> Draft:
    (draft,) = rtf.read(data, "seance.rtf", ReadOptions())
    assert isinstance(draft, Draft)
    return draft


def turns(data: bytes) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in segment(read(data).utterances)]


def said(text: str, **head: str) -> str:
    """Return what the second of three turns says."""
    data = made.rtf(r"T : \'c7a va ?\par P : " + text + r"\par T : Ah.\par P : Oui.\par", **head)
    return turns(data)[1][1]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"d\'e9j\'e0 \'e0 No\'ebl", "déjà à Noël"),
        (r"\u233?t\u233\'e9", "été"),
        (r"{\uc2 \u8217\'92\'92}a\u339?", "’aœ"),
        (r"{\uc0\u233 t\u233 }", "été"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"{\upr{ete}{\*\ud{\u233?t\u233?}}}", "été"),
        (r"\lquote a\rquote  \ldblquote b\rdblquote  \emdash  c\~!", "‘a’ “b” — c\u00a0!"),
        (r"{\b gras} et {\i pench\'e9} \{x\} \\", "gras et penché {x} \\"),
        ("coupé\n en\r\n deux", "coupé en deux"),
        (r"toujours{\deleted  jamais}{\revised  mal}", "toujours mal"),
        (r"vu{\v  cach\'e9}.", "vu."),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt lien}}", "lien"),
        (r"avant{\pict\bin7 }}{{\par}apr\'e8s", "avantaprès"),
        (r"a{\*\inconnu b{c}}d", "ad"),
        (r"un\line deux", "un deux"),
    ],
)
def test_chaque_facon_d_ecrire_se_lit(written: str, text: str) -> None:
    assert said(written) == text


def test_la_page_de_codes_du_document_et_celle_de_la_police_valent() -> None:
    assert said(r"\'8e", head=r"\mac") == "é"
    fonts = r"\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset238 B;}}"
    assert said(r"\'e8{\f1 \'e8}\'e8", head=fonts) == "èčè"
    assert read(made.rtf(r"T : a\par P : b\par T : c\par")).encoding == "windows-1252"


def test_des_octets_sans_echappement_se_lisent_aussi() -> None:
    assert said("déjà «\u00a0là\u00a0»") == "déjà «\u00a0là\u00a0»"


def test_les_noms_en_gras_sont_des_noms() -> None:
    body = "".join(rf"{{\b {name}}} {text}\par " for name, text in [("Anna", r"\'c7a va ?"), ("Bruno", "Non."), ("Anna", "Ah."), ("Bruno", "Oui.")])
    assert turns(made.rtf(body))[:2] == [("Anna", "Ça va ?"), ("Bruno", "Non.")]


def test_un_tableau_garde_ses_colonnes_meme_fusionnees() -> None:
    def row(*cells: tuple[int, str]) -> str:
        edges = "".join(rf"\cellx{edge}" for edge, _ in cells)
        return rf"\trowd{edges}\pard\intbl " + "".join(text + r"\cell " for _, text in cells) + r"\row "

    table = (
        row((1000, "Temps"), (2500, "Locuteur"), (9000, "Propos")) + row((1000, "0:01"), (2500, "T"), (9000, r"\'c7a va ?\par Oui ?"))
        + row((1003, "0:03"), (2500, "P"), (9000, "Non.")) + row((2500, ""), (9000, "Je dors mal.")) + row((1000, "0:09"), (2500, "T"), (9000, "Ah."))
    )  # fmt: skip
    assert turns(made.rtf(table + r"\pard fin\par")) == [("T", "Ça va ? Oui ?"), ("P", "Non. Je dors mal."), ("T", "Ah.")]


def test_une_fin_de_paragraphe_supprimee_le_colle_au_suivant() -> None:
    assert said(r"Je dors{\deleted\par} mal.") == "Je dors mal."


def test_les_puces_tirets_ouvrent_des_tours() -> None:
    items = "".join(rf"{{\listtext\pard\plain \endash\tab}}{text}\par " for text in (r"\'c7a va ?", "Non.", "Depuis quand ?"))
    assert turns(made.rtf(items)) == [("A", "Ça va ?"), ("B", "Non."), ("A", "Depuis quand ?")]
    numbered = "".join(rf"{{\listtext {place}.\tab}}{text}\par " for place, text in enumerate(("T : Oui ?", "P : Non.", "T : Ah.")))
    assert turns(made.rtf(numbered))[0] == ("T", "Oui ?")


def test_notes_commentaires_et_en_tetes_sont_mis_de_cote() -> None:
    body = r"{\header P : haut\par}T : \'c7a va{\footnote P : note\par} ?\par P : Non{\*\annotation P : x\par}.\par T : Ah.\par"
    data = made.rtf(body + r"{\shp{\*\shpinst{\shptxt P : cadre\par}}}P : Oui.\par")
    assert turns(data)[:2] == [("T", "Ça va ?"), ("P", "Non.")]
    assert [(n.code, n.params) for n in read(data).notices] == [
        ("documents.left_out", {"notes": 1, "comments": 1, "text_boxes": 1})
    ]


def test_un_fichier_coupe_est_lu_et_le_dit() -> None:
    data = made.rtf_lines(["T : Ça va ?", "P : Non, pas trop.", "T : Ah.", "P : Oui, et puis"])
    assert [n.code for n in read(data[:-15]).notices] == ["documents.rtf_cut"]
    assert read(data).notices == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b" ", "formats.empty_file"),
        (b"T : Bonjour Ange.", "documents.not_rtf"),
        (b"{\\rtf1 }", "documents.no_text"),
        (b"{\\rtf1 {\\fonttbl{\\f0 Ange;}}{\\*\\generator x}}", "documents.no_text"),
    ],
)
def test_ce_qui_ne_peut_pas_se_lire_est_refuse_avec_sa_raison(data: bytes, code: str) -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        rtf.read(data, "seance.rtf", ReadOptions())
    assert refusal.value.code == code and "Ange" not in refusal.value.message("fr")
    assert "{\\rtf" in refusal.value.message("fr") or code != "documents.not_rtf"


def test_un_fichier_bien_trop_gros_est_refuse_et_des_milliers_de_niveaux_ne_genent_pas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said("{" * 10_000 + "a" + "}" * 10_000) == "a"
    monkeypatch.setattr(rtf_body, "MAX_TOKENS", 1000)
    with pytest.raises(TranscriptFormatError) as refusal:
        read(b"{\\rtf1 " + b"{" * 2000)
    assert refusal.value.code == "documents.rtf_too_large"


def test_un_long_document_se_lit_vite() -> None:
    start = time.process_time()
    assert len(said(r"\'e9" * 100_000)) == 100_000
    assert time.process_time() - start < 5


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), codec="utf-8"), min_size=1).filter(str.strip))
def test_tout_texte_revient(text: str) -> None:
    import unicodedata

    (block,) = rtf_body.read_body(made.rtf(made.rtf_text(text)), "a.rtf").blocks
    assert unicodedata.normalize("NFC", block.text) == unicodedata.normalize("NFC", text)  # type: ignore[union-attr]


GOOD = made.rtf_lines(["T : Bonjour Ange.", "P : Déjà là ? « Oui » œ", "T : Ah."])


@settings(max_examples=150)
@given(st.integers(0, len(GOOD)), st.binary(max_size=12), st.booleans())
def test_un_fichier_abime_se_lit_ou_est_refuse(place: int, inserted: bytes, cut: bool) -> None:
    try:
        assert read_bytes(GOOD[:place] + inserted + (b"" if cut else GOOD[place:]), "seance.rtf")[0].turns
    except AllianceError as error:
        assert error.message("fr") and "Ange" not in error.message("fr")


@settings(max_examples=100)
@given(st.lists(st.sampled_from([b"{", b"}", b"\\", b"\\'", b"\\u", b"-99999999999", b"\\bin", b"5", b"\\cell", b"\\row", b"\\cellx9", b"\\*", b"\\ud", b"a", b" ", b"\\par", b"\\fonttbl", b"\\f", b"\\fcharset", b"\\ansicpg9", b"\\uc", b"\\nestcell", b"\xe9"]), max_size=40))
def test_des_elements_en_desordre_aussi(parts: list[bytes]) -> None:
    try:
        read(b"{\\rtf1 " + b"".join(parts))
    except TranscriptFormatError:
        pass
