from . import test_override
from . import test_explanation
from . import test_lead_override
from . import test_lead_security
