"""Every page and address of the plugin, and its lines in the console's menu."""

from core.hookspecs import MenuItem
from core.web.i18n import N_
from plugins.education.dormitory import api as dormitory_api
from plugins.education.dormitory import console as dormitory
from plugins.education.meals import api as meals_api
from plugins.education.meals import console as meals
from plugins.education.organisation import console as organisation
from plugins.education.plans import api as plans_api
from plugins.education.plans import console as plans
from plugins.education.plans import imported_api, templates_api, templates_console, trial_console
from plugins.education.roster import api as roster_api
from plugins.education.roster import console as roster
from plugins.education.standards import api as standards_api
from plugins.education.standards import console as standards
from plugins.education.standards import discounts_console, grants_console, items_console
from plugins.education.terms import api as terms_api
from plugins.education.terms import console as terms

SCHOOL = N_("学校收费")
PAGES = (organisation, roster, standards, items_console, discounts_console, grants_console, terms, plans, templates_console, trial_console, dormitory, meals)
APIS = (roster_api, standards_api, terms_api, plans_api, imported_api, templates_api, dormitory_api, meals_api)
ROUTES = [route for face in (*PAGES, *APIS) for route in face.ROUTES]
MENU = (
    MenuItem(SCHOOL, N_("收费批次"), "/console/education/plans", "education.plan.read", "file-invoice", 200),
    MenuItem(SCHOOL, N_("收费标准"), "/console/education/standards", "education.standard.read", "list-details", 210),
    MenuItem(SCHOOL, N_("优惠申请"), "/console/education/grants", "education.student.read", "discount", 220),
    MenuItem(SCHOOL, N_("学生"), "/console/education/students", "education.student.read", "school", 230),
    MenuItem(SCHOOL, N_("校区与班级"), "/console/education/organisation", "education.student.read", "sitemap", 240),
    MenuItem(SCHOOL, N_("学期"), "/console/education/terms", "education.plan.read", "calendar", 250),
    MenuItem(SCHOOL, N_("宿舍"), "/console/education/dormitory", "education.dorm.read", "bed", 260),
    MenuItem(SCHOOL, N_("用餐天数"), "/console/education/meals", "education.meal.read", "tools-kitchen-2", 270),
)
