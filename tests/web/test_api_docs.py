"""The API page shows an OpenAPI document with what a partner's programmer needs."""

from core.web.api_docs import describe
from core.web.templating import Page, draw, environment

DOCUMENT = {
    "info": {"title": "榕", "version": "1", "description": "接口"},
    "tags": [{"name": "bills", "description": "账单"}],
    "paths": {
        "/api/v1/bills/{id}": {
            "get": {
                "tags": ["bills"],
                "summary": "一张账单",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}],
                "responses": {
                    "200": {"description": "好", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Bill"}}}},
                    "404": {"description": "没有"},
                },
            }
        },
        "/api/v1/bills": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Bill"}}}},
                "responses": {},
            }
        },
    },
    "components": {
        "schemas": {
            "Bill": {
                "type": "object",
                "required": ["amount_fen"],
                "properties": {
                    "amount_fen": {"type": "integer", "description": "分", "minimum": 1},
                    "due_on": {"oneOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
                    "status": {"enum": ["issued", "paid"]},
                    "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                },
            },
            "Line": {"type": "object", "properties": {"name": {"type": "string"}, "bill": {"$ref": "#/components/schemas/Bill"}}},
        }
    },
}


def test_operations_are_grouped_and_their_references_resolved():
    book = describe(DOCUMENT)
    assert [group.name for group in book.groups] == ["bills", "API"]
    read = book.groups[0].operations[0]
    assert (read.method, read.parameters[0].kind, read.parameters[0].required) == ("GET", "string (uuid)", True)
    fields = {field.name: field for field in read.bodies[0].fields}
    assert fields["amount_fen"].required
    assert fields["due_on"].kind == "string (date)"
    assert fields["status"].kind == "issued | paid"
    assert fields["lines[].name"].kind == "string"
    assert '"due_on": "2026-09-01"' in read.bodies[0].example


def test_a_schema_that_holds_itself_comes_to_an_end():
    written = describe(DOCUMENT).groups[1].operations[0]
    assert written.bodies[0].fields
    assert len(written.bodies[0].example) < 5000


def test_the_page_shows_every_operation():
    html = draw(environment(), "pages/api.html", Page(path="/api"), {"book": describe(DOCUMENT)})
    assert "/api/v1/bills/{id}" in html
    assert "一张账单" in html
    assert html.count("by-operation") == 2
