"""The shell's pages as a browser gets them: whole, escaped, without inline script or style."""

import gzip
import re

import pytest

from core.web import proof

PAGES = ["/console/_gallery", "/h5/_gallery", "/login", "/login?step=code", "/wrong/404", "/h5/qingrong/wrong", "/api"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_inline_script_or_style(shell, path):
    html = shell.get(path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+\s*=\s*\"(?!x)", re.sub(r"&lt;.*?&gt;", "", html))


@pytest.mark.parametrize("path", PAGES)
def test_every_input_has_a_label_and_every_id_is_unique(shell, path):
    html = shell.get(path).text
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))
    for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", html):
        if 'type="hidden"' in tag or "aria-label=" in tag:
            continue
        found = re.search(r'\sid="([^"]+)"', tag)
        wrapped = re.search(r"<label[^>]*>\s*" + re.escape(tag), html)
        assert wrapped or (found and f'for="{found.group(1)}"' in html), tag
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= set(ids)


def test_a_name_with_html_in_it_stays_text(shell):
    html = shell.get("/console/_gallery").text
    assert "&lt;b onclick=&#34;x&#34;&gt;黄&lt;/b&gt;子轩" in html
    assert "<b onclick" not in html


def test_the_menu_lights_the_page_one_is_on(shell):
    html = shell.get("/console/_gallery").text
    assert '<a href="/console/_gallery" aria-current="page">' in html
    assert html.count('class="by-side"') == 1


def test_the_first_phone_page_stays_under_100_kilobytes_over_the_wire(shell):
    page = shell.get("/h5/_gallery")
    linked = re.findall(r'(?:href|src)="(/(?:static|brand)/[^"]+\.(?:css|js|svg)[^"]*)"', page.text)
    assert len(linked) >= 4
    weight = sum(len(gzip.compress(shell.get(address).content)) for address in linked) + len(gzip.compress(page.content))
    assert weight <= 100 * 1024


def test_the_clients_colour_and_name_stand_on_its_phone_pages(shell):
    html = shell.get("/h5/_gallery").text
    assert 'href="/brand/1f5fa8.css"' in html
    assert "青榕实验学校" in html
    assert "由南榕银行提供收款服务" in html


def test_static_files_may_be_kept_for_good_because_their_address_holds_their_content(shell):
    address = re.search(r'"(/static/h5\.css\?v=[0-9a-f]+)"', shell.get("/h5/_gallery").text).group(1)
    answer = shell.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(("status", "says"), [(403, "没有权限"), (404, "没有找到"), (409, "现在不能这样做"), (503, "不要重复支付")])
def test_an_error_page_says_what_happened_and_the_way_out(shell, status, says):
    page = shell.get(f"/wrong/{status}")
    assert page.status_code == status
    assert says in page.text
    assert 'href="/console"' in page.text


def test_a_payers_error_page_leads_back_to_the_client(shell):
    html = shell.get("/h5/qingrong/wrong").text
    assert 'href="/h5/qingrong"' in html
    assert "h5.css" in html


def test_a_sentence_survives_one_redirect_and_is_shown_once(shell):
    answer = shell.post("/console/saved", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/flash")
    assert "已保存 &lt;b&gt;1&lt;/b&gt; 条" in shell.get("/console/flash").text
    assert "已保存" not in shell.get("/console/flash").text


def test_htmx_is_told_where_to_go(shell):
    answer = shell.post("/console/saved", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/console/flash"


def test_a_broken_flash_cookie_is_no_message(shell):
    shell.cookies.set("banyan_flash", "!!!not base64")
    assert shell.get("/console/flash").status_code == 200


def test_forms_carry_the_proof_that_they_are_ours(shell):
    html = shell.get("/console/_gallery").text
    posts = html.count('method="post"')
    assert posts > 3
    carried = re.findall(r'name="_csrf_token" value="([^"]+)"', html)
    assert [proof.unmasked(each) for each in carried] == ["proof"] * posts
