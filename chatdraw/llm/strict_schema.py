"""From a pydantic model to the JSON schema that every server takes.

Servers that hold a model to a schema differ in how much of JSON schema they know. All of them know the subset that
OpenAI's structured outputs began with: objects list all of their keys as required and allow no others; ``anyOf``,
``enum``, ``$ref`` and ``$defs``; nothing about lengths, ranges or patterns (llama.cpp refuses patterns without anchors,
and some servers refuse limits). The rest is checked when the answer is parsed.

Since every key is required, a key that may be left out can be ``null`` instead; :class:`chatdraw.llm.answer.Nulls`
leaves it out again.
"""

from __future__ import annotations

from typing import Final

from chatdraw.llm.grammar import Schema
from chatdraw.scene import Frozen

_NOTES: Final = frozenset({"default", "deprecated", "description", "discriminator", "examples", "title"})
"""Keywords that do not change what is valid."""

_LIMITS: Final = frozenset(
    {
        "exclusiveMaximum",
        "exclusiveMinimum",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "multipleOf",
        "pattern",
    }
)
"""Keywords that only narrow what is valid, which parsing does again."""

_KNOWN: Final = frozenset(
    {
        "$defs",
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "enum",
        "items",
        "oneOf",
        "properties",
        "propertyNames",
        "required",
        "type",
    }
)
"""Keywords that are rewritten."""


def strict_schema(model: type[Frozen]) -> Schema:
    """The schema of ``model`` for a server; every answer that fits ``model`` can be written in it.

    Compared with ``model.model_json_schema()``:

    - Every key of an object is required. One that has no value is ``null`` if its default is ``None``.
    - A table with a closed set of keys is an object with these keys, each of which may be ``null``.
    - ``oneOf`` is ``anyOf`` and ``const`` an ``enum`` of one.
    - Limits and notes are left out.

    Raises:
        NotImplementedError: the schema uses what this module does not know, or cannot be said in the subset.
    """
    return _rewrite(model.model_json_schema())


def _rewrite(schema: Schema) -> Schema:
    unknown = schema.keys() - _KNOWN - _LIMITS - _NOTES
    if unknown:
        raise NotImplementedError(f"no strict schema for the keywords {', '.join(sorted(unknown))}")
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    if alternatives := schema.get("anyOf", schema.get("oneOf")):
        return {"anyOf": [_rewrite(alternative) for alternative in alternatives]}
    kept: Schema = {"type": schema["type"]}
    if "enum" in schema or "const" in schema:
        kept["enum"] = schema.get("enum", [schema.get("const")])
    if schema["type"] == "array":
        kept["items"] = _rewrite(schema["items"])
    if schema["type"] == "object":
        kept |= _object(schema)
    if "$defs" in schema:
        kept["$defs"] = {name: _rewrite(definition) for name, definition in schema["$defs"].items()}
    return kept


def _object(schema: Schema) -> Schema:
    properties = {name: _rewrite(value) for name, value in schema.get("properties", {}).items()}
    others = schema.get("additionalProperties", True)
    if isinstance(others, dict):
        keys = schema.get("propertyNames", {})
        words = keys.get("enum", [keys["const"]] if "const" in keys else None)
        if words is None or properties:
            raise NotImplementedError("no strict schema for a table whose keys are not a closed set of words")
        properties = {word: {"anyOf": [_rewrite(others), {"type": "null"}]} for word in words}
    elif others is not False:
        raise NotImplementedError("no strict schema for an object that takes any key")
    return {"properties": properties, "required": list(properties), "additionalProperties": False}
