from . import grading_profile_override
from . import grading_history
from . import grading_profile_explanation
from . import grading_graded_mixin
from . import res_partner
from . import crm_lead
