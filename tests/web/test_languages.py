"""Chinese first, English by a switch, catalogues complete for the shell."""

from pathlib import Path

from babel.messages.pofile import read_po
from markupsafe import Markup

import core
from core.errors import IllegalTransition, SelfApproval
from core.web import extraction, i18n
from core.web.error_words import translated
from core.web.retold import retold

HOUSE = Path(core.__file__).parent.parent
SHELL = [Path(core.__file__).parent / "web", Path(core.__file__).parent / "errors.py"]


def test_the_language_follows_the_switch_and_is_remembered(shell):
    assert '<html lang="zh-CN"' in shell.get("/login").text
    english = shell.get("/login?lang=en")
    assert '<html lang="en"' in english.text
    assert "Log in" in english.text
    assert "Log in" in shell.get("/login").text
    assert "登录" in shell.get("/login?lang=zh").text


def test_an_unknown_language_is_chinese(shell):
    shell.cookies.set("banyan_lang", "xx")
    assert '<html lang="zh-CN"' in shell.get("/login?lang=fr").text


def test_english_counts_in_singular_and_plural():
    with i18n.speaking("en"):
        assert i18n.ngettext("%(n)s 天前", "%(n)s 天前", 1) == "1 day ago"
        assert i18n.ngettext("%(n)s 天前", "%(n)s 天前", 3) == "3 days ago"
    assert i18n.ngettext("%(n)s 天前", "%(n)s 天前", 3) == "3 天前"


def test_one_thing_is_called_otherwise_than_a_list_of_them():
    with i18n.speaking("en"):
        assert (i18n.gettext("学生"), i18n.several("学生")) == ("Student", "Students")
        assert i18n.several("账单") == i18n.gettext("账单") == "Bills"
        assert i18n.several("没有人翻译过") == "没有人翻译过"
    assert i18n.several("学生") == "学生"


def test_a_plugin_brings_its_own_words(tmp_path, monkeypatch):
    monkeypatch.setattr(i18n, "_folders", [*i18n._folders])
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "banyan.po").write_text('msgid "绿榕"\nmsgstr "green banyan"\n\nmsgid "登录"\nmsgstr "stolen"\n', encoding="utf-8")
    i18n.add_catalogues(tmp_path)
    with i18n.speaking("en"):
        assert i18n.gettext("绿榕") == "green banyan"
        assert i18n.gettext("登录") == "Log in"
    i18n.translations.cache_clear()


def test_an_error_is_told_in_the_readers_language():
    error = IllegalTransition(machine="bill", source="void", target="paid")
    assert translated(error) == "bill 不能从“void”变为“paid”"
    with i18n.speaking("en"):
        assert translated(error) == "bill cannot go from “void” to “paid”"


def test_a_fact_that_is_a_sentence_of_ours_is_told_as_well():
    error = IllegalTransition(machine="bill", source="取消", target="paid")
    with i18n.speaking("en"):
        assert translated(error) == "bill cannot go from “Cancel” to “paid”"


def test_what_an_error_said_when_it_was_written_down_is_told_later():
    kept = IllegalTransition(machine="账单 B1", source="void", target="paid").message
    assert retold(kept) == kept
    with i18n.speaking("en"):
        assert retold(kept) == "账单 B1 cannot go from “void” to “paid”"
        assert retold(SelfApproval().message).startswith("Maker and checker"), SelfApproval().message
        assert retold("渠道自己写的答复") == "渠道自己写的答复"
        assert retold(Markup("甲 &amp; 乙")) == Markup("甲 &amp; 乙")


def test_the_shell_speaks_english_without_a_gap():
    assert extraction.missing(SHELL) == {}


def test_a_chinese_word_has_the_same_english_everywhere():
    told: dict[str, dict[str, str]] = {}
    for po in sorted(HOUSE.glob("*/*/translations/en/LC_MESSAGES/banyan.po")):
        with po.open("rb") as file:
            for message in read_po(file, locale="en"):
                if message.id:
                    told.setdefault(str(message.id), {})[str(po.relative_to(HOUSE).parent.parent.parent.parent)] = str(message.string)
    assert len(told) > 5000
    two = {word: places for word, places in told.items() if len(set(places.values())) > 1}
    assert two == {}, "one of them is never shown: catalogues are merged; two meanings need two Chinese words"


def test_no_template_of_the_shell_holds_chinese_that_nobody_marked():
    assert extraction.bare_chinese(SHELL) == []


def test_what_a_catalogue_lacks_is_found_and_appended(tmp_path):
    (tmp_path / "page.html").write_text("{{ _('全新的句子') }}<p>没有标记</p>{{ '也没有' }}", encoding="utf-8")
    (tmp_path / "code.py").write_text('class Odd(Exception):\n    message = "奇怪的 {x}"\n\n\nx = N_("表里的词")\n', encoding="utf-8")
    assert set(extraction.missing([tmp_path])) == {"全新的句子", "奇怪的 {x}", "表里的词"}
    assert [place.rsplit(": ")[-1] for place in extraction.bare_chinese([tmp_path])] == ["<p>没有标记</p>", "也没有"]
    po = tmp_path / "banyan.po"
    po.write_text('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n', encoding="utf-8")
    assert extraction.append_missing([tmp_path], po) == 3
    assert "全新的句子" in po.read_text(encoding="utf-8")
