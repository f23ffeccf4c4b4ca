from . import test_lifecycle
from . import test_lifecycle_shipped
from . import test_automation
from . import test_life_tour
