# Owners and the public pool. In: grades, next contacts and the teams' settings.
# Out: the salesperson of customers and leads, grading.ownership (log of changes), grading.pool (what can be claimed).
# Add: a step of the daily job in GradingOwnership._steps; a rule of the team in crm_team.py.
from . import crm_team
from . import ir_ui_menu
from . import grading_ownership
from . import grading_ownership_assign
from . import grading_ownership_pool
from . import grading_pool
from . import grading_owned_mixin
from . import res_partner
from . import crm_lead
