# In: documents of contacts and leads (orders, invoices, messages, meetings, cards), as Odoo's other apps keep them.
# Out: grading.measure: what there is to measure, and for each source of measures a SELECT with a row for each subject.
# Add: a measure is one file: its column on grading.profile, its description and its source; see docs/extending.md.
from . import grading_measure
from . import grading_decay
from . import grading_measure_currency
from . import grading_measure_document
from . import grading_measure_once
from . import grading_measure_order
from . import grading_measure_window
from . import grading_measure_purchase_pattern
from . import grading_measure_ticket
from . import grading_measure_payment
from . import grading_measure_partner
from . import grading_measure_lead
from . import grading_measure_room
from . import res_partner
from . import grading_interaction
from . import grading_interaction_arrival
from . import grading_interaction_meeting
from . import grading_measure_interaction
