"""The review of marked sessions by people: decisions appended to a store, carried along, settled, exported.

``store`` is the way in (one SQLite file); ``decisions`` says what decisions mean; ``carry`` brings them onto another reading of
the same session; ``export`` gives session records back; ``plan`` picks the turns worth checking.
"""

from __future__ import annotations
