from . import grading_measure_referral
from . import res_partner
from . import crm_lead
