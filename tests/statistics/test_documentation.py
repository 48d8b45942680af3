"""What the room offers is written where users can read it."""

from alliance_nlp import statistics
from tests.conftest import REPOSITORY


def test_chaque_nom_public_est_dans_la_documentation():
    text = (REPOSITORY / "docs/statistics.md").read_text(encoding="utf-8")
    for name in statistics.__all__:
        assert f"`{name}" in text, name


def test_les_seuils_ecrits_sont_ceux_du_code():
    from alliance_nlp.statistics.dips import CONTROL_LIMIT, DIP, INSIDE, MIN_SESSIONS

    text = (REPOSITORY / "docs/statistics.md").read_text(encoding="utf-8")
    values = {"MIN_CLUSTERS": statistics.MIN_CLUSTERS, "MIN_CHECKED_CLUSTERS": statistics.MIN_CHECKED_CLUSTERS}
    values |= {"MIN_SESSIONS": MIN_SESSIONS, "DIP": DIP, "INSIDE": INSIDE, "CONTROL_LIMIT": CONTROL_LIMIT}
    for name, value in values.items():
        assert f"`{name}` = {value:g}" in text, name
