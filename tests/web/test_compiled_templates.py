"""A page's first reader after a start waits for no compiler, and never reads the page of before."""

import sys

from core.web import i18n, templating


def drawn(folder) -> str:
    return templating.environment([folder]).get_template("kept_once.html").render()


def test_a_template_is_compiled_once_for_all_processes_and_anew_when_it_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(templating, "COMPILED", tmp_path / "compiled")
    page = tmp_path / "kept_once.html"
    page.write_text("{{ _('保存') }}", encoding="utf-8")
    assert drawn(tmp_path) == "保存"
    [kept] = (tmp_path / "compiled").iterdir()
    written = kept.stat().st_mtime_ns
    assert drawn(tmp_path) == "保存"
    assert kept.stat().st_mtime_ns == written
    page.write_text("{{ _('取消') }}", encoding="utf-8")
    assert drawn(tmp_path) == "取消"
    assert [*(tmp_path / "compiled").iterdir()] == [kept]


def test_a_compiled_template_speaks_every_readers_language(tmp_path, monkeypatch):
    monkeypatch.setattr(templating, "COMPILED", tmp_path / "compiled")
    (tmp_path / "kept_once.html").write_text("{{ '保存' | in_words }}", encoding="utf-8")
    made = templating.environment([tmp_path])
    made.filters["in_words"] = i18n.gettext
    page = made.get_template("kept_once.html")
    assert page.render() == "保存"
    with i18n.speaking("en"):
        assert page.render() == "Save"


def test_where_nothing_may_be_written_pages_are_drawn_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(templating, "COMPILED", tmp_path / "file" / "compiled")
    (tmp_path / "kept_once.html").write_text("{{ 1 + 1 }}", encoding="utf-8")
    assert drawn(tmp_path) == "2"
