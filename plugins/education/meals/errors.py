"""What the canteen's book of meal days refuses."""

from core.errors import Conflict, InvalidRequest


class MealsWrong(InvalidRequest):
    """`facts["field"]` names the field to mend, `facts["fault"]` the word that imports use for it."""

    code = "MEALS_WRONG"
    message = "{why}"


class MealsBilled(Conflict):
    code = "MEALS_BILLED"
    message = "{student_no} {month} 的用餐天数已经出账，不能修改；请先作废账单，或在下个月更正"
