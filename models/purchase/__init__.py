# In: each customer's days with an order, first and last order, as measured.
# Out: grading.purchase.model, the numbers of a company's purchase model, and the probability and dates that follow.
# Add: another model is another method of grading.purchase.model with its own formula in SQL.
from . import mbg_nbd
from . import grading_purchase_model
from . import grading_measure_purchase
