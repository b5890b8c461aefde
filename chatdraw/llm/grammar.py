"""From a pydantic model to the JSON schema whose sentences a language model may write.

What pydantic describes is everything it accepts. A small model should have fewer ways to say the same thing, and
exactly those of :func:`chatdraw.plan.dump_compact`: empty fields are left out, not written as ``null``, and an
edit says first what it is.
"""

from __future__ import annotations

from typing import Any, Final

from chatdraw.scene import Frozen

Schema = dict[str, Any]
"""A JSON schema, draft 2020-12."""

_KEPT: Final = frozenset(
    {
        "$ref",
        "additionalProperties",
        "const",
        "enum",
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
        "required",
        "type",
    }
)
"""Keywords that mean the same in the grammar."""

_NOTES: Final = frozenset({"default", "deprecated", "description", "discriminator", "examples", "title"})
"""Keywords that do not change what is valid."""

_NESTED: Final = frozenset({"$defs", "anyOf", "items", "oneOf", "properties", "propertyNames"})
"""Keywords that hold other schemas and are rewritten."""

_NOT_BLANK: Final = r"\S"
"""Pydantic strips our strings before it measures them, which a JSON schema cannot say: blanks alone are no content."""


def grammar_schema(model: type[Frozen]) -> Schema:
    """The schema of ``model`` for constrained decoding.

    Compared with ``model.model_json_schema()``:

    - ``null`` is never written; an optional field is left out instead.
    - A field with one possible value (the ``op`` of an edit) is required, although pydantic has a default for it.
    - Discriminated unions are ``anyOf``: the discriminator keeps the alternatives apart.
    - The keys of a table with a closed set of keys can come in any order, and no more of them than there are keys.
    - A string that must only not be empty (``min_length=1``) has a character that is no blank.

    Raises:
        NotImplementedError: the schema uses a keyword that this module does not know.
    """
    return _rewrite(model.model_json_schema())


def _rewrite(schema: Schema) -> Schema:
    unknown = schema.keys() - _KEPT - _NOTES - _NESTED
    if unknown:
        raise NotImplementedError(f"no grammar for the JSON schema keywords {', '.join(sorted(unknown))}")
    kept = {key: value for key, value in schema.items() if key in _KEPT}
    if "$defs" in schema:
        kept["$defs"] = {name: _rewrite(definition) for name, definition in schema["$defs"].items()}
    if "items" in schema:
        kept["items"] = _rewrite(schema["items"])
    if alternatives := schema.get("anyOf", schema.get("oneOf")):
        kept |= _union(alternatives)
    if schema.get("type") == "object":
        kept |= _object(schema)
    if schema.get("type") == "string" and schema.get("minLength") == 1:
        kept.setdefault("pattern", _NOT_BLANK)
    return kept


def _union(alternatives: list[Schema]) -> Schema:
    rest = [_rewrite(alternative) for alternative in alternatives if alternative.get("type") != "null"]
    return rest[0] if len(rest) == 1 else {"anyOf": rest}


def _object(schema: Schema) -> Schema:
    properties: Schema = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    rewritten: Schema = {"additionalProperties": others}
    if properties:
        fixed = [name for name, value in properties.items() if "const" in value]
        required = {*fixed, *schema.get("required", ())}
        rewritten["properties"] = {name: _rewrite(value) for name, value in properties.items()}
        rewritten["required"] = [name for name in properties if name in required]
    if isinstance(others, dict) or "propertyNames" in schema:
        rewritten |= _table(schema.get("propertyNames"), _rewrite(others) if isinstance(others, dict) else {})
    return rewritten


def _table(keys: Schema | None, value: Schema) -> Schema:
    if keys is None:
        return {"additionalProperties": value}
    if keys.keys() - _NOTES - {"type"} not in ({"enum"}, {"const"}):
        raise NotImplementedError("no grammar for a table whose keys are not a closed set of words")
    words: list[str] = keys["enum"] if "enum" in keys else [keys["const"]]
    if not all(word.isidentifier() for word in words):  # they go into a regular expression as they are
        raise NotImplementedError("no grammar for a table whose keys are not plain words")
    # As properties they would have to come in the order of the schema; as a pattern they come as they like.
    return {
        "patternProperties": {f"^({'|'.join(words)})$": value},
        "additionalProperties": False,
        "maxProperties": len(words),
    }
