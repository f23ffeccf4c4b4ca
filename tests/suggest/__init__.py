from . import test_points
from . import test_groups
from . import test_tree
from . import test_suggest_leads
from . import test_suggest_customers
from . import test_suggest_draft
from . import test_suggest_refused
from . import test_suggest_tour
