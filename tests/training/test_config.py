"""Training configurations: what is not understood is refused, and the shipped one is valid."""

import pytest

from alliance_nlp.errors import ConfigError
from alliance_nlp.training.config import read_config, to_toml
from tests.conftest import REPOSITORY

GOOD = 'name = "x"\nversion = "1"\nbase = "b"\noutput = "o"\n'


def write(tmp_path, text):
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_la_configuration_livree_est_lue():
    assert read_config(REPOSITORY / "models/configs/alliance-fr-small.toml").name == "alliance-fr-small"


def test_ecrire_puis_lire(tmp_path):
    config = read_config(write(tmp_path, GOOD + "epochs = 3\nlearning_rate = 1e-4\n"))
    assert read_config(write(tmp_path, to_toml(config))) == config


def test_une_option_de_la_ligne_de_commande_l_emporte(tmp_path):
    assert read_config(write(tmp_path, GOOD), base="autre").base == "autre"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "epoques = 3", "epoques"),
        (GOOD + 'epochs = "3"', "epochs"),
        (GOOD + "epochs = true", "epochs"),
        (GOOD + "epochs = 0", "epochs"),
        (GOOD + "hide_roles = 1.5", "hide_roles"),
        ('name = "x"', "base"),
        ("name = ", "TOML"),
    ],
)
def test_une_mauvaise_configuration_dit_quoi(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        read_config(write(tmp_path, text))
