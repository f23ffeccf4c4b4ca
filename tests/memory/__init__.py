from . import test_snapshot
from . import test_snapshot_life
from . import test_backfill
from . import test_moves
from . import test_score_line
from . import test_score_line_tour
