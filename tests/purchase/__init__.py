from . import test_purchase_fit
from . import test_purchase_learning
from . import test_purchase_calibration
from . import test_purchase_model
from . import test_purchase_past
from . import test_purchase_probability
from . import test_purchase_chance
