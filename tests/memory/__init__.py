from . import test_snapshot
from . import test_score_line
from . import test_score_line_tour
