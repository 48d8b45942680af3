"""The page about the annotation tools names what the files really hold."""

import re

from alliance_nlp.exports.inception_layers import FEATURES, MARKER_TYPE, TURN_TYPE
from alliance_nlp.exports.registry import EXPORTS
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs/annotation-tools.md").read_text(encoding="utf-8")


def test_la_page_nomme_chaque_trait_et_chaque_export():
    for name in (MARKER_TYPE, TURN_TYPE):
        assert f"`{name.rpartition('.')[2]}`" in PAGE
        assert all(f"`{feature}`" in PAGE for feature in FEATURES[name][1])
    for export in re.findall(r"--to (\S+)", PAGE):
        assert export in {known.id for known in EXPORTS}
