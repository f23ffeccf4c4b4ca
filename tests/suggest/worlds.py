import math

KINDS = ("plain", "interactions", "many names", "missing", "rare", "copies")
NUMBERS = ("size", "visits", "seconds", "noise")


def world(kind, count, rng):
    """Leads that are won by a hidden rule: ``({field: [value]}, [outcome])``.

    Sizes and visits raise the odds by their logarithm, names by effects of their own; a job and *noise* say nothing.
    *Copies* have two fields that repeat others, as naive Bayes likes least.
    """
    names = ("source", "medium", "campaign", "country", "job", "tag", "email")
    values = {name: [] for name in (*names, *NUMBERS)}
    effects = {name: [rng.gauss(0, 0.7) for _value in range(250)] for name in names}
    campaigns, base = (200 if kind == "many names" else 12), (-3.2 if kind == "rare" else -0.6)
    outcomes = []
    for _lead in range(count):
        row = {
            "source": int(8 * rng.random() ** 2),
            "campaign": int(campaigns * rng.random() ** 2),
            "country": int(30 * rng.random() ** 3),
            "job": int(20 * rng.random()),
            "tag": rng.random() < 0.2,
            "email": rng.random() < 0.8,
            "size": round(math.exp(rng.gauss(3, 1.5))),
            "visits": int(rng.expovariate(1 / 4)),
            "seconds": round(rng.expovariate(1 / 300)),
            "noise": rng.random(),
        }
        row["medium"] = row["source"] if kind == "copies" else (row["source"] + rng.randint(0, 1)) % 5
        if kind == "copies":
            row["job"] = row["country"]
        odds = base + effects["source"][row["source"]] + 0.6 * effects["campaign"][row["campaign"]]
        odds += 0.5 * effects["country"][row["country"]] + 0.6 * row["tag"] + 0.4 * row["email"]
        odds += 0.25 * math.log1p(row["seconds"] / 60) + 0.15 * min(row["visits"], 8)
        odds += 0.2 * (math.log(max(1, row["size"])) - 3)
        if kind == "interactions":
            odds += 0.7 if (row["source"] < 3) == (row["seconds"] > 300) else -0.7
        outcomes.append(int(rng.random() < 1 / (1 + math.exp(-odds))))
        for name, value in row.items():
            is_gone = rng.random() < (0.35 if kind == "missing" else 0.03) and name not in ("tag", "email")
            values[name].append((None if name in NUMBERS else False) if is_gone else value)
    return values, outcomes
