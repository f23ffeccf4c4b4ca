"""The table that the benchmark prints."""

from clock import say

LINE = "{:<40} {:>10}   {:<28} {:>10} {:>8}   {:<14} {}"


class Table:
    """Measurements beside their floors; a row with an aim is met or missed."""

    def __init__(self):
        self.rows = []
        self.all_met = True

    def add(self, what, ours, beside, floor, sign="", aim=None, unit="s"):
        """Add a row.

        :param str what: what was measured
        :param float ours: its result
        :param str beside: what it is compared with
        :param float floor: the result of that
        :param str sign: ``<=`` or ``>=`` an aim for the ratio, ``growth <=`` one for the difference,
            ``result <=`` one for the result alone; none for no aim
        :param float aim: the aim
        :param str unit: unit of both results
        """
        ratio = ours / floor
        met = {
            "": lambda: True,
            "<=": lambda: ratio <= aim,
            ">=": lambda: ratio >= aim,
            "growth <=": lambda: ours - floor <= aim,
            "result <=": lambda: ours <= aim,
        }[sign]()
        self.all_met &= met
        verdict = "" if aim is None else "ok" if met else "MISSED"
        goal = "" if aim is None else f"{sign} {aim}" + (f" {unit}" if " " in sign else "")
        decimals = 1 if unit == "MB" else 3
        numbers = [f"{number:.{decimals}f} {unit}" for number in (ours, floor)]
        row = (what, numbers[0], beside, numbers[1], f"{ratio:.2f}", goal, verdict)
        self.rows.append(row)
        say(LINE.format(*row).rstrip())  # a benchmark that is stopped has told what it knows

    def __str__(self):
        head = LINE.format("what", "result", "beside", "result", "ratio", "aim", "")
        return "\n".join(["", head, "-" * len(head), *(LINE.format(*row).rstrip() for row in self.rows)])
