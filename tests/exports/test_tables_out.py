"""Tidy tables out and back: turns and markers as CSV and XLSX, harmless cells, what coders fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_nlp.errors import AllianceError
from alliance_nlp.exports.base import ExportOptions
from alliance_nlp.exports.registry import find_export
from alliance_nlp.formats import read_bytes
from alliance_nlp.formats.base import ReadOptions
from alliance_nlp.formats.cells import protected, quoted, unprotected
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn

MODEL = Origin(OriginKind.MODEL, "petit", "0.2")
PERSON = Origin(OriginKind.HUMAN, "A-B")
SESSION = Transcript(
    "s01",
    (
        Turn(0, "T", "- On reprend « le carnet » ;\nça vous va ?", start_s=0.5, end_s=4.25),
        Turn(
            1, "P", "=1+1, si vous le dites… mais je vous fais confiance.", start_s=4.5,
            markers=(
                Marker("bond", PERSON, spans=(Span(29, 51),)),
                Marker("rupture", MODEL, ("withdrawal", "confrontation"), 0.8125, (Span(6, 23), Span(24, 28)),
                       {"span_types": [["withdrawal"], ["confrontation"]]}),
            ),
            probabilities={"goal": 0.01, "task": 0.2, "bond": 0.3, "rupture": 0.8125, "withdrawal": 0.7, "confrontation": 0.6, "repair": 0.0001},
            needs_review=True,
        ),
        Turn(2, None, "[silence]"),
        Turn(3, "P", "'=x"),
        Turn(4, "P", "Oui.", markers=(Marker("task", PERSON),)),
    ),
    (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT)),
    metadata={"dyad_id": "d07", "session_number": 4},
)  # fmt: skip


def export(kind: str, *transcripts: Transcript, excel_fr: bool = False) -> dict[str, bytes]:
    return {file.name: file.data for file in find_export(kind).write(iter(transcripts), ExportOptions(excel_fr=excel_fr))}


def back(kind: str, *transcripts: Transcript, excel_fr: bool = False) -> list[Transcript]:
    name = "turns.csv" if kind == "csv" else "sessions.xlsx"
    return read_bytes(export(kind, *transcripts, excel_fr=excel_fr)[name], name)


def told(transcript: Transcript) -> object:
    speakers = [(speaker.id, speaker.role) for speaker in transcript.speakers]
    return transcript.session_id, transcript.turns, speakers, dict(transcript.metadata)


def rows(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("excel_fr", [False, True])
def test_ecrire_puis_relire_redonne_tours_et_marqueurs(kind: str, excel_fr: bool) -> None:
    (again,) = back(kind, SESSION, excel_fr=excel_fr)
    assert told(again) == told(SESSION)
    assert again.warnings == ()
    assert (again.source.format, again.source.file) == (kind, "turns.csv" if kind == "csv" else "sessions.xlsx")


def test_la_table_des_marqueurs_a_une_ligne_par_marqueur_et_passage() -> None:
    table = rows(export("csv", SESSION)["markers.csv"])
    assert [(row["turn_index"], row["label"], row["type"], row["evidence"], row["origin_name"]) for row in table] == [
        ("1", "bond", "", "je vous fais confiance", "A-B"),
        ("1", "rupture", "withdrawal", "si vous le dites…", "petit"),
        ("1", "rupture", "confrontation", "mais", "petit"),
        ("4", "task", "", "", "A-B"),
    ]
    assert table[1]["probability"] == "0.8125" and table[0]["role"] == "patient"


def test_excel_francais_point_virgule_virgule_decimale_et_accents() -> None:
    files = export("csv", SESSION, excel_fr=True)
    assert all(data.startswith(b"\xef\xbb\xbf") for data in files.values())
    table = rows(files["turns.csv"], ";")
    assert (table[1]["p_rupture"], table[0]["start_s"]) == ("0,8125", "0,5")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_aucune_cellule_ne_peut_etre_prise_pour_une_formule(sign: str) -> None:
    session = Transcript("=s", (Turn(0, f"{sign}T", f"{sign}cmd|' /C calc'!A0"),), (Speaker(f"{sign}T"),))
    for data in export("csv", session).values():
        for row in csv.reader(io.StringIO(data.decode(), newline="")):
            assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for cell in row)


def test_dans_le_classeur_les_formules_sont_des_textes_et_les_nombres_des_nombres() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export("xlsx", SESSION)["sessions.xlsx"]))
    assert book.sheetnames == ["turns", "markers"]
    sheet = book["turns"]
    head = [cell.value for cell in sheet[1]]
    text = sheet.cell(3, head.index("text") + 1)
    assert (text.value[:4], text.data_type, text.quotePrefix) == ("=1+1", "s", True)
    assert sheet.cell(3, head.index("p_rupture") + 1).value == 0.8125 and sheet.cell(3, head.index("rupture") + 1).value == 1
    assert (sheet.freeze_panes, sheet.auto_filter.ref.startswith("A1:")) == ("A2", True)
    assert sheet.column_dimensions["G"].width > 40


def test_un_tour_plus_long_qu_une_cellule_n_est_pas_coupe_en_silence() -> None:
    session = Transcript("s", (Turn(0, None, "a" * 40_000),))
    with pytest.raises(AllianceError) as refusal:
        export("xlsx", session)
    assert refusal.value.params["turn"] == 1 and "csv" in refusal.value.message("fr")
    assert back("csv", session)[0].turns[0].text == "a" * 40_000


# ---------------------------------------------------------------------------------------- what people fill in


def edited(change: Callable[[list[dict[str, str]]], None]) -> bytes:
    table = rows(export("csv", SESSION)["turns.csv"])
    change(table)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, table[0].keys(), delimiter=";")
    writer.writeheader()
    writer.writerows(table)
    return stream.getvalue().encode()


def test_un_codeur_qui_remplit_les_colonnes_0_1_donne_des_marqueurs_humains() -> None:
    def code(table: list[dict[str, str]]) -> None:
        table[0].update(coder="C1", goal="1")
        table[1].update(coder="C1", rupture="1", withdrawal="oui", confrontation="0", bond="x")

    (session,) = read_bytes(edited(code), "turns.csv")
    mine = Origin(OriginKind.HUMAN, "C1")
    assert session.turns[0].markers == (Marker("goal", mine),)
    assert [m for m in session.turns[1].markers if m.origin == mine] == [Marker("bond", mine), Marker("rupture", mine, ("withdrawal",))]
    assert [m.origin for m in session.turns[1].markers if m.origin != mine] == [PERSON, MODEL]
    assert session.turns[4].markers == SESSION.turns[4].markers


def test_relire_sa_propre_lecture_remplace_l_ancienne() -> None:
    (session,) = read_bytes(edited(lambda table: table[4].update(coder="A-B", task="0", bond="1")), "turns.csv")
    assert session.turns[4].markers == (Marker("bond", PERSON),)


def test_une_rupture_sans_type_ou_une_cellule_obscure_est_dite_et_laissee() -> None:
    def code(table: list[dict[str, str]]) -> None:
        table[3].update(coder="C1", rupture="1")
        table[4].update(coder="C1", task="peut-être")

    (session,) = read_bytes(edited(code), "turns.csv")
    assert [(n.code, n.line, n.params["count"]) for n in session.warnings] == [
        ("documents.rupture_without_type", 5, 1), ("documents.code_not_read", 6, 1),
    ]  # fmt: skip


def test_deux_codeurs_dans_un_meme_tableau_donnent_chacun_leurs_marqueurs() -> None:
    def code(table: list[dict[str, str]]) -> None:
        table.append({**table[4], "coder": "C2", "goal": "1", "task": "0"})
        table[4].update(coder="C1", task="1")

    (session,) = read_bytes(edited(code), "turns.csv")
    assert {(m.origin.name, m.label) for m in session.turns[4].markers} == {("C1", "task"), ("C2", "goal"), ("A-B", "task")}


def test_des_tours_enleves_sont_dits() -> None:
    (session,) = read_bytes(edited(lambda table: table.pop(2)), "turns.csv")
    assert [(n.code, n.params) for n in session.warnings] == [("documents.turns_missing", {"count": 1})]
    assert [turn.index for turn in session.turns] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda t: t[0].update(turn_index="un"), "documents.bad_turn_number"),
        (lambda t: t[1].update(turn_index="0"), "documents.turn_twice"),
        (lambda t: t[1].update(markers_json="[{"), "documents.bad_markers_json"),
        (lambda t: t[1].update(markers_json="[3]"), "core.bad_record"),
        (lambda t: t[1].update(text="court"), "documents.text_changed"),
    ],
)  # fmt: skip
def test_un_tableau_devenu_faux_est_refuse_a_sa_ligne(change: Callable[[list[dict[str, str]]], None], code: str) -> None:
    with pytest.raises(AllianceError) as refusal:
        read_bytes(edited(change), "turns.csv")
    assert refusal.value.code == code and refusal.value.line is not None
    assert refusal.value.file == "turns.csv" and refusal.value.message("fr")


def test_les_marqueurs_seuls_sont_refuses_en_disant_quoi_lire() -> None:
    with pytest.raises(AllianceError) as refusal:
        read_bytes(export("csv", SESSION)["markers.csv"], "markers.csv")
    assert refusal.value.code == "documents.markers_alone"


def with_rows(*added: dict[str, object]) -> Transcript:
    book = openpyxl.load_workbook(io.BytesIO(export("xlsx", SESSION)["sessions.xlsx"]))
    sheet = book["markers"]
    head = [cell.value for cell in sheet[1]]
    for row in added:
        sheet.append([row.get(name) for name in head])
    stream = io.BytesIO()
    book.save(stream)
    (session,) = read_bytes(stream.getvalue(), "code.xlsx")
    return session


def test_une_ligne_ajoutee_a_la_feuille_des_marqueurs_est_d_une_personne() -> None:
    session = with_rows(
        {"session_id": "s01", "turn_index": 0, "label": "tâche", "evidence": "On reprend", "origin_name": "C3"},
        {"session_id": "s01", "turn_index": 1, "label": "rupture", "type": "retrait", "start": 6, "end": 23, "origin_name": "C3"},
    )
    person = Origin(OriginKind.HUMAN, "C3")
    assert session.turns[0].markers == (Marker("task", person, spans=(Span(2, 12),)),)
    assert Marker("rupture", person, ("withdrawal",), None, (Span(6, 23),)) in session.turns[1].markers
    assert session.warnings == ()


def test_les_lignes_de_marqueurs_qui_ne_se_lisent_pas_sont_dites() -> None:
    session = with_rows(
        {"session_id": "s01", "turn_index": 0, "label": "task"},
        {"session_id": "s01", "turn_index": 0, "label": "transfert", "origin_name": "C3"},
        {"session_id": "s01", "turn_index": 99, "label": "task", "origin_name": "C3"},
        {"session_id": "s01", "turn_index": 4, "label": "goal", "evidence": "absent", "origin_name": "C3"},
    )
    assert {notice.code for notice in session.warnings} == {
        "documents.marker_without_coder", "documents.marker_unknown_label", "documents.marker_without_turn", "documents.evidence_not_found",
    }  # fmt: skip
    assert session.turns[4].markers[0] == Marker("goal", Origin(OriginKind.HUMAN, "C3"))


def test_le_tableau_d_un_codeur_a_sa_facon_se_lit_aussi() -> None:
    text = "Locuteur;Propos;but;tâche;retrait;Codeur;Remarque\nT;On fait le carnet ?;;1;;MD;\nP;Si vous voulez.;0;non;X;MD;bas\nT;Ah.;1;;;;\n"
    (session,) = read_bytes(text.encode(), "codage.csv")
    person = Origin(OriginKind.HUMAN, "MD")
    assert [turn.markers for turn in session.turns] == [
        (Marker("task", person),), (Marker("rupture", person, ("withdrawal",)),), (),
    ]  # fmt: skip
    assert dict(session.turns[1].extra) == {"Remarque": "bas"}


def test_sans_colonne_de_codeur_les_colonnes_de_codes_restent_de_cote() -> None:
    (session,) = read_bytes(b"qui;texte;task\nT;Oui ?;1\nP;Non.;0\n", "codage.csv")
    assert [turn.markers for turn in session.turns] == [(), ()]
    assert session.turns[0].extra["task"] == "1"


def test_les_roles_demandes_passent_avant_ceux_du_tableau() -> None:
    data = export("csv", SESSION)["turns.csv"]
    (session,) = read_bytes(data, "turns.csv", options=ReadOptions(roles={"P": Role.PARENT}))
    assert {speaker.id: speaker.role for speaker in session.speakers}["P"] is Role.PARENT


# ---------------------------------------------------------------------------------------- properties

texts = st.text(st.sampled_from("abc éÀœ’«»=+-@'\";,|\t\n😀"), min_size=1, max_size=25).filter(lambda text: text.strip() != "")


@st.composite
def sessions(draw: Callable[..., object]) -> Transcript:
    turns = []
    for index in range(draw(st.integers(1, 4))):
        text = draw(texts)
        found = {}
        for _ in range(draw(st.integers(0, 3))):
            label = draw(st.sampled_from(["goal", "task", "bond", "rupture", "repair"]))
            origin = draw(st.sampled_from([MODEL, PERSON]))
            kinds = ("withdrawal",) if label == "rupture" else ()
            ends = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=2))) if draw(st.booleans()) and len(text) > 1 else []
            spans = (Span(*ends),) if ends else ()
            found[label, origin] = Marker(label, origin, kinds, draw(st.sampled_from([None, 0.5, 0.97])), spans)
        order = ["goal", "task", "bond", "rupture", "repair"]
        markers = tuple(sorted(found.values(), key=lambda marker: order.index(marker.label)))
        start = draw(st.sampled_from([None, 0.0, 1.5, 12.125]))
        turns.append(Turn(index, draw(st.sampled_from([None, "T", "- P", "'=x"])), text, start_s=start, markers=markers))
    names = dict.fromkeys(turn.speaker for turn in turns if turn.speaker is not None)
    return Transcript("=s 1", tuple(turns), tuple(Speaker(name, Role.PATIENT) for name in names))


@settings(max_examples=60)
@given(sessions(), st.booleans())
def test_toute_seance_revient_du_csv(session: Transcript, excel_fr: bool) -> None:
    assert told(back("csv", session, excel_fr=excel_fr)[0]) == told(session)


@settings(max_examples=40)
@given(sessions())
def test_toute_seance_revient_du_classeur(session: Transcript) -> None:
    assert told(back("xlsx", session)[0]) == told(session)


@given(st.text(st.sampled_from("'=+-@\ta "), max_size=6))
def test_proteger_puis_relire_ne_change_rien(text: str) -> None:
    assert unprotected(protected(text)) == text and unprotected(quoted(text)) == text
    assert protected(text)[:1] not in ("=", "+", "-", "@", "\t")


def test_plusieurs_seances_restent_distinctes_et_dans_l_ordre() -> None:
    def several() -> Iterator[Transcript]:
        for name in ("b", "a", "c"):
            yield Transcript(name, SESSION.turns, SESSION.speakers)

    for kind in ("csv", "xlsx"):
        assert [session.session_id for session in back(kind, *several())] == ["b", "a", "c"]
