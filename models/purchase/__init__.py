# In: each customer's days with an order, first and last order, as measured; the orders of a sample of the customers.
# Out: grading.purchase.model, the numbers of a company's purchase model, and the probability and dates that follow.
# Add: another model is another method of grading.purchase.model with its own formula in SQL.
from . import mbg_nbd
from . import calibration
from . import purchase_past
from . import res_company
from . import res_config_settings
from . import grading_purchase_model
from . import grading_purchase_prediction
from . import grading_purchase_fit
from . import grading_measure_purchase
