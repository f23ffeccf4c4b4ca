from . import test_access
from . import test_security
from . import test_world
from . import test_bad_input
from . import test_figures_rpc
from . import test_related_to_profile
from . import test_rule_cache
from . import test_layout
