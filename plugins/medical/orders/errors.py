"""What orders refuse; the API answers with the code and the message, the window reads the message."""

from core.errors import Conflict, InvalidRequest, NotFound, NotPermitted


class OrderNotFound(NotFound):
    code = "MED_ORDER_NOT_FOUND"
    message = "没有找到这张诊疗订单，请核对单号"


class OrderDiffers(Conflict):
    code = "MED_ORDER_DIFFERS"
    message = "单号 {number} 已经提交过，这次的{fields}与上次不同；内容有变请撤销原单后用新单号提交"


class ItemsDiffer(InvalidRequest):
    code = "ITEMS_DIFFER"
    message = "明细合计 {items} 元与总额 {total} 元不一致，相差 {difference} 元"


class InsuranceDiffers(InvalidRequest):
    code = "INSURANCE_DIFFERS"
    message = "医保 medfee_sumamt {fee} 元与订单总额 {total} 元不一致"


class InsuranceNotHere(InvalidRequest):
    code = "INSURANCE_NOT_HERE"
    message = "预交金和出院补缴不带医保分账，请去掉 insurance"


class BadOrderAmount(InvalidRequest):
    code = "BAD_ORDER_AMOUNT"
    message = "金额应大于 0，明细金额不能为负，请核对"


class BadQuantity(InvalidRequest):
    code = "BAD_QUANTITY"
    message = "quantity 数量应大于 0、不超过 1000000，最多六位小数，请核对"


class CategoryUnknown(InvalidRequest):
    code = "CATEGORY_UNKNOWN"
    message = "费用类别“{category}”不在本院目录内，请使用：{known}"


class VisitOfAnother(InvalidRequest):
    code = "VISIT_OF_ANOTHER"
    message = "就诊 {visit_no} 不是这名患者的，请核对就诊号与患者编号"


class SceneNotYours(NotPermitted):
    code = "SCENE_NOT_YOURS"
    message = "接入厂商未开通这个场景，请联系医院信息科"


class VendorNumberMissing(InvalidRequest):
    code = "VENDOR_NUMBER_NOT_YOURS"
    message = "vendor_order_no 只由接入厂商填写"


class MerchantMissing(Conflict):
    code = "MED_MERCHANT_MISSING"
    message = "没有名为 {code} 的收款商户，请在收款设置中添加后再试"


class NothingInCash(Conflict):
    code = "NOTHING_IN_CASH"
    message = "这张订单没有现金部分，无需支付"


class PayerNeeded(InvalidRequest):
    code = "PAYER_NEEDED"
    message = "scene 为 {scene} 时须填写 {field}，其他场景不填"
