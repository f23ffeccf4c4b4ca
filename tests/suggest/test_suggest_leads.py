import random
from datetime import datetime, time, timedelta

from odoo.tests import tagged

from ...models.suggest.judging import area
from ..common import LeadCase

LEADS = 420


class SuggestLeadCase(LeadCase):
    """Leads that were won and lost, more often by one source than by another, and by those with an e-mail address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = random.Random(7)
        cls.sources = cls.env["utm.source"].create([{"name": f"Source {number}"} for number in range(3)])
        countries = cls.env.ref("base.be") + cls.env.ref("base.tw")
        values, cls.won_ones, days = [], [], []
        for number in range(LEADS):
            source, email = rng.randrange(3), rng.random() < 0.5
            values.append(
                cls.lead_values(
                    f"Lead {number}",
                    source_id=cls.sources[source].id,
                    country_id=countries[rng.randrange(2)].id,
                    email_from=f"{number}@example.com" if email else False,
                    expected_revenue=rng.choice((0, 100, 500)),
                )
            )
            cls.won_ones.append(rng.random() < (0.15, 0.4, 0.75)[source] + 0.15 * email)
            days.append(cls.today - timedelta(days=LEADS - number))
        cls.leads = cls.env["crm.lead"].create(values)
        cls.force_each(cls.leads, create_date=[datetime.combine(day, time(9)) for day in days])
        won = cls.leads.browse(lead.id for lead, is_won in zip(cls.leads, cls.won_ones, strict=True) if is_won)
        won.stage_id = cls.won
        (cls.leads - won).action_set_lost()
        cls.env.flush_all()


@tagged("post_install", "-at_install")
class TestSuggestFromLeads(SuggestLeadCase):
    """Points learned from the leads that were won and lost, by what was known when they came."""

    maxDiff = None

    def learned(self, **vals):
        suggestion = self.env["grading.suggestion"].create({"target": "won", **vals})
        suggestion.action_learn()
        self.assertEqual(suggestion.state, "done", suggestion.message)
        return suggestion

    def rows(self, **vals):
        """What is learned from: ``{field: [value of each lead]}``."""
        suggestion = self.env["grading.suggestion"].create({"target": "won", **vals})
        ids, days, outcomes, values = suggestion._lead_rows()
        return {"ids": ids, "days": days, "outcomes": outcomes, **values}

    def said(self, suggestion):
        return suggestion.result, suggestion.report, suggestion.line_ids.mapped("text")

    def test_what_tells_gets_the_points(self):
        suggestion = self.learned()
        names = suggestion.line_ids.mapped("name")
        self.assertEqual(names[0], "Source")
        self.assertRegex(suggestion.line_ids[0].text, r"^Source 2: \d+; Source 1: (\d+); Source 0: 0; otherwise: \1$")
        # What says nothing gets next to nothing, if it is named at all.
        nothing = suggestion.line_ids.filtered(lambda line: line.name not in ("Source", "Email"))
        self.assertLess(sum(nothing.mapped("points")), 12)
        self.assertAlmostEqual(sum(suggestion.line_ids.mapped("points")), 100, delta=3)
        self.assertIn("stands before one that was lost in", suggestion.report)
        self.assertIn("Odoo's method", suggestion.report)

    def test_nothing_that_happens_after_a_lead_has_come_changes_the_suggestion(self):
        before = self.said(self.learned())
        known = self.rows()
        some = self.leads[::3]
        offer, team = self.offer, self.env["crm.team"].create({"name": "Other", "company_id": self.company.id})
        tracked = self.env["crm.lead"].with_context(tracking_disable=False, active_test=False).browse(some.ids)
        tracked.write({"expected_revenue": 9999})
        # What sellers learn on the way, of the leads that go well.
        contact = self.env["res.partner"].create(
            {
                "name": "Found out",
                "industry_id": self.env.ref("base.res_partner_industry_A").id,
                "lang": "en_US",
                "street": "High Street 1",
                "country_id": self.env.ref("base.us").id,
                "state_id": self.env.ref("base.state_us_5").id,
                "function": "Buyer",
                "category_id": [(0, 0, {"name": "Good customer"})],
            }
        )
        well = tracked.filtered("active")
        well.write({"partner_id": contact.id})
        self.assertEqual((well.country_id, set(well.mapped("function"))), (contact.country_id, {"Buyer"}))
        tags = self.env["crm.tag"].create([{"name": "Signed"}, {"name": "Lost: price"}])
        well.tag_ids, (tracked - well).tag_ids = tags[0], tags[1]
        well.write({"email_from": "found@example.com", "phone": "+32 2 123"})
        # A lead that was won would be won no more, in the stages of another team.
        tracked.filtered(lambda lead: not lead.active)[:20].write({"team_id": team.id})
        self.flush_tracking()
        self.env["mail.message"].search(
            [("model", "=", "crm.lead"), ("res_id", "in", some.ids)]
        ).date = datetime.combine(self.today, time(12))
        self.force(some, automated_probability=77, priority="3", date_deadline=self.today)
        self.force(some.filtered(lambda lead: not lead.active), stage_id=offer.id)
        for lead in some[:10]:
            self.message(lead, self.today)
            self.meeting(lead, self.today)
        self.rescore()
        self.lead(f"Later {LEADS}", source_id=self.sources[0].id)
        self.assertTrue(self.env["mail.tracking.value"].search_count([("mail_message_id.res_id", "in", some.ids)]))
        rows = self.rows()
        self.assertFalse([name for name, column in rows.items() if column != known[name]])
        # What the contact may have brought is asked no more, nor the tags that were given for the end.
        self.assertLessEqual({"country_id", "state_id", "function"}, set(known))
        self.assertEqual(set(known) - set(rows), {"country_id", "state_id", "function"})
        result, report, texts = self.said(self.learned())
        own = [[line for line in text.splitlines() if "Odoo's method" not in line] for text in (report, before[1])]
        self.assertEqual(*own)
        self.assertEqual((result, texts), (before[0], before[2]))

    def test_tags_and_industry_of_contacts_are_learned_from_as_far_as_they_were_there(self):
        """Each lead has a contact from the first day on, half of them with a tag; then those that were won get it."""
        industries = self.env["res.partner.industry"].search([], limit=2)
        tag = self.env["res.partner.category"].create({"name": "Club"})
        contacts = self.env["res.partner"].create(
            [
                {
                    "name": f"Contact {number}",
                    "industry_id": industries[number % 2].id,
                    "category_id": tag.ids if number // 2 % 2 else False,
                }
                for number in range(LEADS)
            ]
        )
        self.force_each(self.leads, partner_id=contacts.ids)
        self.force(tag, write_date="2015-01-01")
        self.force(contacts, write_date="2015-01-01")
        key = f"contact_tag:{tag.id}"
        rows = self.rows()
        place = {lead: number for number, lead in enumerate(self.leads.ids)}
        self.assertEqual(rows[key], [bool(place[lead] // 2 % 2) for lead in rows["ids"]])
        self.assertEqual(set(rows["industry"]), set(industries.ids))
        won = [contact for contact, is_won in zip(contacts, self.won_ones, strict=True) if is_won]
        self.env["res.partner"].union(*won[::2]).write({"category_id": [(4, tag.id)], "industry_id": industries[0].id})
        rows = self.rows()
        self.assertNotIn(key, rows)
        self.assertNotIn("industry", rows)

    def test_a_tag_of_contacts_is_asked_of_leads_that_have_one(self):
        tag = self.env["res.partner.category"].create({"name": "Club"})
        contacts = self.env["res.partner"].create([{"name": "In", "category_id": tag.ids}, {"name": "Out"}])
        leads = self.leads[:3]
        self.force_each(leads, partner_id=[*contacts.ids, None])
        profiles = self.env["grading.profile"]._of_leads(leads, create=True)
        suggestion = self.env["grading.suggestion"].create({"target": "won"})
        self.assertEqual(suggestion._label(f"contact_tag:{tag.id}"), "Contact tag “Club”")
        for has_tag, found in ((True, leads[0]), (False, leads[1:])):
            domain = suggestion._domain(f"contact_tag:{tag.id}", (has_tag,))
            self.assertEqual(profiles.with_context(active_test=False).filtered_domain(domain).lead_id, found)

    def of_source(self, number):
        return self.leads.filtered(lambda lead: lead.source_id == self.sources[number])

    def test_learned_is_from_those_whom_the_scheme_covers_that_is_chosen(self):
        domains = {
            "[]": self.leads,
            f"[('lead_id.source_id', '=', {self.sources[2].id})]": self.of_source(2),
            "['!', ('lead_id.source_id.name', 'ilike', 'source 2')]": self.leads - self.of_source(2),
            "[('lead_id', 'any', [('source_id', '=', False)])]": self.env["crm.lead"],
            "[('lead_id.expected_revenue', '>', 50)]": self.leads.filtered(lambda lead: lead.expected_revenue > 50),
        }
        scheme = self.lead_scheme()
        for domain, leads in domains.items():
            with self.subTest(domain=domain):
                scheme.domain = domain
                rows = self.rows(scheme_id=scheme.id)
                self.assertEqual(set(rows["ids"]), set(leads.ids))
                self.assertEqual({len(column) for column in rows.values()}, {len(leads)})
                won = dict(zip(self.leads.ids, self.won_ones, strict=True))
                self.assertEqual(list(rows["outcomes"]), [won[lead] for lead in rows["ids"]])

    def test_leads_that_another_scheme_grades_first_are_not_learned_from(self):
        first = self.lead_scheme(name="First", sequence=1, domain=f"[('lead_id.source_id', '=', {self.sources[0].id})]")
        scheme = self.lead_scheme(name="Second", sequence=2, domain="[('lead_id.expected_revenue', '<', 500)]")
        small = self.leads.filtered(lambda lead: lead.expected_revenue < 500)
        self.assertEqual(set(self.rows(scheme_id=scheme.id)["ids"]), set((small - self.of_source(0)).ids))
        self.assertEqual(set(self.rows(scheme_id=scheme._draft().id)["ids"]), set((small - self.of_source(0)).ids))
        self.assertEqual(set(self.rows(scheme_id=first.id)["ids"]), set(self.of_source(0).ids))
        first.sequence = 3
        self.assertEqual(set(self.rows(scheme_id=scheme.id)["ids"]), set(small.ids))

    def test_a_scheme_that_is_not_in_use_is_learned_for_as_if_it_came_first(self):
        self.lead_scheme(name="All", sequence=1)
        scheme = self.lead_scheme(
            name="Idle", sequence=2, active=False, domain=f"[('lead_id.source_id', '=', {self.sources[1].id})]"
        )
        self.assertEqual(set(self.rows(scheme_id=scheme.id)["ids"]), set(self.of_source(1).ids))
        scheme.active = True
        self.assertFalse(self.rows(scheme_id=scheme.id)["ids"])

    def test_a_scheme_before_that_asks_for_what_comes_later_is_named_and_takes_no_lead_away(self):
        self.lead_scheme(name="Running", sequence=1, domain="[('lead_id.stage_id.is_won', '=', False)]")
        scheme = self.lead_scheme(name="Second", sequence=2)
        suggestion = self.learned(scheme_id=scheme.id)
        self.assertEqual(set(self.rows(scheme_id=scheme.id)["ids"]), set(self.leads.ids))
        self.assertIn("“Running” stand before “Second” and ask for what is not known", suggestion.report)
        scheme.sequence = 0
        self.assertNotIn("stand before", self.learned(scheme_id=scheme.id).report)

    def test_a_scheme_before_with_a_broken_filter_takes_no_lead_away(self):
        broken = self.lead_scheme(name="Broken", sequence=1)
        scheme = self.lead_scheme(name="Second", sequence=2)
        self.force(broken, domain="[('field_of_long_ago', '=', 1)]")
        self.assertEqual(set(self.rows(scheme_id=scheme.id)["ids"]), set(self.leads.ids))

    def test_a_filter_on_amounts_is_asked_of_all_leads_at_once(self):
        scheme = self.lead_scheme(domain="[('lead_id.expected_revenue', '>', 50)]")
        suggestion = self.env["grading.suggestion"].create({"target": "won", "scheme_id": scheme.id})
        counts = []
        for count in (3, 20000):
            amounts = [float(number) for number in range(count)]
            before = self.env.cr.sql_log_count
            covers = suggestion._covers(tuple(range(1, count + 1)), {"expected_revenue": amounts})
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(covers, [amount > 50 for amount in amounts])
        self.assertLessEqual(counts[1], counts[0])

    def test_what_becomes_of_a_lead_does_not_make_it_one_of_those_covered(self):
        scheme = self.lead_scheme(domain="[('lead_id.expected_revenue', '>', 5000)]")
        self.flush_tracking()  # what is created in this transaction is not tracked until then
        some = self.env["crm.lead"].with_context(tracking_disable=False).browse(self.leads[::3].ids)
        some.write({"expected_revenue": 9999})
        self.flush_tracking()
        self.env["mail.message"].search(
            [("model", "=", "crm.lead"), ("res_id", "in", some.ids)]
        ).date = datetime.combine(self.today, time(12))
        self.env.flush_all()
        self.assertFalse(self.rows(scheme_id=scheme.id)["ids"])

    def test_a_scheme_that_asks_for_what_comes_later_has_all_leads_learned_from_and_the_report_says_so(self):
        sentence = "asks for what is not known of a lead when it comes"
        for domain in ("[('lead_id.stage_id.is_won', '=', False)]", "[('willingness', '!=', False)]"):
            with self.subTest(domain=domain):
                scheme = self.lead_scheme(name="Running", domain=domain)
                suggestion = self.learned(scheme_id=scheme.id)
                self.assertIn(f"The filter of “Running” {sentence}", suggestion.report)
                self.assertIn(f"Learned from {int(0.7 * LEADS)} leads", suggestion.report)
        self.assertNotIn(sentence, self.learned().report)

    def test_a_lead_that_was_archived_and_not_lost_is_not_learned_from(self):
        put_aside = self.lead("Put aside", source_id=self.sources[0].id)
        put_aside.probability = 30
        put_aside.action_archive()
        self.assertEqual((put_aside.active, put_aside.won_status), (False, "pending"))
        self.assertEqual(set(self.rows()["ids"]), set(self.leads.ids))

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def remember(self, leads):
        """The present scheme gave these leads a score when they came: 30 for the best source."""
        self.lead_scheme([self.matching([("lead_id.source_id", "=", self.sources[2].id)], 30, dimension="fit")])
        profiles = self.env["grading.profile"]._of_leads(leads, create=True).grouped("lead_id")
        self.env["grading.history"].create(
            [
                {
                    "profile_id": profiles[lead].id,
                    "lead_id": lead.id,
                    "company_id": self.company.id,
                    "date": lead.create_date,
                    "new_score": 30 if lead.source_id == self.sources[2] else 0,
                    "reason": "rescore",
                }
                for lead in leads
            ]
        )

    def areas(self, suggestion, leads):
        """The areas of both scores over ``leads``, as the report shows them."""
        _ids, _days, _outcomes, values = suggestion._lead_rows()
        card = suggestion._kept()[0]
        scores = dict(zip(self.leads, card.scores(values), strict=True))
        won = [self.won_ones[self.leads.ids.index(lead.id)] for lead in leads]
        by_rules = [30 if lead.source_id == self.sources[2] else 0 for lead in leads]
        return [f"{100 * area(column, won):.1f}" for column in (by_rules, [scores[lead] for lead in leads])]

    def test_without_remembered_scores_there_is_no_comparison_yet(self):
        self.lead_scheme()
        self.assertIn("no comparison with the present scheme yet", self.learned().report)

    def test_the_present_scheme_stands_beside_on_the_leads_whose_first_score_is_remembered(self):
        late = self.leads[int(0.7 * LEADS) :]
        remembered = late[-105:]
        self.remember(self.leads - late + remembered)
        suggestion = self.learned()
        present, own = self.areas(suggestion, remembered)
        self.assertIn(
            f"Of the 105 leads whose score when they came is remembered, it is {present} of 100 cases by the present "
            f"scheme, and {own} by the suggestion.",
            suggestion.report,
        )

    def test_a_hundred_remembered_scores_are_enough_and_one_fewer_is_not(self):
        late = self.leads[int(0.7 * LEADS) :]
        self.remember(late[:99])
        self.assertIn("remembered of 99 of them", self.learned().report)
        self.remember(late[99:100])
        self.assertIn("Of the 100 leads whose score when they came is remembered", self.learned().report)
