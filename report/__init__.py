# In: the interactions with customers and leads, the contacts that were due, the grades and their shares of the selling
# time, the snapshots of months, the starts of plays; what customers buy and pay, as the measures define it; leads,
# complaints and referrals.
# Out: models without a table for pivot, graph and list.
# Add: a report is a model with a query (_table_query) and its views in views/report/.
from . import grading_effort_mixin
from . import grading_figures_report_mixin
from . import grading_care_report
from . import grading_effort_report
from . import grading_effort_share
from . import grading_effort_plan
from . import grading_movement
from . import grading_play_effect
from . import grading_revenue_report
from . import grading_payment_report
from . import grading_retention_report
from . import grading_cohort_report
from . import grading_pareto_report
from . import grading_forecast_report
from . import grading_lead_report
from . import grading_complaint_report
from . import grading_referral_report
from . import sale_report
from . import account_invoice_report
from . import crm_activity_report
from . import report_pos_order
