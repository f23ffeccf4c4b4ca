# In: what each customer has bought, as measured; what those who stood at the same place a horizon ago bought since.
# Out: grading.forecast, what a company has learned of it; expected_amount and amount_at_risk of each customer.
# Add: another figure of the outlook is a column of the forecast's select and of GradingProfile in its measure's file.
from . import spending_past
from . import spending
from . import res_company
from . import res_config_settings
from . import grading_forecast
from . import grading_forecast_sql
from . import grading_forecast_fit
from . import grading_measure_worth
from . import grading_profile_risk
from . import res_partner
