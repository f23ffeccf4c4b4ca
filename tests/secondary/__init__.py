from . import test_rfm_classes
from . import test_segment
from . import test_segment_access
from . import test_segment_backtest
from . import test_segment_preview
from . import test_segment_preview_laws
from . import test_segment_tour
from . import test_segments_shipped
