from . import mbg_nbd
from . import grading_purchase_model
from . import grading_measure_purchase
