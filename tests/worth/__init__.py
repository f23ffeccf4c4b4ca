from . import test_at_risk_tour
from . import test_forecast
from . import test_forecast_run
from . import test_risk
from . import test_spending
