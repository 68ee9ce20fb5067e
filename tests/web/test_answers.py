"""What every answer carries, also one to an address that does not exist; and what strangers are not told."""

import pytest


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/no-such", 404), ("PUT", "/api/v1/users", 405)])
async def test_an_address_that_does_not_exist_has_a_request_id_too(web, method, path, status):
    answer = await web.request(method, path)
    assert answer.status_code == status
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "content-security-policy" in answer.headers


async def test_a_lost_visitor_is_answered_in_their_language(web):
    assert "lang=\"en\"" in (await web.get("/no-such-page?lang=en", headers={"accept": "text/html"})).text


async def test_a_page_says_its_charset_once(web):
    assert (await web.get("/login")).headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"no": "such"}', b""])
async def test_a_stranger_is_asked_who_he_is_before_the_body_is_read(web, body):
    answer = await web.post("/api/v1/api-keys", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_AUTHENTICATED")
    wrong = await web.post("/api/v1/api-keys", content=body, headers={"authorization": "Bearer byk_made_up"})
    assert wrong.status_code == 401


async def test_somebody_without_the_right_is_told_that_and_not_how_the_body_looks(client, staff):
    reader = await staff(await client(plugins=()), "billing.bill.read")
    answer = await reader.post("/api/v1/api-keys", json={"no": "such"})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_PERMITTED")


async def test_only_the_api_stands_in_the_apis_document(web):
    paths = (await web.get("/schema/openapi.json")).json()["paths"]
    assert [path for path in paths if not path.startswith(("/api/v1/", "/notify/"))] == []
    assert "/api/v1/files/{file_id}" in paths
