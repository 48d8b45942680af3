"""IRaMuTeQ's corpus: starred lines and talk that its reader takes.  The reader here follows its rules, not its code."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from alliance_nlp.exports.base import ExportOptions
from alliance_nlp.exports.iramuteq import spoken, write
from alliance_nlp.transcript import Marker, Origin, OriginKind, Role, Speaker, Transcript, Turn

PERSON = Origin(OriginKind.HUMAN, "AB")
STAR = re.compile(r"\*[A-Za-z]+_[A-Za-z0-9]+")


def session(*texts: str, name: str = "Séance 4/b", **kept: object) -> Transcript:
    turns = tuple(Turn(place, "TP"[place % 2], text) for place, text in enumerate(texts))
    return Transcript(name, turns, (Speaker("T", Role.THERAPIST), Speaker("P", Role.PATIENT))[: len({t.speaker for t in turns})], **kept)  # type: ignore[arg-type]


def written(*sessions: Transcript, language: str = "fr") -> bytes:
    (file,) = write(iter(sessions), ExportOptions(language))
    assert file.name == "iramuteq.txt"
    return file.data


def texts_of(data: bytes) -> list[tuple[list[str], str]]:
    """Read a corpus: « **** » opens a text, its variables are parted by blanks, other lines are its words."""
    found: list[tuple[list[str], str]] = []
    for line in data.decode("utf-8").split("\n"):
        if line.startswith("****"):
            found.append((line.split()[1:], ""))
        elif line.strip():
            assert found and not line.startswith("-*")
            found[-1] = (found[-1][0], f"{found[-1][1]} {line}".strip())
    return found


def test_un_texte_par_tour_avec_ses_variables() -> None:
    source = session("On reprend ?", "Si vous le dites.", "Hm.", metadata={"dyad_id": "d-07"})
    rupture = Marker("rupture", PERSON, ("withdrawal",))
    marked = Transcript(
        source.session_id, (source.turns[0], Turn(1, "P", "Si vous le dites.", markers=(rupture,)),
        Turn(2, "T", "Hm.", markers=(Marker("task", PERSON), Marker("repair", PERSON)))), source.speakers, metadata=source.metadata,
    )  # fmt: skip
    first, second, third = texts_of(written(marked))
    assert first[1] == "On reprend ?"
    assert first[0][:6] == ["*session_Seance4b", "*dyade_d07", "*tour_1", "*locuteur_T", "*role_therapeute", "*etiquette_aucune"]
    assert {"*etiquette_rupture", "*rupture_1", "*retrait_1", "*confrontation_0", "*tache_0"} <= set(second[0])
    assert {"*etiquette_plusieurs", "*tache_1", "*reparation_1", "*but_0"} <= set(third[0])


def test_chaque_variable_est_une_fois_sur_la_ligne_en_lettres_et_chiffres() -> None:
    for language in ("fr", "en"):
        for stars, _ in texts_of(written(session("Œuvre ?", "Non."), language=language)):
            assert all(STAR.fullmatch(star) for star in stars)
            names = [star.partition("_")[0] for star in stars]
            assert len(set(names)) == len(names)


def test_deux_noms_differents_restent_deux_modalites() -> None:
    stars = [text[0][0] for text in texts_of(written(session("Un.", name="s-01"), session("Deux.", name="s01"), session("Trois.", name="S01"), session("Un.", name="s-01")))]
    assert stars[0] == stars[3] and len(set(map(str.lower, stars))) == 3


def test_un_tour_sans_mots_est_laisse_et_le_fichier_n_a_pas_de_marque_d_octets() -> None:
    data = written(session("…", "Non.", "!"))
    assert len(texts_of(data)) == 1 and data.startswith(b"****")


def test_les_signes_de_l_outil_quittent_les_paroles() -> None:
    assert spoken("- **** *var_1 : l’idée à 5 $ ou 3 £\n-* non") == "var 1 : l'idée à 5 ou 3 - non"


@given(st.text(max_size=40))
def test_aucune_parole_n_ouvre_un_texte_ni_un_theme(text: str) -> None:
    words = spoken(text)
    assert "\n" not in words and not re.search(r"[*$£_]", words)
    assert not words.startswith("-")
    source = session("Bonjour.", text)
    assert len(texts_of(written(source))) == 1 + any(char.isalnum() for char in words)
