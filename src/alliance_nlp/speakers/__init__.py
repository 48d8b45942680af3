"""Who the speakers are: from the names in a transcript to their roles, with where each role comes from.

In: turns, the roles the file declares and those the user asks for.  Out: speakers in order of first turn, each
with its role, the source of it, a confidence and the evidence (signs and numbers, never text), and notices.
The sources in order of priority: asked (``--roles``), declared in the file, read from the name, heard in the
talk; below a stated level of confidence a role stays ``unknown`` and the user is told how to say it.
Turns without a speaker stay so: nobody is invented for them.
"""

from __future__ import annotations

from alliance_nlp.speakers.assignment import RoleAssignment, assign_roles
from alliance_nlp.speakers.names import roles_from_names

__all__ = ["RoleAssignment", "assign_roles", "roles_from_names"]
