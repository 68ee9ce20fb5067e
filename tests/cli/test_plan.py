"""`banyan education plan` and `banyan bench --help`: what a person is told who types something that does not exist."""


async def test_a_term_that_nobody_registered_and_nothing_prices_says_so(banyan, client):
    school = await client(kind="school_group")
    answer = await banyan("education", "plan", "--client", school.code, "--term", "2030-2031-1", "--dry-run")
    assert answer.code == 2
    assert "2030-2031-1 没有登记过" in answer.err
    assert answer.out == ""
    registered = await banyan(
        "education", "term", "--client", school.code, "--code", "2030-2031-1", "--starts-on", "2030-09-01", "--ends-on", "2031-01-20"
    )
    assert registered.code == 0, registered.err
    assert (await banyan("education", "plan", "--client", school.code, "--term", "2030-2031-1", "--dry-run")).code == 0


async def test_bench_names_its_figures(banyan):
    answer = await banyan("bench", "--help")
    for figure in ("capture", "hot_account", "publish", "growth", "roster"):
        assert f"  {figure} " in answer.out
