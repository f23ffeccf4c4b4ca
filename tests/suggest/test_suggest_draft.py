import random
from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import LeadCase, with_seeds
from .test_suggest_customers import SuggestCase

LEADS = 400


def revenue(rng):
    """Of half of the leads no revenue is typed, and hardly one of these is won."""
    amount = 0 if rng.random() < 0.5 else round(rng.lognormvariate(5, 1), 2)
    return amount, 0.1 if not amount else 0.8 if amount > 150 else 0.5


@tagged("post_install", "-at_install")
class TestSuggestDraftOfLeads(LeadCase):
    """The draft that a suggestion opens gives the points that were learned."""

    def close(self, rows):
        """Leads of the last years that were won or lost: ``[(values, is won)]``."""
        leads = self.env["crm.lead"].create([self.lead_values(f"Lead {n}", **row[0]) for n, row in enumerate(rows)])
        days = [self.today - timedelta(days=len(rows) - number) for number in range(len(rows))]
        self.force_each(leads, create_date=[datetime.combine(day, time(9)) for day in days])
        won = leads.browse(lead.id for lead, row in zip(leads, rows, strict=True) if row[1])
        won.stage_id = self.won
        (leads - won).action_set_lost()
        self.env.flush_all()
        return leads

    def world(self, rng):
        """Leads of which revenue, source, e-mail and referrer tell; some have none of these."""
        sources = self.env["utm.source"].create([{"name": f"Source {number}"} for number in range(3)])
        industries = self.env["res.partner.industry"].create([{"name": f"Industry {number}"} for number in range(2)])
        contacts = self.env["res.partner"].create(
            [{"name": f"Of {industry.name}", "industry_id": industry.id} for industry in industries]
        )
        tag = self.env["crm.tag"].create({"name": "Fair"})
        country = self.env.ref("base.be")
        referrer = self.customer("Referrer")
        rows = []
        for number in range(LEADS):
            amount, chance = revenue(rng)
            source = rng.choice((False, *sources.ids))
            email, phone, referred = (rng.random() < 0.5 for _field in range(3))
            contact, place, tagged = rng.choice((False, *contacts.ids)), rng.random() < 0.5, rng.random() < 0.4
            chance += 0.2 * (not contact) - 0.2 * (contact == contacts[0].id) + 0.1 * tagged + 0.1 * place
            chance += 0.15 * (not source) + 0.1 * email - 0.1 * (source == sources[0].id) - 0.15 * referred
            values = {
                "expected_revenue": amount,
                "source_id": source,
                "email_from": f"{number}@example.com" if email else False,
                "phone": "+32 2 123" if phone else False,
                "referred_by_id": referrer.id if referred else False,
                "partner_id": contact,
                "country_id": country.id if place else False,
                "tag_ids": tag.ids if tagged else False,
            }
            rows.append((values, rng.random() < chance))
        return self.close(rows)

    def learned(self, **vals):
        suggestion = self.env["grading.suggestion"].create({"target": "won", **vals})
        suggestion.action_learn()
        self.assertEqual(suggestion.state, "done", suggestion.message)
        return suggestion

    def draft(self, suggestion):
        return self.env["grading.scheme"].browse(suggestion.action_open_draft()["res_id"])

    @with_seeds(2)
    def test_the_draft_gives_each_lead_that_was_learned_from_the_points_of_the_suggestion(self, rng):
        with self.env.cr.savepoint() as savepoint:
            leads = self.world(rng)
            present = self.lead_scheme()
            suggestion = self.learned(scheme_id=present.id)
            ids, _days, _outcomes, values = suggestion._lead_rows()
            self.assertEqual(list(ids), leads.ids)
            card, limits = suggestion._kept()
            self.assertIn("expected_revenue", [criterion.key for criterion in card.criteria])
            said = card.scores(values)
            draft = self.draft(suggestion)
            draft._publish()
            # Those that were lost are judged again as the open leads that they were.
            leads.action_unarchive()
            self.force(leads, won_status="pending", stage_id=self.new.id, date_closed=None, lost_reason_id=None)
            self.rescore()
            profiles = self.env["grading.profile"].search([("lead_id", "in", ids)]).grouped("lead_id")
            self.assertEqual([profiles[lead].score for lead in leads], said)
            grades = suggestion._grades_of(limits)
            for lead, score in zip(leads, said, strict=True):
                place = next(place for place, limit in enumerate(limits) if score >= limit)
                self.assertEqual(profiles[lead].grade_id, grades[place])
            savepoint.rollback()
        self.env.invalidate_all()

    def test_where_no_revenue_was_typed_hardly_a_point_is_given(self):
        self.world(random.Random(2))
        line = self.learned().line_ids.filtered(lambda line: line.values.get("measure") == "expected_revenue")
        bands = sorted((values["lower_bound"], values["points"]) for _code, _id, values in line.values["band_ids"])
        self.assertEqual(bands[0], (0, 0))
        self.assertGreater(bands[1][1], 20)
        self.assertLess(bands[1][0], 30)  # 0 is a band of its own

    def test_published_the_draft_leaves_name_texts_and_company_of_its_scheme(self):
        self.world(random.Random(2))
        self.env["res.lang"]._activate_lang("fr_FR")
        present = self.lead_scheme(
            name="In service", description="<p>How we grade</p>", grace_days=30, company_id=False
        )
        present.with_context(lang="fr_FR").write({"name": "En service", "description": "<p>Nos règles</p>"})
        texts = present._texts(("name", "description"))
        suggestion = self.learned(scheme_id=present.id)
        draft = self.draft(suggestion)
        self.assertEqual((draft.state, draft.draft_of_id, draft.subject), ("draft", present, "lead"))
        self.assertEqual(draft.suggestion_ids, suggestion)
        self.assertFalse(draft.is_outdated)
        self.assertEqual(suggestion.action_open_draft()["res_id"], draft.id)
        keys = set(present.criterion_ids.mapped("key"))
        draft._publish()
        self.assertFalse(draft.exists())
        self.assertEqual(present._texts(("name", "description")), texts)
        self.assertEqual((present.company_id, present.grace_days), (self.env["res.company"], 30))
        self.assertEqual(len(present.criterion_ids), len(suggestion.line_ids))
        self.assertFalse(keys & set(present.criterion_ids.mapped("key")))

    def test_in_the_place_of_best_percents_come_the_learned_limits(self):
        self.world(random.Random(2))
        present = self.lead_scheme(
            thresholds=[(self.gold, 20), (self.silver, 50), (self.bronze, 100)], threshold_mode="rank"
        )
        suggestion = self.learned(scheme_id=present.id)
        draft = self.draft(suggestion)
        self.assertEqual(draft.threshold_mode, "score")
        self.assertEqual(sorted(draft.threshold_ids.mapped("min_score")), sorted(suggestion.result["limits"]))

    def test_a_draft_that_is_there_is_not_overwritten(self):
        self.world(random.Random(2))
        present = self.lead_scheme(name="In service")
        suggestion = self.learned(scheme_id=present.id)
        present._draft()
        with self.assert_refused("In service", "publish or discard"):
            suggestion.action_open_draft()
        present.draft_ids.unlink()
        self.assertEqual(self.draft(suggestion).draft_of_id, present)

    def test_without_a_scheme_named_the_draft_is_that_of_the_first_in_use(self):
        self.world(random.Random(2))
        self.lead_scheme(name="Second", sequence=20)
        first = self.lead_scheme(name="First", sequence=10)
        self.assertEqual(self.draft(self.learned()).draft_of_id, first)

    def test_without_a_scheme_in_use_the_draft_is_a_new_one(self):
        self.world(random.Random(2))
        draft = self.draft(self.learned())
        self.assertFalse(draft.draft_of_id)
        self.assertEqual((draft.company_id, draft.name), (self.company, "Suggested: Points: Leads are won"))

    # ------------------------------------------------------------
    # What changes meanwhile
    # ------------------------------------------------------------

    def test_whatever_decides_what_is_learned_drops_it(self):
        self.world(random.Random(2))
        first, second = self.lead_scheme(name="First"), self.lead_scheme(name="Second")
        boss = self.manager()
        changes = (
            {"kind": "groups"},
            {"kind": "separate", "grade_id": self.gold.id, "other_grade_id": self.silver.id},
            {"target": "again", "scheme_id": False},
            {"scheme_id": second.id},
            {"scheme_id": False},
            {"date_from": self.today - timedelta(days=90)},
            {"date_to": self.today - timedelta(days=1)},
            {"months": 3},
        )
        for vals in changes:
            with self.subTest(vals=vals):
                suggestion = self.learned(scheme_id=first.id).with_user(boss)
                suggestion.write(vals)
                self.assertEqual((suggestion.state, suggestion.result, suggestion.report), ("draft", False, False))
                self.assertFalse(suggestion.line_ids)
                with self.assert_refused("no points yet"):
                    suggestion.action_open_draft()

    def test_groups_that_were_learned_do_not_become_points(self):
        suggestion = self.env["grading.suggestion"].create({"kind": "groups"})
        suggestion.sudo().write({"state": "done", "report": "3 groups"})
        suggestion.kind = "points"
        with self.assert_refused("no points yet"):
            suggestion.action_open_draft()

    def test_grades_that_changed_meanwhile_are_named(self):
        self.world(random.Random(2))
        present = self.lead_scheme(name="In service")
        suggestion = self.learned(scheme_id=present.id)
        limits = [(self.gold, 40), (self.bronze, 0)]
        for thresholds in (limits, [(self.gold, 40), (self.silver, 10)]):
            with self.subTest(thresholds=thresholds):
                present.threshold_ids = [(5,), *((0, 0, {"grade_id": g.id, "min_score": s}) for g, s in thresholds)]
                with self.assert_refused("In service", "Learn Again"):
                    suggestion.action_open_draft()
        suggestion.action_learn()
        self.assertEqual(self.draft(suggestion).threshold_ids.grade_id, self.gold + self.silver)

    def test_a_scheme_that_grades_others_by_now_is_refused(self):
        self.world(random.Random(2))
        present = self.lead_scheme(name="In service", criteria=[self.matching([], 5, dimension="fit")])
        suggestion = self.learned(scheme_id=present.id)
        present.subject = "customer"
        with self.assert_refused("In service", "grades others", error=UserError):
            suggestion.action_open_draft()

    # ------------------------------------------------------------
    # Enough of both
    # ------------------------------------------------------------

    def alternating(self, *parts):
        """So many leads that were won and lost, one part after the other: ``(won, lost)``."""
        rows = []
        for won, lost in parts:
            part = [({"expected_revenue": 500 * (n < won)}, n < won) for n in range(won + lost)]
            random.Random(1).shuffle(part)
            rows += part
        return self.close(rows)

    def ask(self):
        suggestion = self.env["grading.suggestion"].create({"target": "won"})
        suggestion.action_learn()
        return suggestion

    def test_a_hundred_of_either_kind_are_enough(self):
        self.alternating((70, 70), (30, 30))
        suggestion = self.ask()
        self.assertEqual(suggestion.state, "done", suggestion.message)
        self.assertIn("tried on 60 that came later", suggestion.report)

    def test_ninety_nine_of_either_kind_are_too_few(self):
        for won, lost in ((99, 150), (150, 99)):
            with self.subTest(won=won), self.env.cr.savepoint() as savepoint:
                self.alternating((won, lost))
                suggestion = self.ask()
                self.assertEqual(suggestion.state, "failed")
                self.assertIn(f"There are {won} leads that were won and {lost} that were lost", suggestion.message)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_earlier_leads_alone_need_enough_of_either_kind(self):
        self.alternating((69, 141), (60, 30))
        suggestion = self.ask()
        self.assertEqual(suggestion.state, "failed")
        self.assertIn("Of the earlier 210 leads, which are learned from, 69 were won", suggestion.message)
        self.assertIn("At least 70 of each", suggestion.message)

    def test_later_leads_of_one_kind_cannot_try_it_and_the_report_says_so(self):
        for won, tried in ((0, False), (9, False), (10, True)):
            with self.subTest(won=won), self.env.cr.savepoint() as savepoint:
                self.alternating((105, 105), (won, 90 - won))
                suggestion = self.ask()
                self.assertEqual(suggestion.state, "done", suggestion.message)
                self.assertEqual("of 100 cases" in suggestion.report, tried)
                sentence = "could not be tried: of the 90 leads that came later, from "
                self.assertEqual(sentence in suggestion.report, not tried)
                self.assertEqual(f"{won} were won and {90 - won} were lost" in suggestion.report, not tried)
                savepoint.rollback()
            self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestSuggestDraftOfCustomers(SuggestCase):
    """The same of customers, as they were judged on the day."""

    def test_the_draft_gives_each_customer_that_was_learned_from_the_points_of_the_suggestion(self):
        rng = random.Random(4)
        countries = [False, self.env.ref("base.be").id, self.env.ref("base.tw").id]
        for place, partner in enumerate(self.customers):
            partner.country_id = countries[place % 3] if rng.random() < 0.8 else rng.choice(countries)
        suggestion = self.learned(target="worth", scheme_id=self.rules.id)
        card = suggestion._kept()[0]
        draft = self.env["grading.scheme"].browse(suggestion.action_open_draft()["res_id"])
        draft._publish()
        judged = {}
        Suggestion = self.env.registry["grading.suggestion"]
        take = Suggestion._judged_rows

        def keep(self, table, day):
            customers, scores, changed, values = take(self, table, day)
            judged[day] = scores, card.scores(values)
            return customers, scores, changed, values

        with patch.object(Suggestion, "_judged_rows", keep):
            self.learned(target="worth")
        self.assertEqual(len(judged), 2)
        for scores, said in judged.values():
            self.assertGreater(len(set(said)), 5)
            self.assertEqual(scores, said)

    def test_a_hundred_of_either_kind_are_enough_and_ninety_nine_are_not(self):
        again = self.env["grading.suggestion"].create({"target": "again"})
        worth = self.env["grading.suggestion"].create({"target": "worth"})
        again._check_enough(100, 100)
        worth._check_enough(100, 100)
        worth._check_enough(150, 50)
        for suggestion, hits, misses in ((again, 99, 300), (again, 300, 99), (worth, 99, 300), (worth, 150, 49)):
            with self.subTest(hits=hits, target=suggestion.target), self.assert_refused(f"{hits} customers bought"):
                suggestion._check_enough(hits, misses)
