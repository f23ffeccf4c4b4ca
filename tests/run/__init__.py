from . import test_oracle
from . import test_laws
from . import test_lead_run
from . import test_prospect
from . import test_first_order
from . import test_lead_oracle
from . import test_lead_laws
from . import test_lead_bad_input
