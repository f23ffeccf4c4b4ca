# In: who referred whom, as noted on contacts and leads.
# Out: the referrals of a customer as measures, and the referrer handed on from a lead to the customer it becomes.
# Add: what else is measured of the referred customers goes into grading_measure_referral.py, with its column.
from . import grading_measure_referral
from . import res_partner
from . import crm_lead
