"""The API page: an OpenAPI document as a plain, printable page that needs no script and no foreign server."""

import json
import re

import msgspec

Json = dict[str, object]
METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 4
"""How many levels of nested objects an example and a field list show."""


class Field(msgspec.Struct, frozen=True):
    """One parameter or one property; nested properties are named `lines.amount_fen`."""

    name: str
    kind: str
    required: bool
    description: str
    place: str = ""


class Body(msgspec.Struct, frozen=True):
    """What is sent, or what comes back with one status."""

    title: str
    media_type: str
    description: str
    fields: list[Field]
    example: str


class Operation(msgspec.Struct, frozen=True):
    """One method on one path."""

    method: str
    path: str
    summary: str
    description: str
    anchor: str
    parameters: list[Field]
    bodies: list[Body]


class Group(msgspec.Struct):
    """The operations of one tag."""

    name: str
    anchor: str
    description: str
    operations: list[Operation]


class ApiBook(msgspec.Struct, frozen=True):
    """Everything the page shows."""

    title: str
    version: str
    description: str
    document_href: str
    groups: list[Group]


def describe(openapi: Json, document_href: str = "/schema/openapi.json") -> ApiBook:
    """Turn an OpenAPI 3.1 document (as a dict) into what the page shows, grouped by first tag, in the document's order."""
    reader = _Reader(openapi)
    words = {tag["name"]: tag.get("description", "") for tag in openapi.get("tags") or []}
    groups: dict[str, Group] = {}
    for path, methods in (openapi.get("paths") or {}).items():
        for method in METHODS:
            if method not in methods:
                continue
            operation = methods[method]
            tag = (operation.get("tags") or ["API"])[0]
            group = groups.setdefault(tag, Group(tag, _anchor("tag", tag), words.get(tag, ""), []))
            shared = methods.get("parameters") or []
            group.operations.append(reader.operation(method, path, operation, shared))
    info = openapi["info"]
    return ApiBook(info["title"], info["version"], info.get("description") or "", document_href, list(groups.values()))


def _anchor(*parts: str) -> str:
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]+", "-", "-".join(parts).lower()).strip("-")


class _Reader:
    """Resolves references while it reads one document."""

    def __init__(self, document: Json) -> None:
        self.document = document

    def resolve(self, schema: Json) -> Json:
        while "$ref" in schema:
            found: object = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            schema = found
        return schema

    def operation(self, method: str, path: str, operation: Json, shared: list[Json]) -> Operation:
        bodies = []
        if sent := operation.get("requestBody"):
            bodies += self.bodies("→", self.resolve(sent))
        for status, answer in sorted((operation.get("responses") or {}).items()):
            bodies += self.bodies(f"← {status}", self.resolve(answer))
        return Operation(
            method=method.upper(),
            path=path,
            summary=operation.get("summary") or operation.get("operationId") or path,
            description=operation.get("description") or "",
            anchor=_anchor(method, path),
            parameters=[self.parameter(self.resolve(p)) for p in [*shared, *(operation.get("parameters") or [])]],
            bodies=bodies,
        )

    def parameter(self, parameter: Json) -> Field:
        schema = parameter.get("schema") or {}
        words = parameter.get("description") or self.resolve(schema).get("description") or ""
        return Field(parameter["name"], self.kind(schema), parameter.get("required", False), words, parameter["in"])

    def bodies(self, title: str, body: Json) -> list[Body]:
        words = body.get("description") or ""
        contents = (body.get("content") or {}).items()
        if not contents:
            return [Body(title, "", words, [], "")]
        return [self.body(title, kind, words, content) for kind, content in contents]

    def body(self, title: str, media_type: str, words: str, content: Json) -> Body:
        schema = content.get("schema") or {}
        given = content.get("example")
        if given is None and content.get("examples"):
            given = self.resolve(next(iter(content["examples"].values()))).get("value")
        example = self.example(schema) if given is None else given
        shown = "" if example in (None, {}, "") else json.dumps(example, ensure_ascii=False, indent=2)
        return Body(title, media_type, words, self.fields(schema), shown)

    def choices(self, schema: Json) -> list[Json]:
        """The alternatives of a schema but for null."""
        either = schema.get("oneOf") or schema.get("anyOf") or []
        return [s for s in either if self.resolve(s).get("type") != "null"]

    def kind(self, schema: Json) -> str:
        schema = self.resolve(schema)
        if either := self.choices(schema):
            return " | ".join(self.kind(s) for s in either)
        if "enum" in schema:
            return " | ".join(str(v) for v in schema["enum"])
        if "const" in schema:
            return str(schema["const"])
        if schema.get("type") == "array":
            return f"[{self.kind(schema.get('items') or {})}]"
        named = schema.get("type", "object")
        named = "/".join(t for t in named if t != "null") if isinstance(named, list) else named
        return f"{named} ({schema['format']})" if "format" in schema else named

    def fields(self, schema: Json, before: str = "", depth: int = 0) -> list[Field]:
        """The properties of an object, nested ones with their path."""
        schema = self.resolve(schema)
        if either := self.choices(schema):
            schema = self.resolve(either[0])
        if schema.get("type") == "array":
            return self.fields(schema.get("items") or {}, f"{before}[]." if not before else f"{before[:-1]}[].", depth)
        if depth >= DEEPEST:
            return []
        found = []
        for part in schema.get("allOf") or []:
            found += self.fields(part, before, depth)
        must = schema.get("required") or []
        for name, inner in (schema.get("properties") or {}).items():
            whole = self.resolve(inner)
            words = inner.get("description") or whole.get("description") or ""
            found.append(Field(before + name, self.kind(inner), name in must, words))
            found += self.fields(inner, f"{before}{name}.", depth + 1)
        return found

    def example(self, schema: Json, depth: int = 0) -> object:
        """A plausible value of a schema."""
        schema = self.resolve(schema)
        for key in ("example", "default", "const"):
            if schema.get(key) is not None:
                return schema[key]
        if schema.get("examples"):
            given = schema["examples"]
            return next(iter(given.values())) if isinstance(given, dict) else given[0]
        if "enum" in schema:
            return schema["enum"][0]
        if either := self.choices(schema):
            return self.example(either[0], depth)
        kind = schema.get("type")
        kind = next((k for k in kind if k != "null"), "null") if isinstance(kind, list) else kind
        if kind == "array":
            return [self.example(schema.get("items") or {}, depth + 1)] if depth < DEEPEST else []
        if "properties" in schema and depth < DEEPEST:
            return {name: self.example(inner, depth + 1) for name, inner in schema["properties"].items()}
        return {"string": _text(schema), "integer": schema.get("minimum", 1), "number": 1, "boolean": True}.get(kind, {})


def _text(schema: Json) -> str:
    return {
        "uuid": "0197a5c2-7d3e-7c41-9a55-3f2b8c1d0e4f",
        "date": "2026-09-01",
        "date-time": "2026-09-01T14:05:00+08:00",
        "uri": "https://school.example/notify",
    }.get(schema.get("format", ""), "…")
