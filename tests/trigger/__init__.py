from . import test_queue
from . import test_lead_queue
from . import test_lead_contact_queue
from . import test_interaction_queue
from . import test_query_counts
