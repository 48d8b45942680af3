"""The label scheme as code sees it is the one of the codebook and of the manual."""

from alliance_nlp.labels import default_label_set


def test_les_cinq_marqueurs_dans_l_ordre_du_codebook():
    assert default_label_set().ids == ("goal", "task", "bond", "rupture", "repair")


def test_la_mission_est_de_quatre_marqueurs():
    assert default_label_set().mission == ("goal", "task", "bond", "rupture")


def test_seul_le_cote_patient_porte_une_rupture():
    roles = default_label_set()["rupture"].roles
    assert {"patient", "partner", "parent", "group_member"} <= roles
    assert "therapist" not in roles and "other" not in roles


def test_la_rupture_a_deux_types():
    assert default_label_set().type_ids == ("withdrawal", "confrontation")
    assert default_label_set().owner("withdrawal").id == "rupture"


def test_chaque_marqueur_se_distingue_sans_la_couleur():
    labels = default_label_set().labels
    for trait in ("shape", "underline", "short_fr", "colour"):
        assert len({getattr(label, trait) for label in labels}) == len(labels), trait


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_le_texte_colore_reste_lisible_sur_blanc():
    for label in default_label_set().labels:
        assert 1.05 / (luminance(label.text_colour) + 0.05) >= 4.5, label.id
