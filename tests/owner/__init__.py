from . import test_owner_assign
from . import test_owner_pool
from . import test_owner_warning
from . import test_owner_claim
from . import test_owner_hand
from . import test_owner_tour
from . import test_owner_race
