import contextlib

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .subject import SUBJECTS

# What the parser of literals (the last two: nested too deeply) and Odoo's compiler of domains raise on a bad domain.
BAD_DOMAIN_ERRORS = (
    *(ValueError, TypeError, KeyError, SyntaxError, AssertionError, UserError, NotImplementedError),
    *(MemoryError, RecursionError),
)


class GradingWatchMixin(models.AbstractModel):
    """Which fields a rule's filter reads: what has to be measured for it, and whose change asks for a new score.

    ``[("partner_id.country_id.code", "=", "TW"), ("order_count", ">", 3)]`` reads the measure ``order_count`` and the
    contact's field ``country_id``. Customers and leads keep the names of their watched fields in the registry's cache,
    which a change of a rule clears.

    A model that inherits says in :meth:`_parse_domain` what its filter is.
    """

    _name = "grading.watch.mixin"
    _description = "Fields that a Rule Reads"

    def _parse_domain(self):
        """The rule's filter.

        :rtype: odoo.fields.Domain
        """
        raise NotImplementedError

    # ------------------------------------------------------------
    # The registry's cache
    # ------------------------------------------------------------

    # Cleared after the save: what other code puts into the cache during the save may still be the old state.

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        res = super().write(vals)
        if self._cached_fields() & vals.keys():
            self.env.registry.clear_cache()
        return res

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    @api.model
    def _cached_fields(self):
        """Names of the fields on which cached answers depend: what the filter asks, whether and for what the rule is in
        force, and the tag that it gives.

        :rtype: set[str]
        """
        return {"domain", "active", "subject"}.union(subject.tag_key for subject in SUBJECTS.values())

    # ------------------------------------------------------------
    # Fields read
    # ------------------------------------------------------------

    def _profile_measures(self):
        """Names of the measures that the filters read.

        :rtype: set[str]
        """
        measured = self.env["grading.worktable"]._measured_columns()
        measured.update((name, name) for name in self.env["grading.measure"]._measures())
        fields_read = set().union(*(_first_names(rule._parse_domain()) for rule in self))
        fields_read |= self._dependencies(fields_read)
        return {measured[name] for name in fields_read & measured.keys()}

    def _partner_fields(self):
        """Names of the contact's own fields that the filters read, whose change asks for a new score.

        :rtype: set[str]
        """
        return self._fields_through("partner_id") | self._fields_through("lead_id.partner_id")

    def _lead_fields(self):
        """Names of the lead's own fields that the filters read, whose change asks for a new score.

        :rtype: set[str]
        """
        return self._fields_through("lead_id") | self._fields_through("best_lead_id")

    def _fields_through(self, link):
        """Names of the fields that the filters read on the record that the path ``link`` of the profile leads to."""
        names = set()
        for rule in self:
            # Saving a contact or lead must not fail because of a broken rule; the next run reports it.
            with contextlib.suppress(*BAD_DOMAIN_ERRORS):
                paths = _paths(rule._parse_domain())
                paths |= self._dependencies(paths)
                names |= {path[len(link) + 1 :].partition(".")[0] for path in paths if path.startswith(f"{link}.")}
        return names

    def _dependencies(self, names):
        """The paths that those of the profile's fields ``names`` depend on which are computed when they are read."""
        fields_read = [self.env["grading.profile"]._fields.get(name) for name in names]
        depends = self.env.registry.field_depends
        return {path for field in fields_read if field and not field.store for path in depends[field]}


def _first_names(domain):
    return {condition.field_expr.partition(".")[0] for condition in domain.iter_conditions()}


def _paths(domain, prefix=""):
    """The full paths of the fields that the domain reads, those inside its ``any`` conditions included."""
    paths = set()
    for condition in domain.iter_conditions():
        path = f"{prefix}{condition.field_expr}"
        paths.add(path)
        if isinstance(condition.value, Domain):
            paths |= _paths(condition.value, f"{path}.")
        elif isinstance(condition.value, list) and condition.operator in ("any", "not any"):
            paths |= _paths(Domain(condition.value), f"{path}.")
    return paths
