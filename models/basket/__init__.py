# In: the lines of confirmed orders and of paid tickets, and what stands on a quotation.
# Out: grading.basket.rule, what is bought together, and the products that a quotation and a customer's page suggest.
# Add: a further document is a SELECT in grading.basket.line; another place for suggestions calls _suggest of the rules.
from . import res_company
from . import res_config_settings
from . import grading_basket_line
from . import grading_basket_line_ticket
from . import grading_basket_itemset
from . import grading_basket_run
from . import grading_basket_rule
from . import product_product
from . import product_category
from . import grading_basket_suggest
from . import grading_basket_suggestion
from . import sale_order
from . import grading_run
from . import grading_profile
