# In: what the judge finds on an earlier day, by any scheme, and what customers bought or leads signed after it.
# Out: grading.backtest and its figures by grade and by tenth of the score, with 95 % intervals.
# Add: a figure is a column of _figures_of() in grading_backtest_sql.py, and a field of grading.backtest.line.
from . import chance
from . import grading_backtest
from . import grading_backtest_line
from . import grading_backtest_rules
from . import grading_backtest_text
from . import grading_backtest_sql
from . import grading_backtest_pair
from . import grading_run
from . import grading_scheme
