from . import test_criterion
from . import test_rfm
