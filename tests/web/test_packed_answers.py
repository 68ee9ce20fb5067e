"""Pages and answers of the API leave packed to those who unpack; streams and files as they are; what a page hides is no guess from its size."""

import gzip

import httpx
import pytest
from litestar import Litestar, get
from litestar.response import Response, ServerSentEvent, Stream

from core.web import proof
from core.web.packed import LEAST, PackedAnswers

PAGE = "<p>一句话</p>" * 500


@get("/page", sync_to_thread=False)
def page() -> Response[str]:
    return Response(PAGE, media_type="text/html")


@get("/small", sync_to_thread=False)
def small() -> Response[str]:
    return Response("<p>x</p>", media_type="text/html")


@get("/rows", sync_to_thread=False)
def rows() -> list[int]:
    return list(range(2_000))


@get("/large", sync_to_thread=False)
def large() -> Response[str]:
    return Response(PAGE * 40, media_type="text/html")


@get("/file", sync_to_thread=False)
def file() -> Response[bytes]:
    return Response(b"PK" + bytes(5_000), media_type="application/zip")


@get("/news", sync_to_thread=False)
def news() -> ServerSentEvent:
    async def told():
        yield {"event": "progress", "data": "x" * 5_000}

    return ServerSentEvent(told())


@get("/pieces", sync_to_thread=False)
def pieces() -> Stream:
    return Stream(iter([PAGE.encode(), PAGE.encode()]), media_type="text/html")


@pytest.fixture
async def asking():
    app = PackedAnswers(Litestar([page, small, rows, large, file, news, pieces]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://banyan.test") as made:
        yield made


@pytest.mark.parametrize(("path", "text"), [("/page", PAGE), ("/large", PAGE * 40)])
async def test_a_page_leaves_packed_and_is_the_same_page(asking, path, text):
    async with asking.stream("GET", path) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "accept-encoding")
    assert int(answer.headers["content-length"]) == len(raw) < len(text.encode()) / 5
    assert gzip.decompress(raw).decode() == text


async def test_rows_for_programs_leave_packed(asking):
    answer = await asking.get("/rows")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json() == list(range(2_000))


@pytest.mark.parametrize("path", ["/small", "/file", "/news", "/pieces"])
async def test_what_is_small_a_file_or_a_stream_leaves_as_it_is(asking, path):
    answer = await asking.get(path)
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("asked", ["identity", "br", "gzip;q=0"])
async def test_who_cannot_unpack_gets_it_plain(asking, asked):
    answer = await asking.get("/page", headers={"accept-encoding": asked})
    assert "content-encoding" not in answer.headers
    assert answer.text == PAGE


async def test_the_size_of_a_page_is_another_each_time(asking):
    assert len({(await asking.get("/page")).headers["content-length"] for _ in range(30)}) > 5
    assert len(PAGE) > LEAST


def test_the_proof_of_a_form_is_never_written_twice_the_same_way():
    written = {proof.masked("a-Token_1") for _ in range(20)}
    assert len(written) == 20
    assert {proof.unmasked(each) for each in written} == {"a-Token_1"}
    assert (proof.unmasked("a-Token_1"), proof.masked("")) == ("a-Token_1", "")


@pytest.mark.parametrize("given", ["~", "~!!", "~YWJj", "~/////w==", "~" + "A" * 11])
def test_a_broken_proof_proves_nothing(given):
    assert proof.unmasked(given).strip("\0") == ""


async def test_a_page_holds_the_proof_masked_and_the_door_knows_it(client, staff):
    admin = await staff(await client(), "identity.user.read", "identity.user.manage")
    pages = [(await admin.get("/console/users/new")).text for _ in range(2)]
    assert all(admin.actor.csrf not in each for each in pages)
    given = [each.split('name="_csrf_token" value="')[1].split('"')[0] for each in pages]
    assert given[0] != given[1]
    del admin.headers["x-csrf-token"]
    for each, status in ((given[0], 422), (given[1], 422), (given[0][:-6] + "AAAAA=", 403)):
        answer = await admin.post("/console/users", data={"_csrf_token": each, "login": ""})
        assert answer.status_code == status, answer.text[:300]
