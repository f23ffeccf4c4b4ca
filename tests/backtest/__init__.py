from . import test_chance
from . import test_backtest
from . import test_backtest_oracle
from . import test_backtest_kept
from . import test_backtest_leads
from . import test_backtest_refused
from . import test_backtest_tour
