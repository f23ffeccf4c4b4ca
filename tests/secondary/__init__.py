from . import test_rfm_classes
from . import test_segment
from . import test_segment_access
from . import test_segment_tour
