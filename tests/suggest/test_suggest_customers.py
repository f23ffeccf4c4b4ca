import ast
import random
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ...models.suggest import grading_suggestion_groups, grading_suggestion_points
from ...models.suggest.points import Criterion, Scorecard
from ..common import GradingCase


class SuggestCase(GradingCase):
    """Three kinds of customers: those who buy often, those who buy rarely and much, and those who have gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.scheme()
        cls.today = cls.company._grading_today()
        rng = random.Random(3)
        cls.customers = cls.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(330)])
        rows = []
        for place, partner in enumerate(cls.customers):
            kind = place % 3
            pace, amount = ((12, 20), (110, 900), (60, 60))[kind]
            day = cls.today - timedelta(days=1500 - rng.randint(0, 60))
            # Those of the third kind leave sooner or later.
            end = cls.today - timedelta(days=rng.randint(-300, 1200)) if kind == 2 else cls.today
            while day < min(end, cls.today):
                rows.append((partner.id, day, round(amount * rng.uniform(0.7, 1.4), 2), 1, "sale"))
                day += timedelta(days=1 + int(rng.expovariate(1 / pace)))
        cls.insert_orders(rows)

    def learned(self, **vals):
        suggestion = self.env["grading.suggestion"].create(vals)
        suggestion.action_learn()
        self.assertEqual(suggestion.state, "done", suggestion.message)
        return suggestion


@tagged("post_install", "-at_install")
class TestSuggestFromCustomers(SuggestCase):
    """Points for customers: learned from one day, tried on a later one."""

    def test_worth_is_told_by_what_was_bought(self):
        suggestion = self.learned(target="worth")
        self.assertTrue(suggestion.line_ids)
        self.assertLessEqual(len(suggestion.line_ids), 8)
        measures = {line.values.get("measure") or "" for line in suggestion.line_ids}
        self.assertTrue([name for name in measures if "order_amount" in name], measures)
        self.assertIn("By the suggestion, a customer who bought more stands before", suggestion.report)
        self.assertRegex(suggestion.report, r"Of the \d+ customers whom the present rules grade, it is [\d.]+ of 100")
        draft = self.env["grading.scheme"].browse(suggestion.action_open_draft()["res_id"])
        draft._check_usable()
        test = self.env["grading.backtest"].create({"scheme_id": draft.id, "other_scheme_id": self.rules.id})
        test.action_run()
        self.assertEqual(test.state, "done", test.message)

    def of_a_scheme(self):
        """Some of the customers, and the scheme that grades them."""
        some = self.customers[: len(self.customers) // 2]
        some.function = "Buyer"
        return some, self.scheme(name="Buyers", domain="[('partner_id.function', '=', 'Buyer')]", sequence=1)

    def learned_from(self, **vals):
        """The customers that are learned from, of both days."""
        Suggestion, customers = self.env.registry["grading.suggestion"], []
        take = Suggestion._judged_rows

        def noting(*args):
            rows = take(*args)
            customers.append(self.env["res.partner"].browse(rows[0]))
            return rows

        with patch.object(Suggestion, "_judged_rows", noting), patch.object(grading_suggestion_points, "FEWEST", 40):
            self.learned(target="worth", **vals)
        self.assertEqual(len(customers), 2)
        return customers

    def test_learned_is_from_those_whom_the_scheme_grades_that_is_chosen(self):
        some, scheme = self.of_a_scheme()
        for chosen, ones in ((scheme, some), (self.rules, self.customers - some)):
            for customers in self.learned_from(scheme_id=chosen.id):
                self.assertTrue(customers)
                self.assertFalse(customers - ones)
        for customers in self.learned_from():
            self.assertTrue(customers & some and customers - some)

    def test_a_scheme_that_is_not_in_use_is_judged_by_as_if_it_were(self):
        _some, scheme = self.of_a_scheme()
        in_use = self.learned_from(scheme_id=scheme.id)
        scheme.write({"active": False, "sequence": 99})
        self.assertEqual(self.learned_from(scheme_id=scheme.id), in_use)

    def test_nothing_later_than_what_was_asked_for_changes_it(self):
        before = self.learned(target="worth", months=6)
        last = before._latest_day()
        rows = [(partner.id, self.today, 5000, 1, "sale") for partner in self.customers[::2]]
        self.assertLess(last + timedelta(days=150), self.today)
        self.insert_orders(rows)
        after = self.learned(target="worth", months=6)
        self.assertEqual((after.result, after.report), (before.result, before.report))

    def test_nothing_that_people_enter_after_the_day_changes_it(self):
        """Of those who buy on, which is what they learn by."""
        before = self.learned(target="worth", months=6)
        some = self.customers[::3]
        some.write({"annual_budget": 90000, "brand_contribution": "celebrity"})
        self.customers[1::3].referred_by_id = some[0]
        leads = self.env["crm.lead"].create(
            [self.lead_values(partner.name, partner_id=partner.id, expected_revenue=9000) for partner in some]
        )
        leads.action_set_won()
        after = self.learned(target="worth", months=6)
        self.assertEqual((after.result, after.report), (before.result, before.report))

    def offered(self, **vals):
        """What points are learned from: ``{field: [value of each customer]}``"""
        found, learn = [], grading_suggestion_points.learn

        def noting(fields, values, *args):
            found.append(values)
            return learn(fields, values, *args)

        with patch.object(grading_suggestion_points, "learn", noting):
            suggestion = self.learned(target="worth", months=6, **vals)
        [values] = found
        return values, suggestion

    def long_known(self):
        """Contacts and tags that were last changed before the days, half of the contacts with each of two tags."""
        tags = self.env["res.partner.category"].create([{"name": "Club"}, {"name": "By rule"}])
        rng = random.Random(1)
        for partner in self.customers:
            partner.category_id = tags.filtered(lambda tag: rng.random() < 0.5)
        state = self.env.ref("base.state_us_5")
        self.customers[::2].write({"state_id": state.id, "function": "Buyer"})
        self.env.flush_all()
        self.force(tags, write_date="2015-01-01")
        self.force(self.customers, write_date="2015-01-01")
        return tags

    def test_what_contacts_were_before_the_day_is_offered_with_state_and_tags(self):
        club, by_rule = self.long_known()
        self.env["grading.tag.rule"].create({"name": "Rule", "category_id": by_rule.id, "active": False})
        values, _suggestion = self.offered()
        self.assertLessEqual(
            {"country_id", "state_id", "industry_id", "function", f"contact_tag:{club.id}"}, set(values)
        )
        self.assertNotIn(f"contact_tag:{by_rule.id}", values)
        self.assertGreater(sum(values[f"contact_tag:{club.id}"]), 100)

    def test_what_contacts_get_after_the_day_is_not_learned_from(self):
        """Of those who buy on: a tag, a job and a state are entered, which would tell how well things went."""
        club, _other = self.long_known()
        known, before = self.offered()
        well = self.customers[::3]
        well.write({"category_id": [(4, club.id)], "function": "Chief", "state_id": self.env.ref("base.state_us_6").id})
        values, after = self.offered()
        self.assertEqual({*known} - {*values}, {"state_id", "function", f"contact_tag:{club.id}"})
        self.assertFalse([name for name in values if values[name] != known[name]])
        names = set(after.line_ids.mapped("name"))
        self.assertFalse(names & {"State", "Job Position", "Contact tag “Club”"})
        self.assertTrue(before.line_ids)

    def test_a_tag_is_not_learned_from_where_all_contacts_were_changed_since(self):
        club, _other = self.long_known()
        self.force(self.customers, write_date=self.today)
        values, _suggestion = self.offered()
        self.assertIn("state_id", values)
        self.assertNotIn(f"contact_tag:{club.id}", values)

    def test_a_tag_that_was_made_or_changed_since_is_not_learned_from(self):
        club, _other = self.long_known()
        self.force(club, write_date=self.today)
        self.assertNotIn(f"contact_tag:{club.id}", self.offered()[0])

    def test_what_is_learned_of_a_tag_is_tried_on_the_later_day_and_asked_by_the_draft(self):
        club, _other = self.long_known()
        card = Scorecard((Criterion(f"contact_tag:{club.id}", cases=(((True,), 40),)),), 0.0, 0.1)
        with patch.object(grading_suggestion_points, "learn", lambda *args: card):
            suggestion = self.learned(target="worth", months=6)
        [line] = suggestion.line_ids
        self.assertEqual((line.name, line.text), ("Contact tag “Club”", "yes: 40"))
        self.assertIn("tried on the", suggestion.report)
        profiles = self.env["grading.profile"]
        self.rescore()
        domain = ast.literal_eval(line.values["domain"])
        tagged = profiles.search([*domain, ("partner_id", "in", self.customers.ids)]).partner_id
        self.assertEqual(tagged, self.customers.filtered(lambda partner: club in partner.category_id))

    def test_what_is_not_known_of_an_earlier_day_is_not_learned_from(self):
        suggestion = self.env["grading.suggestion"].create({"target": "worth"})
        left_out = {*suggestion._customer_measures()} - {*suggestion._judged_measures()}
        entered = {"annual_budget", "share_of_budget", "brand_contribution", "referral_count", "referral_amount"}
        self.assertEqual(left_out, {*entered, "room_to_grow"})

    def test_nothing_that_people_see_is_changed(self):
        self.rescore()
        query = SQL("SELECT TO_JSONB(profile) FROM grading_profile AS profile ORDER BY id")
        self.env.flush_all()
        before = self.env.execute_query(query)
        self.learned(target="worth", months=6)
        self.env.flush_all()
        self.assertEqual(self.env.execute_query(query), before)

    def test_too_few_who_did_not_buy_again_are_refused(self):
        suggestion = self.env["grading.suggestion"].create({"target": "again"})
        with patch.object(grading_suggestion_points, "FEWEST", 200):
            suggestion.action_learn()
        self.assertEqual(suggestion.state, "failed")
        self.assertIn("at least 200 of each are needed", suggestion.message)

    def test_many_customers_are_judged_in_the_background(self):
        self.rescore()
        suggestion = self.env["grading.suggestion"].create({"target": "worth"})
        with patch.object(grading_suggestion_points, "RESCORE_AT_ONCE", 1):
            suggestion.action_learn()
        self.assertEqual((suggestion.state, suggestion.run_id.state), ("running", "running"))
        suggestion.run_id._execute()
        self.assertEqual((suggestion.state, suggestion.run_id.state), ("done", "done"))

    def waiting(self):
        """A suggestion that is learned in the background."""
        self.rescore()
        suggestion = self.env["grading.suggestion"].create({"target": "worth"})
        with patch.object(grading_suggestion_points, "RESCORE_AT_ONCE", 1):
            suggestion.action_learn()
        return suggestion

    def test_a_suggestion_that_is_stopped_says_so_and_goes_on_with_its_days(self):
        suggestion = self.waiting()
        days = suggestion._days()
        with self.assert_refused("wait for its end, or stop it"):
            suggestion.action_learn()
        suggestion.run_id.action_stop()
        self.assertEqual(suggestion.state, "stopped")
        suggestion.action_continue()
        self.assertEqual((suggestion.state, suggestion.run_id.state), ("running", "running"))
        suggestion.action_stop()
        self.assertEqual(suggestion.state, "stopped")
        with freeze_time(self.env.cr.now() + timedelta(days=70)):
            self.assertEqual(suggestion._days(), days)
            suggestion.action_continue()
            suggestion.run_id._execute()
        self.assertEqual((suggestion.state, suggestion.learned_date), ("done", days[0]))
        suggestion.months = 6
        self.assertFalse(suggestion.learned_date or suggestion.tried_date)

    def test_a_suggestion_whose_run_is_deleted_can_be_learned_anew(self):
        suggestion = self.waiting()
        suggestion.run_id.unlink()
        self.assertEqual(suggestion.state, "draft")
        suggestion.action_learn()
        self.assertEqual(suggestion.state, "done", suggestion.message)
        suggestion.run_id.unlink()
        self.assertEqual(suggestion.state, "done")


@tagged("post_install", "-at_install")
class TestSuggestGroups(SuggestCase):
    """Groups of customers who are alike, and what separates two grades."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rescore()

    def test_groups_are_described_in_words_and_saved_as_a_tag_rule(self):
        suggestion = self.learned(kind="groups")
        lines = suggestion.line_ids
        self.assertEqual(sum(lines.mapped("count")), 330)
        self.assertAlmostEqual(sum(lines.mapped("share")), 100, 3)
        self.assertTrue(any("buy often" in line.name for line in lines))
        self.assertTrue(any("large orders" in line.name for line in lines))
        best = max(lines, key=lambda line: line.precision)
        self.assertGreater(best.precision, 80)
        action = best.action_save_tag_rule()
        rule = self.env["grading.tag.rule"].browse(action["res_id"])
        self.assertFalse(rule.active)
        found = self.env["grading.profile"].search([*rule._parse_domain(), ("company_id", "=", self.company.id)])
        self.assertTrue(found)

    def test_a_group_that_is_saved_once_more_opens_the_same_rule(self):
        line = self.learned(kind="groups").line_ids[0]
        rules = [line.action_save_tag_rule()["res_id"] for _click in range(2)]
        self.assertEqual(rules[0], rules[1])
        self.assertEqual(self.env["res.partner.category"].search_count([("name", "=", line.name)]), 1)
        rule = self.env["grading.tag.rule"].browse(rules[0])
        rule.domain = "[('order_count', '>', 99)]"
        again = self.env["grading.tag.rule"].browse(line.action_save_tag_rule()["res_id"])
        self.assertNotEqual(again, rule)
        self.assertEqual(again.category_id, rule.category_id)

    def test_a_manager_who_may_create_no_tags_is_told_which_right_lacks(self):
        line = self.learned(kind="groups").line_ids[0]
        boss = self.user("tagless_boss", "customer_grading.customer_grading_group_manager")
        self.assertFalse(self.env["res.partner.category"].with_user(boss).has_access("create"))
        with self.assert_refused(line.name, "Ask for one of these rights", "Creation"):
            line.with_user(boss).action_save_tag_rule()
        tag = self.env["res.partner.category"].create({"name": line.name})
        rule = self.env["grading.tag.rule"].browse(line.with_user(boss).action_save_tag_rule()["res_id"])
        self.assertEqual(rule.category_id, tag)

    def test_the_filter_of_a_group_finds_whom_its_figures_say(self):
        """Those of whom nothing is known, too: who has ordered once has no days between orders."""
        once = self.env["res.partner"].create([{"name": f"Once {number}"} for number in range(150)])
        day = self.today - timedelta(days=200)
        self.insert_orders([(partner.id, day, 30 + place, 1, "sale") for place, partner in enumerate(once)])
        self.rescore()
        for line in self.learned(kind="groups").line_ids:
            with self.subTest(group=line.name):
                rule = self.env["grading.tag.rule"].browse(line.action_save_tag_rule()["res_id"])
                domain = [*rule._parse_domain(), ("company_id", "=", self.company.id)]
                profiles = self.env["grading.profile"].with_context(
                    tz=self.company._grading_tz()
                )  # today is the company's
                found = profiles.search_count(domain)
                said = line.recall * line.count / line.precision
                self.assertAlmostEqual(found, said, delta=max(2, 0.02 * said))

    def test_what_separates_two_grades_is_told_in_words(self):
        limits = [(0, 0, {"grade_id": g.id, "min_score": s}) for g, s in ((self.gold, 20), (self.bronze, 0))]
        criteria = [(5, 0, 0), (0, 0, self.linear("order_count_12m", 1))]
        self.rules.write({"criterion_ids": criteria, "threshold_ids": [(5, 0, 0), *limits]})
        self.rescore()
        suggestion = self.learned(kind="separate", grade_id=self.gold.id, other_grade_id=self.bronze.id)
        first = suggestion.line_ids[-1]
        self.assertRegex(first.text, r"Number of orders, 12 months at least [\d.]+ orders?:")
        self.assertIn("100 %", first.text)
        self.assertIn("Gold", first.text)
        self.assertIn("100 % of the", suggestion.report)

    def test_limits_are_told_with_their_units(self):
        suggestion = self.env["grading.suggestion"].create({"kind": "separate"})
        for name, limit, said in (
            ("order_count_12m", 3, "at least 3 orders"),
            ("order_amount_12m", 1000, "at least 1,000 €"),
            ("average_order_interval", 20.5, "at least 20.5 days"),
            ("last_order_date", 45, "at least 45 days ago"),
            ("purchase_probability", 0.25, "at least 25 %"),
            ("satisfaction", 7.5, "at least 7.5"),
        ):
            with self.subTest(measure=name):
                text = suggestion._test_in_words(name, True, limit).replace("\N{NO-BREAK SPACE}", " ")
                self.assertTrue(text.endswith(said), text)

    def test_where_all_that_are_looked_at_are_alike_there_are_no_groups(self):
        suggestion = self.env["grading.suggestion"].create({"kind": "groups"})
        with patch.object(grading_suggestion_groups, "SAMPLE", 1):
            suggestion.action_learn()
        self.assertEqual(suggestion.state, "failed")
        self.assertIn("All customers are alike in how they buy", suggestion.message)

    def test_customers_who_are_all_alike_are_no_groups(self):
        elsewhere = self.new_company("Elsewhere")
        twins = self.env["res.partner"].create([{"name": f"Twin {number}"} for number in range(40)])
        day = self.today - timedelta(days=30)
        self.insert_orders([(twin.id, day, 100, 1, "sale") for twin in twins], company=elsewhere)
        self.rescore(company=elsewhere)
        suggestion = self.env["grading.suggestion"].create({"kind": "groups", "company_id": elsewhere.id})
        suggestion.action_learn()
        self.assertIn("All customers are alike in how they buy", suggestion.message)
