from . import test_basket_oracle
from . import test_basket_rule
from . import test_basket_line
