"""The columns of a patient file, and the words its choices allow."""

from core.imports.tables import Column

PATIENT_NO = Column("patient_no", "患者编号*")
NAME = Column("name", "姓名*")
ID_TYPE = Column("id_type", "证件类型")
ID_NO = Column("id_no", "证件号码")
GENDER = Column("gender", "性别")
BIRTH_ON = Column("birth_on", "出生日期")
PHONE = Column("phone", "手机号")
INSURANCE = Column("insurance", "医保类型")
PSN_NO = Column("psn_no", "医保人员编号")
VISIT_CARD = Column("visit_card", "就诊卡号")
SOCIAL_CARD = Column("social_card", "社保卡号")
HEALTH_CARD = Column("health_card", "电子健康卡号")
COLUMNS = (PATIENT_NO, NAME, ID_TYPE, ID_NO, GENDER, BIRTH_ON, PHONE, INSURANCE, PSN_NO, VISIT_CARD, SOCIAL_CARD, HEALTH_CARD)
"""In the order of the template."""

CARDS = {VISIT_CARD: "就诊卡", SOCIAL_CARD: "社保卡", HEALTH_CARD: "电子健康卡"}
CARD_KINDS = tuple(CARDS.values())
RESIDENT_ID = "居民身份证"
ID_TYPES = (RESIDENT_ID, "护照", "港澳居民来往内地通行证", "台湾居民来往大陆通行证", "出生医学证明")
GENDERS = ("男", "女")
INSURANCE_WORDS = {"职工医保": "employee", "居民医保": "resident", "自费": "self"}
