"""Tables: .csv, .tsv, .xlsx, one row a stretch of talk, columns as people name them."""

from __future__ import annotations

import csv
import datetime
import io
import time
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import ConfigError, TranscriptFormatError
from alliance_nlp.exports.turns_csv import csv_writer, turn_columns, turn_rows
from alliance_nlp.formats import tables
from alliance_nlp.formats.base import Draft, ReadOptions
from alliance_nlp.segmentation import segment
from alliance_nlp.transcript import Role, Speaker, Transcript, Turn


def read_all(text: str | bytes, name: str = "seance.csv", /, **columns: str) -> list[Draft]:
    data = text if isinstance(text, bytes) else text.encode()
    drafts = tables.read(data, name, ReadOptions(columns=columns))
    assert all(isinstance(draft, Draft) for draft in drafts)
    return drafts  # type: ignore[return-value]


def read(text: str | bytes, name: str = "seance.csv", /, **columns: str) -> Draft:
    (draft,) = read_all(text, name, **columns)
    return draft


def said(draft: Draft) -> list[tuple[str | None, str]]:
    return [(utterance.speaker, utterance.text) for utterance in draft.utterances]


def codes(draft: Draft) -> list[str]:
    return [notice.code for notice in draft.notices]


def workbook(*sheets: Sequence[Sequence[object]], names: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for place, rows in enumerate(sheets):
        sheet = book.create_sheet(names[place] if names else f"Feuille {place + 1}")
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


ECHANGE = [("T", "Comment ça va ?"), ("P", "Mal, très mal ; je dors peu.")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "header",
    [
        ("Locuteur", "Texte"), ("Intervenant·e", "Propos"), ("QUI", "Verbatim"), ("speaker", "utterance"),
        ("Participant", "Énoncé"), ("Nom", "Transcription"), ("Speaker name", "Content"), ("locutrice", "contenu"),
    ],
)  # fmt: skip
def test_le_separateur_et_les_colonnes_usuelles_sont_trouves(delimiter: str, header: tuple[str, str]) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([header, *ECHANGE])
    draft = read(stream.getvalue())
    assert said(draft) == ECHANGE
    assert [utterance.line for utterance in draft.utterances] == [2, 3]
    assert draft.notices == ()


def test_les_temps_se_lisent_en_secondes_a_virgule_et_en_heures() -> None:
    draft = read("Début (s);Fin;Locuteur;Texte\n12,5;00:00:14,250;T;Oui ?\n1:02:03;3724.5;P;Rien.\n")
    assert [(u.start_s, u.end_s) for u in draft.utterances] == [(12.5, 14.25), (3723.0, 3724.5)]
    assert read("start_ms,text\n1500,Oui.\n").utterances[0].start_s == 1.5


def test_un_temps_illisible_reste_vide_et_est_signale_a_sa_ligne() -> None:
    draft = read("temps;qui;texte\n0:05;T;Bonjour.\nvers midi;P;Bonjour.\n")
    assert [u.start_s for u in draft.utterances] == [5.0, None]
    assert [(n.code, n.line, n.params["count"]) for n in draft.notices] == [("files.bad_times", 3, 1)]


def test_une_cellule_sur_plusieurs_lignes_garde_ses_lignes_et_les_rangs_restent_ceux_du_tableur() -> None:
    draft = read('qui,texte\nT,"Je note :\n« le carnet »"\n\nP,D\'accord.\n')
    assert said(draft) == [("T", "Je note :\n« le carnet »"), ("P", "D'accord.")]
    assert [utterance.line for utterance in draft.utterances] == [2, 4]


def test_la_colonne_des_seances_donne_une_seance_par_valeur() -> None:
    first, second = read_all("séance,qui,texte\nA,T,Bonjour.\nB,T,Re-bonjour.\nA,P,Bonjour.\n")
    assert (first.session_id, said(first)) == ("A", [("T", "Bonjour."), ("P", "Bonjour.")])
    assert (second.session_id, said(second)) == ("B", [("T", "Re-bonjour.")])


def test_des_seances_numerotees_prennent_le_nom_de_la_dyade_ou_du_fichier() -> None:
    text = "dyade;séance;qui;texte\nd01;1;T;Un.\n;2;T;Deux.\nd02;1;T;Trois.\n"
    assert [draft.session_id for draft in read_all(text)] == ["d01-1", "d01-2", "d02-1"]
    assert read_all(text)[1].metadata == {"dyad_id": "d01", "session_number": 2}
    assert [draft.session_id for draft in read_all("séance;texte\n1;Un.\n2;Deux.\n", "lot.csv")] == [
        "lot-1",
        "lot-2",
    ]
    assert [draft.session_id for draft in read_all("session_id;texte\n1;Un.\n2;Deux.\n")] == ["1", "2"]
    assert [draft.session_id for draft in read_all("fichier;texte\nC:\\x\\s1.docx;Un.\n")] == ["s1"]


def test_sans_colonne_de_seance_le_nom_du_fichier_sera_pris() -> None:
    assert read("texte\nBonjour.\n").session_id is None


def test_la_colonne_des_roles_les_declare() -> None:
    draft = read("qui,rôle,texte\nA,Thérapeute,Bonjour.\nB,patient·e,Bonjour.\nC,patineur,Bonjour.\n")
    assert draft.roles == {"A": Role.THERAPIST, "B": Role.PATIENT}
    assert [(n.code, n.line, n.params) for n in draft.notices] == [
        ("files.table_bad_role", 4, {"speaker": "C"})
    ]


def test_sans_locuteur_le_role_nomme_et_sans_rien_le_locuteur_est_inconnu() -> None:
    assert said(read("rôle,texte\nThérapeute,Bonjour.\n")) == [("Thérapeute", "Bonjour.")]
    draft = read("texte,qui\nBonjour.,\nOui.,P :\n")
    assert said(draft) == [(None, "Bonjour."), ("P", "Oui.")]
    assert [(n.code, n.line, n.params) for n in draft.notices] == [
        ("files.without_speaker", 2, {"count": 1, "total": 2})
    ]


def test_sans_colonne_de_locuteur_les_noms_devant_le_texte_valent() -> None:
    draft = read(
        "temps;texte\n0:01;T : Vous dormez ?\n0:04;P : Mal. Il m'a dit : dors.\n0:09;Voilà.\n0:12;T : Ah.\n"
    )
    assert said(draft) == [
        ("T", "Vous dormez ?"),
        ("P", "Mal. Il m'a dit : dors."),
        ("P", "Voilà."),
        ("T", "Ah."),
    ]


def test_les_autres_colonnes_sont_gardees_avec_le_tour() -> None:
    (utterance,) = read("qui,texte,Remarque,,Code\nT,Bonjour.,voix basse,x,3\n").utterances
    assert utterance.extra == {"Remarque": "voix basse", "column 4": "x", "Code": "3"}


def test_les_colonnes_demandees_passent_avant_celles_reconnues() -> None:
    text = "texte;réponse brute;de;qui\nrésumé;Je vais mieux.;P;x\n"
    assert said(read(text, text="Réponse brute", speaker="de")) == [("P", "Je vais mieux.")]
    assert said(read(text, texte="reponse BRUTE", locuteur="de")) == [("P", "Je vais mieux.")]


def test_un_tableau_sans_titres_se_lit_par_numeros_de_colonnes() -> None:
    assert said(read("T;Bonjour.\nP;Bonjour.\n", speaker="1", text="2")) == [
        ("T", "Bonjour."),
        ("P", "Bonjour."),
    ]


def test_une_sorte_de_colonne_inconnue_est_une_erreur_de_reglage() -> None:
    with pytest.raises(ConfigError) as refusal:
        read("texte\nBonjour.\n", couleur="Rouge")
    assert "« couleur »" in refusal.value.message("fr").replace("\u00a0", " ")


def test_sans_colonne_de_texte_l_erreur_nomme_les_colonnes_et_dit_quoi_faire() -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        read("id_pat;remarques du jour\n1;calme\n")
    message = refusal.value.message("fr")
    assert "id_pat, remarques du jour" in message and "--columns text=" in message
    with pytest.raises(TranscriptFormatError) as refusal:
        read("qui;propos\nT;Oui.\n", text="Dires")
    assert "text=Dires" in refusal.value.message("fr") and "qui, propos" in refusal.value.message("fr")


@pytest.mark.parametrize(
    "text",
    [
        "T;Bonjour Ange.\nP;Bonjour.\n",
        "T;Bonjour Ange\nP;Bonjour\nT;Bon\n",
        "Bonjour Ange, je vous écoute.\nOui ?\n",
    ],
)
def test_des_paroles_sans_titres_ne_passent_jamais_dans_le_message(text: str) -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        read(text)
    assert refusal.value.code == "files.table_no_text_column"
    assert "Ange" not in refusal.value.message("fr") and "Bonjour" not in refusal.value.message("en")


def test_des_lignes_de_titre_au_dessus_des_colonnes_sont_mises_de_cote() -> None:
    draft = read("Entretien du groupe 3\nrelu le 4 mai\nqui;texte\nT;Bonjour.\n")
    assert said(draft) == [("T", "Bonjour.")]
    assert [(n.code, n.params) for n in draft.notices] == [("files.table_rows_above", {"count": 2})]


def test_un_separateur_dans_un_texte_sans_guillemets_n_en_coupe_pas_la_fin() -> None:
    draft = read("qui,texte\nT,Bon, on reprend, d'accord ?\nP,Oui.\nT,Bien.\nP,Oui.\n")
    assert said(draft)[0] == ("T", "Bon, on reprend, d'accord ?")
    assert codes(draft) == ["files.table_rest_of_row"]


def test_si_le_texte_n_est_pas_en_dernier_la_ligne_est_nommee() -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        read("texte,qui\nOui.,P\nBon, on reprend.,T\n")
    assert (refusal.value.code, refusal.value.line) == ("files.table_wide_row", 3)


def test_une_seule_colonne_de_texte_avec_des_virgules_reste_une_colonne() -> None:
    assert [u.text for u in read("texte\nBon, alors.\nOui, voilà, bien.\n").utterances] == [
        "Bon, alors.",
        "Oui, voilà, bien.",
    ]


def test_un_guillemet_jamais_referme_est_nomme_par_sa_ligne() -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        read('qui;texte\nT;Bonjour.\nP;"Je me disais\nT;Oui.\n')
    assert (refusal.value.code, refusal.value.line) == ("files.table_open_quote", 3)


def test_des_lignes_triees_autrement_reviennent_dans_l_ordre_des_tours() -> None:
    draft = read("tour,qui,texte\n2,P,Oui.\n10,T,Bien.\n1,T,Ça va ?\n")
    assert [utterance.text for utterance in draft.utterances] == ["Ça va ?", "Oui.", "Bien."]
    assert codes(draft) == ["files.table_reordered"]
    twice = read(
        "n°,qui,texte\n1,T,a\n2,P,b\n1,T,c\n"
    )  # a numbering that starts anew says nothing of the order
    assert [utterance.text for utterance in twice.utterances] == ["a", "b", "c"]


def test_la_premiere_ligne_sep_d_excel_donne_le_separateur() -> None:
    draft = read("sep=;\r\nqui;texte\r\nT;Bon, bien.\r\n")
    assert (said(draft), draft.utterances[0].line) == ([("T", "Bon, bien.")], 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_les_encodages_d_excel_se_lisent(encoding: str) -> None:
    draft = read("Qui;Énoncé\r\nThérapeute;Ça a été, « là-bas » ?\r\n".encode(encoding))
    assert said(draft) == [("Thérapeute", "Ça a été, « là-bas » ?")]
    assert draft.encoding is not None


def test_un_classeur_donne_les_memes_tours_qu_un_csv() -> None:
    rows = [
        ("Début", "Locuteur", "Texte"),
        (12.5, "T", "Ça va ?"),
        (datetime.time(0, 1, 16), "P", 22),
        ("0:02:00", None, "Hm."),
    ]
    draft = read(workbook(rows), "seance.xlsx")
    assert said(draft) == [("T", "Ça va ?"), ("P", "22"), (None, "Hm.")]
    assert [(u.start_s, u.line) for u in draft.utterances] == [(12.5, 2), (76.0, 3), (120.0, 4)]


def test_la_premiere_feuille_avec_une_transcription_est_lue_et_nommee() -> None:
    book = workbook([], [("À lire",)], [("qui", "texte"), ("T", "Oui.")], names=("Vide", "Notes", "Séance 4"))
    draft = read(book, "seance.xlsx")
    assert said(draft) == [("T", "Oui.")]
    assert [(n.code, n.params) for n in draft.notices] == [
        ("files.table_sheet", {"sheet": "Séance 4", "others": 1})
    ]


def test_nos_tours_exportes_se_relisent_a_l_identique() -> None:
    turns = (
        Turn(0, "T", 'Je note : "le carnet",\nd\'accord ?', start_s=1.5, end_s=4.25),
        Turn(1, None, "Hm ; oui."),
        Turn(2, "P", "=1+1, voilà"),
    )
    speakers = (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT))
    stream = io.StringIO(newline="")
    writer = csv_writer(stream)
    writer.writerow(turn_columns())
    for session_id in ("s01", "12"):
        writer.writerows(turn_rows(Transcript(session_id, turns, speakers)))
    drafts = read_all(stream.getvalue(), "turns.csv")
    assert [draft.session_id for draft in drafts] == ["s01", "12"]
    for draft in drafts:
        assert draft.roles == {"T": Role.THERAPIST, "P": Role.PATIENT}
        again = segment(draft.utterances)
        assert [(t.index, t.speaker, t.text, t.start_s, t.end_s) for t in again] == [
            (t.index, t.speaker, t.text, t.start_s, t.end_s) for t in turns
        ]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "vide.csv", "formats.empty_file"),
        (b"", "vide.xlsx", "formats.empty_file"),
        (b"qui;texte\n", "titres.csv", "files.table_no_text"),
        (b"qui;texte\nT;\nP; \n", "blancs.csv", "files.table_no_text"),
        (workbook([]), "vide.xlsx", "formats.empty_file"),
        (workbook([("qui", "texte"), ("T", "Oui.")])[:-400], "tronque.xlsx", "files.office_damaged"),
        (b"qui;texte\nT;Oui.\n", "faux.xlsx", "files.not_office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "ancien.xls", "files.office_old"),
    ],
)
def test_ce_qui_ne_peut_pas_se_lire_est_refuse_avec_sa_raison(data: bytes, name: str, code: str) -> None:
    with pytest.raises(TranscriptFormatError) as refusal:
        read_all(data, name)
    assert (refusal.value.code, refusal.value.file) == (code, name)


def test_un_zip_qui_n_est_pas_un_classeur_est_refuse() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("bonjour.txt", "bonjour")
    with pytest.raises(TranscriptFormatError, match="xlsx"):
        read_all(stream.getvalue(), "seance.xlsx")


def test_une_cellule_d_un_megaoctet_et_vingt_mille_lignes_se_lisent_vite() -> None:
    start = time.perf_counter()
    assert len(read("qui;texte\nP;" + "Oui, non. " * 100_000 + "\n").utterances[0].text) == 999_999
    rows = "".join(f"{'TP'[i % 2]};{i},5;Je dors peu, voilà\n" for i in range(20_000))
    draft = read("qui;début;texte\n" + rows)
    assert (len(draft.utterances), draft.utterances[-1].start_s) == (20_000, 19_999.5)
    assert time.perf_counter() - start < 20


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters='\n",;|\t'), max_size=30
)


@settings(deadline=None)  # the first example pays for imports
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["T", "P", "Mme D."]), cells.filter(str.strip)), min_size=1, max_size=8
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_ecrire_puis_relire_redonne_les_memes_lignes(rows: list[tuple[str, str]], delimiter: str) -> None:
    import unicodedata

    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([("locuteur", "texte"), *rows])
    expected = [(speaker, unicodedata.normalize("NFC", text).strip()) for speaker, text in rows]
    assert said(read(stream.getvalue())) == [row for row in expected if row[1]]
