-- One step of the search for the days after which a customer declines and is lost: both move on by {step} where the
-- probability to buy is not too low even then.
    SELECT orders, days, shape, leaving, scale, level, decline_below, lost_below,
           decline_days + CASE WHEN {odds_decline} >= decline_below THEN {step} ELSE 0 END AS decline_days,
           lost_days + CASE WHEN {odds_lost} >= lost_below THEN {step} ELSE 0 END AS lost_days
      FROM {found} AS found
