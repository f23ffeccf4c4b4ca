from . import test_override
from . import test_override_import
from . import test_company_of_record
from . import test_explanation
from . import test_lead_override
from . import test_lead_security
from . import test_history
