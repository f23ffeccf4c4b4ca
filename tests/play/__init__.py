from . import test_play_start
from . import test_play_steps
from . import test_play_goal
from . import test_play_refused
from . import test_play_security
from . import test_play_hand
from . import test_play_hand_tour
from . import test_play_shipped
