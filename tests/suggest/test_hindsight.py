import random

from scipy.stats import chi2_contingency

from odoo.tests import BaseCase, tagged

from ...models.suggest.hindsight import is_brought, is_given_for_the_end
from ..common import with_seeds


@tagged("post_install", "-at_install")
class TestHindsight(BaseCase):
    """What seems to have come to leads on the way is not learned from."""

    def leads(self, rng, brings, count=1200):
        """Leads of which country 1 is won more often, and of which those that are won get their contact later more
        often.

        :param brings: what the contact makes of the country
        """
        values, later, outcomes = [], [], []
        for _lead in range(count):
            country = rng.choice((False, 1, 2))
            won = rng.random() < (0.7 if country == 1 else 0.3)
            late = rng.random() < (0.6 if won else 0.2)
            values.append(brings(country) if late else country)
            later.append(late)
            outcomes.append(int(won))
        return values, later, outcomes

    def test_a_value_that_was_there_is_kept_however_much_it_says(self):
        found = [is_brought(*self.leads(random.Random(seed), lambda country: country)) for seed in range(20)]
        self.assertFalse(any(found))

    @with_seeds(5)
    def test_values_that_contacts_bring_are_left_out(self, rng):
        self.assertTrue(is_brought(*self.leads(rng, lambda country: country or 2)), "typed where there was none")
        self.assertTrue(is_brought(*self.leads(rng, lambda _country: 1)), "replaced")

    def test_where_all_that_were_won_got_their_contact_later_nothing_can_be_said(self):
        values, _later, outcomes = self.leads(random.Random(1), lambda country: country)
        self.assertTrue(is_brought(values, [bool(won) for won in outcomes], outcomes))
        self.assertFalse(is_brought(values, [False] * len(values), outcomes))
        self.assertFalse(is_brought(values, [True] * 19 + [False] * (len(values) - 19), outcomes), "hardly any")

    def test_where_there_are_no_others_to_tell_it_is_as_asked(self):
        values, _later, outcomes = self.leads(random.Random(1), lambda country: country)
        later = [True] * len(values)
        self.assertTrue(is_brought(values, later, outcomes))
        self.assertFalse(is_brought(values, later, outcomes, is_alone=False))
        for is_alone in (True, False):
            self.assertTrue(is_brought(*self.leads(random.Random(1), lambda _country: 1), is_alone))

    def test_the_same_value_everywhere_says_nothing(self):
        self.assertFalse(is_brought([1] * 200, [True, False] * 100, [1, 1, 0, 0] * 50))

    @with_seeds(30)
    def test_it_is_the_test_of_another_implementation(self, rng):
        share = rng.uniform(0, 0.35)
        late = [rng.choice((False, 1, 2)) if rng.random() > share else 1 for _lead in range(300)]
        others = [rng.choice((False, 1, 2)) for _lead in range(500)]
        table = [[group.count(value) for value in (False, 1, 2)] for group in (late, others)]
        chance = chi2_contingency(table, correction=False).pvalue
        if not 0.001 < chance < 0.0018:  # Wilson and Hilferty's approximation is that good
            found = is_brought(late + others, [True] * 300 + [False] * 500, [1] * 800)
            self.assertEqual(found, chance < 0.00135, chance)

    def test_a_tag_for_the_end_is_left_out(self):
        outcomes = [1] * 100 + [0] * 300
        signed = [place < 40 for place in range(400)]
        lost = [place >= 380 for place in range(400)]  # five of those won were to be expected
        fair = [place % 3 == 0 for place in range(400)]
        rare = [place >= 385 for place in range(400)]
        for column, expected in ((signed, True), (lost, True), (fair, False), (rare, False)):
            self.assertEqual(is_given_for_the_end(column, outcomes, 0, 99), expected)
        self.assertTrue(is_given_for_the_end(fair, outcomes, 10, 100), "hardly an open lead has it yet")
        self.assertFalse(is_given_for_the_end(fair, outcomes, 25, 100))
