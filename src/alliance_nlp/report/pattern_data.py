"""A session's patterns as JSON-ready data: densities, phases, episodes, proposals, the dyad.

In: pattern values.  Out: dicts; turns are the record's indices, from 0; every window is stated beside its numbers.
"""

from __future__ import annotations

from typing import Any

from alliance_nlp.patterns import (
    BEFORE_TURNS,
    FAMILIES,
    KERNEL_TURNS,
    RETURN_TURNS,
    UPTAKE_TURNS,
    BondAfterRepair,
    DyadContrast,
    Episode,
    Phase,
    Proposal,
)
from alliance_nlp.report.curves import Curves

DECIMALS = 4  # of shares and densities: more would only be noise


def density_data(curves: Curves | None) -> dict[str, Any] | None:
    """Return the smoothed shares, one number a turn; ``sure`` leaves out what the model doubts."""
    if curves is None:
        return None
    return {
        "kernel_turns": KERNEL_TURNS,
        **{
            density.name: {
                "shares": [round(share, DECIMALS) for share in density.shares],
                "sure": None if density.sure is None else [round(share, DECIMALS) for share in density.sure],
            }
            for density in curves.densities
        },
    }


def phase_data(phase: Phase) -> dict[str, Any]:
    """Return one phase with its marked turns by family."""
    return {
        "first": phase.first,
        "last": phase.last,
        "turns": phase.turns,
        "marked": {family: phase.count(family) for family in FAMILIES},
        "per_100_turns": {family: round(phase.per_100_turns(family), DECIMALS) for family in FAMILIES},
    }


def episode_data(episode: Episode) -> dict[str, Any]:
    """Return one rupture episode with what came before and what returned."""
    return {
        "first": episode.first,
        "last": episode.last,
        "types": list(episode.types),
        "ruptures": list(episode.ruptures),
        "repairs": list(episode.repairs),
        "outcome": episode.outcome.value,
        "repair_delay_turns": episode.repair_delay,
        "before_turns": BEFORE_TURNS,
        "before": list(episode.before),
        "return_turns": RETURN_TURNS,
        "returned": list(episode.returned),
        "resolution": episode.resolution.value,
        "turns_after": episode.turns_after,
    }


def proposal_data(proposal: Proposal) -> dict[str, Any]:
    """Return one exchange around the therapist's proposals."""
    return {
        "turns": list(proposal.turns),
        "labels": list(proposal.labels),
        "ruptures": list(proposal.ruptures),
        "acceptance": proposal.acceptance,
        "uptake": proposal.uptake.value,
        "uptake_turns": UPTAKE_TURNS,
    }


def bond_data(bond: BondAfterRepair) -> dict[str, Any]:
    """Return bond after a repair and elsewhere."""
    return {
        "repairs": list(bond.repairs),
        "return_turns": RETURN_TURNS,
        "bonds_after": list(bond.bonds),
        "turns_after": bond.turns_after,
        "bonds_elsewhere": bond.bonds_elsewhere,
        "turns_elsewhere": bond.turns_elsewhere,
    }


def contrast_data(contrast: DyadContrast | None) -> dict[str, Any] | None:
    """Return the session beside its dyad's earlier ones, None without any."""
    if contrast is None:
        return None
    return {
        "dyad_id": contrast.dyad,
        "earlier": [
            {"session_id": session.session_id, "session_number": session.number, "date": session.day, "turns": session.turns}
            for session in contrast.earlier
        ],
        "per_100_turns": [
            {
                "label": entry.name,
                "now": round(entry.now_per_100, DECIMALS),
                "earlier": round(entry.earlier_per_100, DECIMALS),
                "lowest": round(entry.lowest_per_100, DECIMALS),
                "highest": round(entry.highest_per_100, DECIMALS),
            }
            for entry in contrast.labels
        ],
    }
