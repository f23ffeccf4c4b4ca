"""What one of the people at work does: opens pages and saves, one after the other, and remembers each override."""

import json
import random
import threading
import time
from collections import Counter, defaultdict

from client import CallError, Client
from servers import ROOT, percentile

BOARD = json.loads((ROOT / "data" / "files" / "grading_dashboard.json").read_text())
PAGE = 80
# What each session does, and how often beside the others.
WEIGHTS = {
    "kanban": 3,
    "list": 2,
    "due": 2,
    "customer": 4,
    "overview": 1,
    "edit a contact": 4,
    "override": 2,
    "confirm an order": 2,
    "cancel an order": 1,
    "post an invoice": 1,
    "log a note": 3,
    "mark done": 2,
}
PAGES = ("kanban", "list", "due", "customer", "overview")
GRADED = [["grading_profile_id", "!=", False], "|", ["is_company", "=", True], ["parent_id", "=", False]]
CARD = ("display_name", "grading_grade_id", "grading_score", "grading_lifecycle_id", "grading_order_amount_12m")
# Contacts that all sessions edit, so that they meet each other and the run.
SHARED = 40


class Notes:
    """What all sessions note: seconds by page and turn, refusals, failures, and the last override of each customer."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seconds = defaultdict(list)  # {(what, turn): [seconds]}
        self.sentences, self.failures, self.counts = Counter(), [], Counter()
        self.overrides = {}  # {partner: (grade, reason)}
        self.turn = "without"

    def p95(self, what, turn):
        """95 of 100 were faster."""
        return percentile(self.seconds[what, turn], 0.95)


class Person(threading.Thread):
    """One session: an own user, customers of its own to override, and those that all edit."""

    def __init__(self, place, port, database, login, world, notes, over, think):
        super().__init__(daemon=True, name=login)
        self._client = lambda: Client(port, database, login, login)
        self._world, self._notes, self._over, self._think = world, notes, over, think
        self._random = random.Random(place)
        self._own = world["partners"][SHARED:][place :: world["sessions"]]
        self._orders = []

    def run(self):
        self._client = self._client()
        kinds, weights = zip(*WEIGHTS.items(), strict=True)
        self._over.wait(self._random.uniform(0, self._think))
        while not self._over.is_set():
            self._do(self._random.choices(kinds, weights)[0])
            self._over.wait(self._random.uniform(0.5, 1.5) * self._think)

    def _do(self, what):
        notes, turn, begun = self._notes, self._notes.turn, time.monotonic()
        try:
            getattr(self, "_" + what.replace(" ", "_"))()
        except CallError as error:
            with notes.lock:
                if error.is_sentence:
                    notes.sentences[f"{what}: {str(error)[:120]}"] += 1
                else:
                    notes.failures.append(f"{what} ({turn}): {error}")
            return
        except Exception as error:  # noqa: BLE001 - a session that ends silently would hide what it has met
            with notes.lock:
                notes.failures.append(f"{what} ({turn}): {error!r}")
            return
        with notes.lock:
            notes.counts[what] += 1
            if notes.turn == turn:
                notes.seconds[what, turn].append(time.monotonic() - begun)

    # ------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------

    def _call(self, *args, **kwargs):
        return self._client.call(*args, **kwargs)

    def _kanban(self):
        self._call(
            "res.partner", "web_read_group", domain=GRADED, groupby=["grading_grade_id"],
            aggregates=["grading_business_amount:sum"], order="grading_score desc", auto_unfold=True,
            unfold_read_specification={name: {} for name in CARD}, unfold_read_default_limit=40,
            context={"read_group_expand": True},
        )  # fmt: skip

    def _list(self):
        specification = {name: {} for name in CARD}
        self._call(
            "res.partner", "web_search_read", domain=GRADED, specification=specification, limit=PAGE,
            order="grading_score desc", count_limit=10001,
        )  # fmt: skip

    def _due(self):
        self._cares()

    def _cares(self):
        names = ("partner_id", "lead_id", "next_date", "channel", "user_id")
        found = self._call(
            "grading.care", "web_search_read", domain=[["next_date", "!=", False]],
            specification={name: {} for name in names}, limit=PAGE,
        )  # fmt: skip
        return found["records"]

    def _customer(self):
        partner = self._any()
        self._call("res.partner", "web_read", [partner], self._world["form"])
        self._call("res.partner", "grading_glance", [partner])

    def _overview(self):
        for pivot in BOARD["pivots"].values():
            groups = [
                group["fieldName"] + (f":{group['granularity']}" if group.get("granularity") else "")
                for group in (*pivot["rows"], *pivot["columns"])
            ]
            self._call(pivot["model"], "formatted_read_group", pivot["domain"], groups, ["__count"])

    # ------------------------------------------------------------
    # Saves
    # ------------------------------------------------------------

    def _any(self):
        shared = self._random.random() < 0.4
        return self._random.choice(self._world["partners"][:SHARED] if shared else self._own)

    def _edit_a_contact(self):
        values = {"phone": f"+32 {self._random.randrange(10**8)}", "comment": f"<p>Seen {time.time():.0f}</p>"}
        self._call("res.partner", "web_save", [self._any()], values, {"phone": {}})

    def _override(self):
        partner, grade = self._random.choice(self._own), self._random.choice(self._world["grades"])
        reason = f"{self.name} {time.time():.3f}"
        values = {"partner_ids": [[6, 0, [partner]]], "grade_id": grade, "reason": reason}
        [wizard] = self._call("grading.override", "web_save", [], values, {"grade_id": {}})
        self._call("grading.override", "action_confirm", [wizard["id"]])
        with self._notes.lock:
            self._notes.overrides[partner] = (grade, reason)

    def _confirm_an_order(self):
        line = {"product_id": self._world["product"], "product_uom_qty": self._random.randint(1, 9), "price_unit": 100}
        values = {"partner_id": self._any(), "order_line": [[0, 0, line]]}
        [order] = self._call("sale.order", "web_save", [], values, {"state": {}})
        self._call("sale.order", "action_confirm", [order["id"]])
        self._orders.append(order["id"])

    def _cancel_an_order(self):
        if self._orders:
            self._call("sale.order", "action_cancel", [self._orders.pop()])

    def _post_an_invoice(self):
        line = {"name": "Advice", "quantity": 1, "price_unit": 70, "tax_ids": [[6, 0, []]]}
        values = {"move_type": "out_invoice", "partner_id": self._any(), "invoice_line_ids": [[0, 0, line]]}
        [move] = self._call("account.move", "web_save", [], values, {"state": {}})
        self._call("account.move", "action_post", [move["id"]])

    def _log_a_note(self):
        self._call("res.partner", "message_post", [self._any()], body=f"Spoke at {time.time():.0f}")

    def _mark_done(self):
        if cares := self._cares():
            care = self._random.choice(cares)["id"]
            values = {"care_ids": [[6, 0, [care]]], "feedback": "All well"}
            [wizard] = self._call("grading.care.done", "web_save", [], values, {"feedback": {}})
            self._call("grading.care.done", "action_confirm", [wizard["id"]])
