from . import test_purchase_fit
from . import test_purchase_model
from . import test_purchase_probability
