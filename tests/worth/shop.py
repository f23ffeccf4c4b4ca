import math
import random

# Days from the epoch of recency-weighted sales; any will do.
TODAY = 9000
DECAY = math.log(2) / 90


def shop(
    seed, count=800, years=3, interval=60, leaving=0.15, spread=0.8, come=lambda rnd: rnd.random(), season=0.0, until=0
):
    """The purchases of customers who come one after the other, buy at random, each at a pace and for amounts of their
    own, and leave after some order: ``[(weight, days, amounts, orders)]``, until ``until`` days after ``TODAY``.

    :param come: when a customer comes, as a share of the years
    :param float season: by how much more is bought in the best days of a year than on average, and less in the worst
    """
    rnd = random.Random(seed)
    customers = []
    for _customer in range(count):
        begin = TODAY - 365 * years
        now = begin + come(rnd) * 365 * years
        pace, amount = interval * math.exp(rnd.gauss(0, 0.6)), math.exp(4 + rnd.gauss(0, spread))
        bought = {}
        while now < TODAY + until:
            if rnd.random() * (1 + season) <= 1 + season * math.cos(2 * math.pi * now / 365):
                bought[int(now)] = amount * math.exp(rnd.gauss(0, 0.5))
                if rnd.random() < leaving:
                    break
            now += rnd.expovariate(1 / pace) / (1 + season)
        if bought:
            days = sorted(bought)
            customers.append((1.0, days, [bought[day] for day in days], [1] * len(days)))
    return customers
