-- One step of the search for the days after which a customer declines and is lost: both move on by {step} where the
-- probability to buy is not too low even then.
    SELECT orders, days, shape, leaving, scale, decline_below, lost_below,
           decline_days + CASE WHEN
               (1 - EXP(-LEAST(600, shape * LN(1 + %(horizon)s / (scale + decline_days + {step})))))
               / (1 + EXP(LEAST(600, leaving + shape * LN(1 + (decline_days + {step}) / scale)))) >= decline_below
               THEN {step} ELSE 0 END AS decline_days,
           lost_days + CASE WHEN
               (1 - EXP(-LEAST(600, shape * LN(1 + %(horizon)s / (scale + lost_days + {step})))))
               / (1 + EXP(LEAST(600, leaving + shape * LN(1 + (lost_days + {step}) / scale)))) >= lost_below
               THEN {step} ELSE 0 END AS lost_days
      FROM {found} AS found
