# In: what managers save on the screens of rules, and Odoo's own onboarding of a company.
# Out: the panel of first steps above *Customers*, for each company until all are done or the panel is closed.
# Add here: a step (a record in data/onboarding_data.xml, a method that opens it, a save that marks it as done).
from . import onboarding_onboarding
from . import onboarding_onboarding_step
from . import res_company
from . import crm_team
from . import grading_rules
