from . import test_security
from . import test_bad_input
from . import test_behind_profile
from . import test_rule_cache
