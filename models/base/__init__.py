# In: nothing but Odoo. What every room needs: the profile's core, domains that compile to SQL, jobs in batches.
# Out: grading.profile, mixins for rules, jobs and visibility, fields that follow the profile, the company's settings.
# Add here: what at least two rooms need. A measured column goes with its measure, a button with its room.
from . import context
from . import numbers
from . import guarded
from . import optional
from . import subject
from . import fields
from . import grading_job_mixin
from . import grading_text_mixin
from . import mail_activity
from . import grading_input_mixin
from . import grading_shared_mixin
from . import grading_filter_reach
from . import grading_domain_mixin
from . import grading_figures_access_mixin
from . import grading_prospect_access_mixin
from . import grading_lead_access_mixin
from . import grading_learned_mixin
from . import grading_amount_sum_mixin
from . import grading_profile
from . import ir_http
from . import ir_module_module
from . import res_company
from . import res_config_settings
from . import res_users
