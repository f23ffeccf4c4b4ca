# In: the scores and grades that a run has written to grading.profile, and the overrides that people enter.
# Out: grade, score, explanation and history as fields and buttons of contacts and leads.
# Add: a sentence of the explanation, a section at a glance, a figure of the profile shown on contacts or leads.
from . import grading_profile_override
from . import grading_profile_aside
from . import grading_history
from . import grading_history_reason
from . import grading_profile_explanation
from . import grading_graded_mixin
from . import grading_profile_glance
from . import grading_profile_glance_next
from . import grading_profile_glance_purchases
from . import grading_customer_document_mixin
from . import grading_analysis_mixin
from . import base
from . import res_partner
from . import crm_lead
from . import sale_order
from . import account_move
