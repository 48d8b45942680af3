"""The two custom layers of the INCEpTION export: their UIMA types, and ``layers.json`` for INCEpTION's layer import.

The JSON has the keys of INCEpTION's own layer export (« Settings, Layers, Export »), tag sets included.
"""

from __future__ import annotations

import json
from typing import Any

from alliance_nlp.exports.codings import definition, label_name, type_name
from alliance_nlp.labels import Label, LabelType, default_label_set
from alliance_nlp.messages import render

ANNOTATION = "uima.tcas.Annotation"
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
UIMA_METADATA = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
MARKER_TYPE, TURN_TYPE = "webanno.custom.AllianceMarker", "webanno.custom.AllianceTurn"
STRING, INTEGER, FLOAT, BOOLEAN = (f"uima.cas.{name}" for name in ("String", "Integer", "Float", "Boolean"))

# UIMA type → its parent and its features, each with its range.
FEATURES: dict[str, tuple[str, dict[str, str]]] = {
    UIMA_METADATA: (
        "uima.tcas.DocumentAnnotation",
        {
            "documentTitle": STRING,
            "documentId": STRING,
            "documentUri": STRING,
            "collectionId": STRING,
            "documentBaseUri": STRING,
            "isLastSegment": BOOLEAN,
        },
    ),
    SENTENCE: (ANNOTATION, {"id": STRING}),
    TURN_TYPE: (ANNOTATION, {"speaker": STRING, "role": STRING, "number": INTEGER, "facts": STRING, "session": STRING}),
    MARKER_TYPE: (
        ANNOTATION,
        {
            "label": STRING,
            "ruptureType": STRING,
            "accepted": BOOLEAN,
            "probability": FLOAT,
            "origin": STRING,
            "given": STRING,
            "scope": STRING,
        },
    ),
}
_NAMES = {
    "label": "feature_label",
    "ruptureType": "feature_type",
    "accepted": "feature_accepted",
    "probability": "feature_probability",
    "origin": "feature_origin",
    "given": "feature_given",
    "scope": "feature_scope",
    "speaker": "feature_speaker",
    "role": "feature_role",
}
_SHOWN = frozenset({"label", "ruptureType", "accepted", "speaker", "role"})  # above the text; the others in the details
_HIDDEN = frozenset({"facts", "session", "number"})  # for the way back only


def layers_json(language: str) -> bytes:
    """Return the two layers as INCEpTION imports them."""
    layers = [_layer(MARKER_TYPE, "layer_marker", language), _layer(TURN_TYPE, "layer_turn", language)]
    return (json.dumps(layers, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _layer(name: str, title: str, language: str) -> dict[str, Any]:
    is_turn = name == TURN_TYPE
    return {
        "name": name,
        "features": [_feature(feature, kind, language) for feature, kind in FEATURES[name][1].items()],
        "uiName": render(f"coding_tools.{title}", language),
        "type": "span",
        "description": None,
        "enabled": True,
        "built_in": False,
        "readonly": is_turn,
        "attach_type": None,
        "attach_feature": None,
        "allow_stacking": True,
        "cross_sentence": True,
        "show_hover": True,
        "anchoring_mode": "CHARACTERS",
        "overlap_mode": "ANY_OVERLAP",
        "validation_mode": "NEVER",
        "lock_to_token_offset": False,
        "multiple_tokens": True,
        "project_name": None,
        "linked_list_behavior": False,
        "on_click_javascript_action": None,
    }


def _feature(name: str, kind: str, language: str) -> dict[str, Any]:
    title = render(f"coding_tools.{_NAMES[name]}", language) if name in _NAMES else name
    return {
        "name": name,
        "tag_set": _tag_set(name, language),
        "uiName": title,
        "type": kind,
        "enabled": True,
        "visible": name in _SHOWN,
        "include_in_hover": name == "probability",
        "required": name == "label",
        "remember": False,
        "hideUnconstraintFeature": name in _HIDDEN,
        "description": None,
        "project_name": None,
        "multi_value_mode": "NONE",
        "link_mode": "NONE",
        "link_type_name": None,
        "link_type_role_feature_name": None,
        "link_type_target_feature_name": None,
        "traits": None,
    }


def _tag_set(name: str, language: str) -> dict[str, Any] | None:
    labels = default_label_set().labels
    tags: dict[str, list[tuple[str, Label | LabelType]]] = {
        "label": [(label_name(label, language), label) for label in labels],
        "ruptureType": [(type_name(kind, language), kind) for label in labels for kind in label.types],
    }
    if name not in tags:
        return None
    return {
        "name": f"Alliance {render(f'coding_tools.{_NAMES[name]}', language)}",
        "typeUiName": None,
        "description": None,
        "language": language,
        "type": None,
        "type_name": None,
        "type_description": None,
        "tags": [{"tag_name": tag, "tag_description": definition(item, language)} for tag, item in tags[name]],
        "create_tag": False,
    }
