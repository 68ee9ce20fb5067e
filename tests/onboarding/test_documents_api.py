"""Documents of a case, handed in, opened and taken out by programs."""

from tests.onboarding.conftest import PDF


async def test_a_document_is_added_opened_by_both_houses_and_taken_out(desk):
    case_id = await desk.begin()
    path = f"/api/v1/onboarding-cases/{case_id}/documents"
    answer = await desk.maker.post(path, data={"kind": "business_licence"}, files={"file": ("执照.pdf", PDF, "application/pdf")})
    assert answer.status_code == 201, answer.text
    (document,) = answer.json()["documents"]
    assert (await desk.maker.get(f"{path}/{document['id']}")).content == PDF
    theirs = f"/api/v1/clients/{desk.client.id}/onboarding-cases/{case_id}/documents/{document['id']}"
    opened = await desk.branch.get(theirs)
    assert opened.content == PDF
    assert "attachment" in opened.headers["content-disposition"]
    assert (await desk.maker.delete(f"{path}/{document['id']}")).status_code == 204
    assert (await desk.maker.get(f"{path}/{document['id']}")).status_code == 404


async def test_what_is_no_document_and_who_may_not_are_refused(desk, staff, client):
    case_id = await desk.begin()
    path = f"/api/v1/onboarding-cases/{case_id}/documents"
    wrong = await desk.maker.post(path, data={"kind": "business_licence"}, files={"file": ("执照.pdf", b"MZ", "application/pdf")})
    assert (wrong.status_code, wrong.headers["content-type"].split(";")[0]) == (422, "application/problem+json")
    assert (await desk.maker.post(path, data={"kind": "secret"}, files={"file": ("a.pdf", PDF, "application/pdf")})).status_code == 422
    reader = await staff(desk.client.id, "tenancy.merchant.read")
    assert (await reader.post(path, data={"kind": "permit"}, files={"file": ("a.pdf", PDF, "application/pdf")})).status_code == 403
    stranger = await staff(await client(), "onboarding.case.manage", "tenancy.merchant.read")
    assert (await stranger.post(path, data={"kind": "permit"}, files={"file": ("a.pdf", PDF, "application/pdf")})).status_code == 404
