# The measure: what is known of each customer
from . import grading_measure

# The action of a stage: what happens when customers enter it
from . import grading_lifecycle
