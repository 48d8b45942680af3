"""Bytes to text: every encoding French is typed in, and what is no text at all."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import TranscriptFormatError
from alliance_nlp.formats.encoding import MAX_BYTES, check_size, decode, split_lines

FRENCH = "T : Où étiez-vous, l’été dernier ? « Là-bas… »\nP : À la forêt ; ça m’a fait du bien, cœur léger."


@pytest.mark.parametrize(
    ("codec", "reported"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("cp1252", "windows-1252"),
        ("mac_roman", "mac-roman"),
    ],
)
def test_le_francais_accentue_est_lu_dans_chaque_encodage(codec, reported):
    decoded = decode(FRENCH.encode(codec), "seance.txt")
    assert (decoded.text, decoded.encoding) == (FRENCH, reported)


def test_un_texte_latin_1_est_lu_comme_windows_1252():
    text = "Ça s'est passé très tôt, à l'hôpital, là où était né mon aîné."
    assert decode(text.encode("latin-1"), "a.txt").text == text


def test_les_accents_decomposes_sont_recomposes_et_rien_d_autre_ne_change():
    typed = "e\u0301te\u0301\u00a0: \u202f« ﬁn »  …"
    assert (
        decode(typed.encode(), "a.txt").text
        == unicodedata.normalize("NFC", typed)
        == "été\u00a0: \u202f« ﬁn »  …"
    )


def test_deux_encodages_dans_un_fichier_sont_refuses_avec_la_ligne():
    data = "T : Où étiez-vous ?\n\n".encode() + "P : À la forêt.".encode("cp1252")
    with pytest.raises(TranscriptFormatError) as caught:
        decode(data, "seance.txt")
    assert (caught.value.code, caught.value.file, caught.value.line) == (
        "formats.mixed_encodings",
        "seance.txt",
        3,
    )
    assert "forêt" not in caught.value.message("fr")


def test_un_fichier_utf_8_coupe_au_milieu_d_un_caractere_est_refuse():
    with pytest.raises(TranscriptFormatError) as caught:
        decode("Là-bas\nà la forêt".encode()[:-2], "a.txt")
    assert (caught.value.code, caught.value.line) == ("formats.mixed_encodings", 2)


def test_un_utf_16_tronque_est_refuse():
    with pytest.raises(TranscriptFormatError, match="a.txt") as caught:
        decode("Là-bas".encode("utf-16")[:-1], "a.txt")
    assert caught.value.code == "formats.damaged_encoding"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "formats.empty_file"),
        (b" \r\n\t\n", "formats.empty_file"),
        (b"\xef\xbb\xbf\n", "formats.empty_file"),
        ("\u00a0\n\u2028".encode(), "formats.empty_file"),
        (b"%PDF-1.7\n...", "formats.is_pdf"),
        (b"PK\x03\x04\x14\x00", "formats.is_archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 64, "formats.is_old_word"),
        (b"{\\rtf1\\ansi Bonjour}", "formats.is_rtf"),
        (b"\x89PNG\r\n\x1a\n\x00", "formats.is_image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "formats.is_image"),
        (b"RIFF\x24\x08\x00\x00WAVEfmt ", "formats.is_recording"),
        (b"\x00\x00\x00\x20ftypM4A ", "formats.is_recording"),
        (b"bonjour\x00\x01\x02 madame", "formats.is_binary"),
        (b"a\x01\x02\x03\x04b", "formats.is_binary"),
        (b"T : \xb1\xd7\xb6", "formats.unknown_encoding"),
    ],
)
def test_ce_qui_n_est_pas_une_transcription_est_dit_pour_ce_que_c_est(data, code):
    with pytest.raises(TranscriptFormatError) as caught:
        decode(data, "chose.txt")
    assert caught.value.code == code
    assert caught.value.message("fr").startswith("chose.txt:") and caught.value.message("en")


def test_des_guillemets_seuls_ne_sont_pas_un_fichier_vide():
    assert decode("»»".encode("cp1252"), "a.txt").text == "»»"


def test_un_locuteur_nomme_id3_n_est_pas_un_enregistrement():
    assert decode(b"ID3 : Bonjour.", "a.txt").text == "ID3 : Bonjour."


def test_un_fichier_trop_gros_dit_sa_taille_et_quoi_faire():
    with pytest.raises(TranscriptFormatError) as caught:
        check_size(MAX_BYTES + 1, "gros.txt")
    assert "51" in caught.value.message("fr") and "Coupez-le" in caught.value.message("fr")


def test_les_lignes_ne_sont_coupees_qu_aux_fins_de_ligne():
    assert split_lines("a\r\nb\rc\nd\u2028e\x0bf") == ["a", "b", "c", "d\u2028e\x0bf"]


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
        lambda text: text.strip(" \ufeff\u00a0")
    )
)
def test_tout_texte_utf_8_revient_en_nfc(text):
    text = text.lstrip("\ufeff")
    if (
        not text.strip()
        or text.startswith(("%PDF-", "{\\rtf", "GIF8", "RIFF", "OggS", "fLaC"))
        or text[4:8] == "ftyp"
    ):
        return
    assert decode(text.encode(), "a.txt").text == unicodedata.normalize("NFC", text)


@settings(max_examples=100, deadline=None)
@given(st.text("abcéèêàçùôîœ’«»… \nEÉÀÇ", min_size=3).filter(str.strip))
def test_tout_texte_francais_revient_de_windows_1252(text):
    data = text.encode("cp1252")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        assert decode(data, "a.txt").text == text
