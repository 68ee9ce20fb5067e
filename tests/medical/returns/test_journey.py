"""From a vendor's order to HIS and back: placed and returned through the API, paid by the channel, HIS and the insurer told at each step."""

from core.payments.service import settle
from tests import trade
from tests.medical.orders.places import API, body, headers

RETURNS = "/api/v1/medical/returns"


async def test_an_order_is_placed_paid_posted_and_given_back(house, web):
    kiosk = house.hospital.keys["kiosk"]
    placed = await web.post(API, json=body(scene="selfservice", vendor_order_no="V1"), headers=headers(kiosk))
    assert placed.status_code == 201, placed.text
    number = placed.json()["number"]
    order = await house.read(number)
    trade_number = await trade.order(house.platform, house.hospital.trade, [(order.bill_id, order.cash_fen)])
    await settle(house.platform, house.id, house.hospital.trade.account, trade.success(trade_number, order.cash_fen))
    await house.hurry(2)
    posted = await house.read(number)
    assert (posted.status, posted.his_serial) == ("posted", (await house.booked(number))[0]["serial"])
    ask = {"his_refund_no": "TY1", "order_number": number, "patient_no": "P0001", "cash_fen": 7_456, "reason": "退药"}
    made = await web.post(RETURNS, json=ask, headers=kiosk.headers)
    assert (made.status_code, made.json()["insurance"], made.json()["refund_status"]) == (201, "settled", "requested")
    (refund,) = await house.rows("SELECT id FROM core.refund")
    await house.agree(refund.id)
    await house.hurry(5)
    done = (await web.get(f"{RETURNS}/{made.json()['number']}", headers=kiosk.headers)).json()
    assert (done["status"], done["insurance"], done["told_at"] is not None) == ("done", "reversed", True)
    assert (await house.read(number)).status == "refunded"
    assert [(each["kind"], each["state"]) for each in reversed(await house.booked())] == [("payment", "posted"), ("reversal", "posted"), ("refund", "posted")]
    assert await trade.faults(house.platform, house.id) == {}
