from . import test_analysis
from . import test_effort
from . import test_effort_plan
from . import test_effort_security
from . import test_effort_share
from . import test_movement
from . import test_movement_tour
from . import test_play_effect
