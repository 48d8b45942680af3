"""ELAN both ways: what we write comes back equal, pympi reads it, and what people change in ELAN is theirs."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pympi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from alliance_nlp.exports.base import ExportOptions
from alliance_nlp.exports.elan import dumps_elan
from alliance_nlp.exports.registry import find_export
from alliance_nlp.formats import read_bytes
from alliance_nlp.formats.elan_document import DATA_TYPE, TURN_TYPE
from alliance_nlp.formats.elan_own import SESSION
from alliance_nlp.transcript import Marker, Notice, Origin, OriginKind, Role, Span, Speaker, Transcript, Turn

MODEL = Origin(OriginKind.MODEL, "alliance-fr-small", "0.2")
HUMAN = Origin(OriginKind.HUMAN, "SUP1")
EVASION = "Si vous le dites, oui. Enfin, oui."


def session(*turns: Turn, **more: object) -> Transcript:
    speakers = tuple(Speaker(name, Role.UNKNOWN) for name in dict.fromkeys(t.speaker for t in turns if t.speaker is not None))
    return Transcript("s1", tuple(turns), speakers, **more)


def example() -> Transcript:
    """A short session: the model saw a withdrawal in two places, a person saw the bond."""
    withdrawal = Marker("rupture", MODEL, ("withdrawal",), 0.81, (Span(0, 16), Span(30, 33)))
    return session(
        Turn(0, "T", "Ça vous a aidé ?", 0.0, 2.0, line=3),
        Turn(1, "P", EVASION, 2.0, 5.5, line=4, markers=(withdrawal,), probabilities={"rupture": 0.81}, needs_review=True),
        Turn(2, "T", "Je vous écoute.", 5.5, 7.25, line=5, markers=(Marker("bond", HUMAN, spans=(Span(3, 14),)),)),
    )


def back(data: bytes) -> Transcript:
    (found,) = read_bytes(data, "s1.eaf")
    return found


def elan(transcript: Transcript) -> etree._Element:
    return etree.fromstring(dumps_elan(transcript))


def again(root: etree._Element) -> Transcript:
    return back(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def tier(root: etree._Element, name: str) -> etree._Element:
    return next(item for item in root.iter("TIER") if item.get("TIER_ID") == name)


# ---------------------------------------------------------------------------------------- what stands in the file


def test_une_piste_par_locuteur_et_dessous_une_par_étiquette() -> None:
    root = elan(example())
    assert [(t.get("TIER_ID"), t.get("PARENT_REF"), t.get("PARTICIPANT"), t.get("ANNOTATOR")) for t in root.iter("TIER")] == [
        ("T", None, "T", None), ("bond@T", "T", "T", "SUP1"), ("alliance@T", "T", "T", None),
        ("P", None, "P", None), ("rupture/withdrawal@P", "P", "P", "model:alliance-fr-small@0.2"), ("alliance@P", "P", "P", None),
    ]  # fmt: skip
    assert [value.text for value in tier(root, "rupture/withdrawal@P").iter("ANNOTATION_VALUE")] == ["Si vous le dites", "oui"]
    assert not list(root.iter("MEDIA_DESCRIPTOR"))


def test_pympi_lit_les_tours_et_les_extraits(tmp_path: Path) -> None:
    (file,) = find_export("elan").write([example()], ExportOptions())
    (tmp_path / file.name).write_bytes(file.data)
    read = pympi.Elan.Eaf(str(tmp_path / file.name))
    assert read.get_annotation_data_for_tier("P") == [(2000, 5500, EVASION)]
    # In a symbolic subdivision pympi gives each part the times of the whole, with its value and the parent's.
    assert [row[2] for row in read.get_ref_annotation_data_for_tier("rupture/withdrawal@P")] == ["Si vous le dites", "oui"]
    assert read.get_parameters_for_linguistic_type("alliance-evidence")["CONSTRAINTS"] == "Symbolic_Subdivision"
    read.to_file(str(tmp_path / "again.eaf"))
    assert back((tmp_path / "again.eaf").read_bytes()) == example()


def test_le_fichier_suit_le_schéma_d_elan() -> None:
    place = os.environ.get("ALLIANCE_EAF_SCHEMA")
    if place is None:
        pytest.skip("set ALLIANCE_EAF_SCHEMA to ELAN's EAF schema (.xsd): it is not ours to ship")
    schema = etree.XMLSchema(etree.parse(place))
    for transcript in (example(), session(Turn(0, None, "…")), session(Turn(0, "P", ""))):
        schema.assertValid(elan(transcript))


# ---------------------------------------------------------------------------------------- back again


def test_la_séance_revient_égale() -> None:
    transcript = example()
    assert back(dumps_elan(transcript)) == transcript


def test_sans_temps_ils_sont_inventés_le_fichier_le_dit_et_ils_reviennent_vides() -> None:
    transcript = replace(example(), turns=tuple(replace(turn, start_s=None, end_s=None) for turn in example().turns))
    root = elan(transcript)
    (said,) = [value.text for value in tier(root, "alliance-nlp").iter("ANNOTATION_VALUE")]
    assert said is not None and said.startswith("Temps fictifs")
    times = [int(slot.get("TIME_VALUE", "")) for slot in root.iter("TIME_SLOT")]
    assert times == sorted(times) and times[-1] > 0
    assert again(root) == transcript


def test_un_marqueur_sans_extrait_une_rupture_des_deux_types_et_plusieurs_annotateurs_reviennent() -> None:
    both = Marker("rupture", HUMAN, ("withdrawal", "confrontation"), spans=(Span(0, 2), Span(3, 7)), extra={"span_types": [["withdrawal"], ["confrontation"]]})
    gold = Marker("rupture", Origin(OriginKind.ADJUDICATED, "A:B@2", "v@1"), ("withdrawal", "confrontation"), spans=(Span(0, 7), Span(3, 7)))
    bare = Marker("task", HUMAN)
    transcript = session(Turn(0, "P", "Si vous voulez.", markers=(bare, both, gold)))
    assert back(dumps_elan(transcript)) == transcript


CHARS = st.one_of(
    st.sampled_from(" \u00a0\u202f'’-é😀e\u0301«»…<>&\"\n\t\r\x0b\u2028\ufffe"), st.characters(blacklist_categories=("Cs",)), st.sampled_from("abc ")
)
TEXT = st.text(CHARS, max_size=30)
TIMES = st.one_of(st.none(), st.integers(0, 10**7).map(lambda ms: ms / 1000), st.integers(0, 20).map(float))
ORIGINS = st.builds(Origin, st.sampled_from(OriginKind), st.sampled_from(["A", "b@c", "", "model:x", " d "]), st.sampled_from([None, "1.0", "", "x@y"]))
LABELS = [("goal", ()), ("task", ()), ("bond", ()), ("repair", ()), ("rupture", ("withdrawal",)), ("rupture", ("confrontation",)),
          ("rupture", ("withdrawal", "confrontation"))]  # fmt: skip


@st.composite
def markers(draw: st.DrawFn, text: str) -> tuple[Marker, ...]:
    """Markers of different origins or labels, with nested, adjacent and equal spans."""
    found: dict[tuple[str, Origin], Marker] = {}
    for _ in range(draw(st.integers(0, 3))):
        (label, types), origin = draw(st.sampled_from(LABELS)), draw(ORIGINS)
        spans: set[Span] = set()
        for _ in range(draw(st.integers(0, 3)) if text else 0):
            start = draw(st.integers(0, len(text) - 1))
            spans.add(Span(start, draw(st.integers(start + 1, len(text)))))
        probability = draw(st.sampled_from([None, 0.5])) if origin.kind is OriginKind.MODEL else None
        found[label, origin] = Marker(label, origin, types, probability, tuple(sorted(spans)))
    return tuple(found.values())


@st.composite
def sessions(draw: st.DrawFn) -> Transcript:
    names = draw(st.lists(st.one_of(st.sampled_from(["T", "P", "goal@T", "-", "none", " A", "alliance@T", "?", "a\x01b", "N\n1"]), TEXT), unique=True, min_size=1, max_size=4))
    timeless = draw(st.booleans())
    turns = []
    for index in range(draw(st.integers(1, 7))):
        text = draw(TEXT)
        start_s, end_s = (None, None) if timeless else (draw(TIMES), draw(TIMES))
        turns.append(Turn(index, draw(st.sampled_from([*names, None])), text, start_s, end_s, markers=draw(markers(text)), extra={"at": 1, "note": "x"}))
    speakers = tuple(Speaker(name, draw(st.sampled_from(Role)), {"role_source": "asked"}) for name in names)
    return Transcript(
        draw(st.sampled_from(["s1", "é/😀"])), tuple(turns), speakers, metadata={"dyad_id": "d1", "elan": {"tiers": []}},
        warnings=(Notice("oral.aside", params={"kinds": {"events": 1}}, text=Notice("oral.aside", params={"kinds": {"events": 1}}).message("fr")),),
    )  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(sessions())
def test_toute_séance_revient_égale(transcript: Transcript) -> None:
    assert back(dumps_elan(transcript)) == transcript


def test_un_tour_de_dix_mille_mots_revient_égal() -> None:
    text = " ".join(["mot\u00a0😀"] * 10_000)
    transcript = session(Turn(0, "P", text, markers=(Marker("goal", HUMAN, spans=(Span(0, len(text)), Span(len(text) - 3, len(text)))),)))
    assert back(dumps_elan(transcript)) == transcript


def test_deux_écritures_donnent_les_mêmes_octets() -> None:
    assert dumps_elan(example()) == dumps_elan(example())


# ---------------------------------------------------------------------------------------- what people change


def values(root: etree._Element, name: str) -> list[etree._Element]:
    return list(tier(root, name).iter("ANNOTATION_VALUE"))


def test_un_extrait_retiré_dans_elan_est_retiré_du_marqueur() -> None:
    root = elan(example())
    tier(root, "rupture/withdrawal@P").remove(tier(root, "rupture/withdrawal@P")[1])
    (marker,) = again(root).turns[1].markers
    assert (marker.origin, marker.probability, marker.spans) == (MODEL, 0.81, (Span(0, 16),))


def test_une_étiquette_vidée_dans_elan_disparaît_et_c_est_dit() -> None:
    root = elan(example())
    root.remove(tier(root, "rupture/withdrawal@P"))
    found = again(root)
    assert found.turns[1].markers == ()
    assert [n.params for n in found.warnings] == [{"turns": 0, "given": 0, "taken": 1}]


def test_ce_qu_on_ajoute_dans_la_piste_du_modèle_est_humain() -> None:
    root = elan(example())
    values(root, "rupture/withdrawal@P")[0].text = "Enfin"
    machine, human = sorted(again(root).turns[1].markers, key=lambda m: m.origin.kind.value, reverse=True)
    assert (machine.origin, [EVASION[s.start : s.end] for s in machine.spans]) == (MODEL, ["oui"])
    assert (human.origin, [EVASION[s.start : s.end] for s in human.spans]) == (Origin(OriginKind.HUMAN, "elan"), ["Enfin"])


def test_une_piste_reprise_à_son_compte_devient_humaine() -> None:
    root = elan(example())
    tier(root, "rupture/withdrawal@P").set("ANNOTATOR", "SUP2")
    (marker,) = again(root).turns[1].markers
    assert (marker.origin, marker.probability) == (Origin(OriginKind.HUMAN, "SUP2"), None)
    assert [EVASION[s.start : s.end] for s in marker.spans] == ["Si vous le dites", "oui"]


def test_un_texte_corrigé_dans_elan_garde_ses_marqueurs_là_où_leurs_mots_sont_encore() -> None:
    root = elan(example())
    values(root, "P")[0].text = "Bon. Si vous le dites, oui."
    turn = again(root).turns[1]
    assert turn.text == "Bon. Si vous le dites, oui."
    (marker,) = turn.markers
    assert (marker.origin, [turn.text[s.start : s.end] for s in marker.spans]) == (MODEL, ["Si vous le dites", "oui"])


def test_un_temps_déplacé_dans_elan_compte() -> None:
    root = elan(example())
    slot = next(item for item in root.iter("TIME_SLOT") if item.get("TIME_VALUE") == "7250")
    slot.set("TIME_VALUE", "7500")
    assert [turn.end_s for turn in again(root).turns] == [2.0, 5.5, 7.5]


def test_un_tour_ajouté_dans_elan_prend_sa_place() -> None:
    root = elan(example())
    slots = next(root.iter("TIME_ORDER"))
    for number, time in (("n1", "5400"), ("n2", "5500")):
        etree.SubElement(slots, "TIME_SLOT", TIME_SLOT_ID=number, TIME_VALUE=time)
    added = etree.SubElement(etree.SubElement(tier(root, "P"), "ANNOTATION"), "ALIGNABLE_ANNOTATION", ANNOTATION_ID="n", TIME_SLOT_REF1="n1", TIME_SLOT_REF2="n2")
    etree.SubElement(added, "ANNOTATION_VALUE").text = "Pardon."
    found = again(root)
    assert [(turn.index, turn.speaker, turn.text) for turn in found.turns][2] == (2, "P", "Pardon.")
    assert len(found.turns) == 4 and found.turns[3].markers == example().turns[2].markers


def test_un_locuteur_renommé_dans_elan_garde_son_rôle() -> None:
    root = elan(replace(example(), speakers=(Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT))))
    for name in ("P", "rupture/withdrawal@P", "alliance@P"):
        tier(root, name).set("PARTICIPANT", "Mme D.")
    found = again(root)
    assert [(s.id, s.role) for s in found.speakers] == [("T", Role.THERAPIST), ("Mme D.", Role.PATIENT)]
    assert found.turns[1].markers == example().turns[1].markers


def test_sans_nos_pistes_de_données_la_machine_reste_machine() -> None:
    root = elan(example())
    for item in [item for item in root.iter("TIER") if item.get("LINGUISTIC_TYPE_REF") == DATA_TYPE]:
        root.remove(item)
    (marker,) = again(root).turns[1].markers
    assert (marker.origin, [EVASION[s.start : s.end] for s in marker.spans]) == (MODEL, ["Si vous le dites", "oui"])


def test_sans_l_en_tête_les_tours_reviennent() -> None:
    root = elan(example())
    next(item for item in root.iter("PROPERTY") if item.get("NAME") == SESSION).text = "{}"
    found = again(root)
    assert (found.session_id, found.turns) == ("s1", example().turns)


def test_aucun_chevauchement_dans_une_piste() -> None:
    turns = (Turn(0, "P", "a", 0.0, 9.0), Turn(1, "P", "b", 3.0, 2.0), Turn(2, "P", "c", 3.0, 4.0), Turn(3, "P", "d"), Turn(4, "P", "e", 3.5, None))
    root = elan(session(*turns))
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE", "")) for slot in root.iter("TIME_SLOT")}
    spans = sorted((slots[a.get("TIME_SLOT_REF1")], slots[a.get("TIME_SLOT_REF2")]) for a in tier(root, "P").iter("ALIGNABLE_ANNOTATION"))
    assert tier(root, "P").get("LINGUISTIC_TYPE_REF") == TURN_TYPE
    assert all(begin < end for begin, end in spans) and all(end <= begin for (_, end), (begin, _) in zip(spans, spans[1:]))
    assert again(root).turns == turns
