-- The calibrated log-odds that a customer buys within the horizon, {days} days after the last order.
(level + %(model_odds)s::float8 * (
     LN(GREATEST(1 - EXP(-LEAST(600, shape * LN(1 + %(horizon)s / (scale + {days})))), 1e-300))
     - LN(CASE WHEN %(model_a)s::float8 > 0 THEN EXP(LEAST(600, leaving + shape * LN(1 + {days} / scale))) ELSE 0 END
          + EXP(-LEAST(600, shape * LN(1 + %(horizon)s / (scale + {days}))))))
 - %(model_silence)s::float8 * LN(1 + {days} * shape / scale))
