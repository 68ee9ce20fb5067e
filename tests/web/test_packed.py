"""Style sheets, scripts and drawings travel packed to browsers that unpack, and plain to others."""

import gzip

import pytest

from core.web.static_files import STATIC, asset


@pytest.mark.parametrize("name", ["h5.css", "h5.js", "vendor/weui.min.css", "mark.svg"])
def test_a_text_file_comes_packed_and_is_the_same_file(shell, name):
    answer = shell.get(asset(name), headers={"accept-encoding": "br, gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    assert "immutable" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) == len(gzip.compress((STATIC / name).read_bytes(), 9, mtime=0))
    assert answer.content == (STATIC / name).read_bytes()


@pytest.mark.parametrize("asked", ["identity", "br", "gzip;q=0"])
def test_who_cannot_unpack_gets_it_plain(shell, asked):
    answer = shell.get(asset("h5.css"), headers={"accept-encoding": asked})
    assert "content-encoding" not in answer.headers
    assert answer.content == (STATIC / "h5.css").read_bytes()


@pytest.mark.parametrize("path", ["/static/nothing.css", "/static/../routes.py", "/static/%2e%2e/routes.py", "/static/vendor/../../routes.py"])
def test_only_what_lies_there_is_given(shell, path):
    assert shell.get(path).status_code == 404
