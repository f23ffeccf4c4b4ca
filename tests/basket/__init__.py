from . import test_basket_oracle
from . import test_basket_rule
from . import test_basket_line
from . import test_basket_suggest
from . import test_basket_feedback
from . import test_basket_tour
