# In: saves of Odoo's own records that measures or rules read: orders, invoices, tickets, rates, leads, contacts,
#     messages, meetings, ratings.
# Out: requests for a new score in grading.queue, written once at the end of the transaction; nothing is scored here.
# Add: a file named after the core model, with a method that names the fields that matter (_grading_…_fields).
from . import mail_message
from . import mail_activity
from . import res_partner
from . import res_users
from . import crm_lead
from . import crm_stage
from . import sale_order
from . import account_move
from . import account_partial_reconcile
from . import portal_mixin
from . import rating_rating
from . import res_currency_rate
from . import calendar_event
from . import calendar_attendee
