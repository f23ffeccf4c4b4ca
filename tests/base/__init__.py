from . import test_access
from . import test_security
from . import test_bad_input
from . import test_behind_profile
