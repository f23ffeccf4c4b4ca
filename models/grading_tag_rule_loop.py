import logging

from odoo import api, models
from odoo.exceptions import ValidationError

_logger = logging.getLogger(__name__)

# Whatever of these a filter has decides whom it judges, or whether it judges at all.
DECISIVE = ("domain", "active", "kind", "subject", "category_id", "lead_tag_id")


class GradingDomainMixin(models.AbstractModel):
    """Whatever judges must not ask for tags that rules give: rules ask for scores and stages, and all of it would go
    to and fro from one run to the next.

    Leads are judged before customers, so that what judges customers may ask for the tags that rules give to leads, as
    long as nothing that judges leads asks how their customers are graded.
    """

    _inherit = "grading.domain.mixin"

    @api.constrains(lambda self: [name for name in DECISIVE if name in self._fields])
    def _check_no_loop(self):
        rules = self.env["grading.tag.rule"].sudo().search([("active", "=", True)])
        if not rules:
            return
        saved = set(self._filters_in_use())
        for asker, tag, giver, reader in rules._loops():
            if not saved & {asker, giver, reader}:
                continue
            message = asker._loop_message(tag, giver, reader)
            if giver not in saved or not self.env.context.get("install_mode"):
                raise ValidationError(message)
            # An update must not fail for what somebody asks for: the shipped rule waits until he decides.
            _logger.warning("The tag rule %s is archived. %s", giver.name, message)
            giver.active = False

    def _filters_in_use(self):
        """Those of these filters by which runs judge, and those that go with them.

        :rtype: list
        """
        return list(self.filtered("active"))

    def _judges_leads(self):
        return False

    def _is_elsewhere(self):
        """Whether the rule belongs to a company that the user is not working in."""
        return "company_id" in self._fields and bool(self.company_id - self.env.companies)

    def _called(self):
        """The name of the rule, quoted; of another company's the user learns only that there is one."""
        return self.env._("a rule of another company") if self._is_elsewhere() else f"“{self.display_name}”"

    def _loop_message(self, tag, giver, reader):
        names = {"asker": self._called(), "tag": tag.display_name, "giver": giver._called()}
        if giver == self:
            return self.env._(
                "The rule %(asker)s asks for the tag “%(tag)s”, which it gives itself: "
                "it would give and take it back by turns. Ask for what makes a customer deserve the tag instead.",
                **names,
            )
        if reader:
            return self.env._(
                "The filter of %(asker)s asks for the tag “%(tag)s”, which leads get by %(giver)s, and the filter of "
                "%(reader)s asks how the customers of leads are graded: they would turn each other over in each run. "
                "Let %(reader)s ask for the lead alone, or let %(asker)s ask for what %(giver)s asks for.",
                **names,
                reader=reader._called(),
            )
        return self.env._(
            "The filter of %(asker)s asks for the tag “%(tag)s”, which is given by %(giver)s: "
            "scores, stages and tags would turn each other over in each run. "
            "Ask for what %(giver)s asks for instead of the tag, or archive one of the two.",
            **names,
        )


class GradingScheme(models.Model):
    _inherit = "grading.scheme"

    def _filters_in_use(self):
        schemes = super()._filters_in_use()
        return schemes + self.browse(scheme.id for scheme in schemes).criterion_ids._filters_in_use()

    def _judges_leads(self):
        return self.subject == "lead"


class GradingCriterion(models.Model):
    _inherit = "grading.criterion"

    def _filters_in_use(self):
        return list(self.filtered(lambda criterion: criterion.kind == "domain" and criterion.scheme_id.active))

    def _judges_leads(self):
        return self.scheme_id._judges_leads()

    def _called(self):
        scheme = self.scheme_id._called()
        if self.scheme_id._is_elsewhere():
            return scheme
        return self.env._("“%(criterion)s” of %(scheme)s", criterion=self.name, scheme=scheme)


class GradingTagRule(models.Model):
    _inherit = "grading.tag.rule"

    def _judges_leads(self):
        return self.subject == "lead"

    def _loops(self):
        """Where filters in use ask for tags that these rules give.

        :return: of each filter tuples of itself, the tag, the rule that gives it (its own last) and, where the loop
            goes through leads, the filter that closes it
        """
        given = {}
        for rule in self:
            given.setdefault(rule._tag()._name, {}).setdefault(rule._tag().id, []).append(rule)
        filters = [
            asker
            for model in ("grading.scheme", "grading.lifecycle", "grading.tag.rule")
            for asker in self.env[model].sudo().search([("active", "=", True)])._filters_in_use()
        ]
        readers = [reader for reader in filters if reader._judges_leads() and reader._asks_for_grading()]
        for asker in filters:
            gifts = [(tag, giver) for tag in asker._tags_asked(given) for giver in given[tag._name][tag.id]]
            for tag, giver in sorted(gifts, key=lambda gift: gift[1] == asker):
                through_leads = tag._name == "crm.tag" and not asker._judges_leads()
                for reader in readers if through_leads else [None]:
                    yield asker, tag, giver, reader
