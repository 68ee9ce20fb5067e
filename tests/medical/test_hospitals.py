"""The tests' own hospital collects at the sandbox."""

from core.payments.accounts import service as accounts


async def test_the_hospital_collects_at_the_sandbox(platform, hospital):
    async with platform.database.tenant(hospital.id) as session:
        for channel in ("wechatpay", "alipay"):
            assert (await accounts.collecting(session, platform.vault, channel))[1].base_url.startswith("http://127.0.0.1:")
    assert set(hospital.keys) == {"window-sys", "kiosk", "inet", "his"} and len(hospital.patients) == 5
