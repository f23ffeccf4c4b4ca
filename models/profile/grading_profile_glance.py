from odoo import api, models
from odoo.fields import Domain
from odoo.tools.mail import html_to_inner_content
from odoo.tools.misc import format_date, formatLang

from ..base.guarded import guarded
from ..score.grading_criterion_hint import format_money, format_number
from ..score.grading_scheme import DIMENSIONS

# So many records of a kind are named; the others are a click away.
MOST_LINKS = 5


class GradingProfile(models.Model):
    """The customer or lead at a glance: what the page *Grading* shows from top to bottom, ready to be drawn.

    One call reads it when the page is opened. It asks for the customer's own rows alone, by their indexes, and tells
    from what the last run has stored; nothing is written.
    """

    _inherit = "grading.profile"

    def _glance(self):
        """The sections of the page, each empty where there is nothing to say; another room adds its own.

        Users who may not see the figures get ``what`` alone, see :meth:`_glance_what`.

        :return: ``what``, ``scale``, ``why``, ``next``, ``rhythm``, ``amounts``, ``products``, ``links``
        :rtype: dict
        """
        self.ensure_one()
        if not self._are_figures_visible():
            return {"what": self._glance_what(self.sudo()._explanation_without_figures()["sentences"])}
        profile = self.sudo()
        rows = profile._explain_criteria()
        sections = {
            "what": profile._glance_what(profile._explain_in_force()),
            "scale": profile._glance_scale(),
            "why": profile._glance_why(rows),
            "next": profile._glance_next(rows),
            "links": self._glance_links(),
        }
        return {**sections, **profile._glance_purchases()} if self.partner_id else sections

    def _glance_what(self, sentences):
        """The grade, what it stands for and what to do.

        :param list sentences: why it is in force
        :return: ``grade`` (``name``, ``title``, ``color``, ``strategy``, ``effort``) or None, ``score`` or None,
            ``place`` (that no grade of the scheme is better, or nothing), ``trend``, ``sentences``, ``stage``
            (``sentence``, ``strategy``) or None
        :rtype: dict
        """
        profile = self.sudo()
        grade, stage = profile.grade_id, profile.lifecycle_id
        best = profile.scheme_id.threshold_ids.grade_id.sorted()[:1]
        effort = formatLang(self.env, grade.effort_share, digits=0)
        return {
            "grade": grade
            and {
                "name": grade.name,
                "title": grade.title or "",
                "color": grade.color,
                "strategy": html_to_inner_content(grade.strategy or ""),
                "effort": self.env._("%s %% of the selling time", effort) if grade.effort_share else "",
            }
            or None,
            "score": format_number(self.env, profile.score, 1) if profile.scheme_id else None,
            "place": self.env._("the best grade") if grade and grade == best else "",
            "trend": profile.trend,
            "sentences": sentences,
            "stage": profile.partner_id
            and stage
            and {"sentence": profile._explain_since(), "strategy": html_to_inner_content(stage.strategy or "")}
            or None,
        }

    def _glance_scale(self):
        """The score between 0 and the most points, with the grades that begin on the way, from the lowest up.

        :return: ``score``, ``max``, ``label`` and ``grades`` (``name``, ``title``, ``color``, ``start``, ``text``), or
            None where no scheme has scored
        :rtype: dict | None
        """
        scheme = self.scheme_id
        grades = [
            {
                "name": grade.name,
                "title": grade.title or "",
                "color": grade.color,
                "start": start,
                "text": format_number(self.env, start, 1),
            }
            for grade, start in reversed(self._grade_starts())
            if start is not None
        ]
        if not grades:
            return None
        score, most = (format_number(self.env, points, 1) for points in (self.score, scheme.points_max))
        return {
            "score": self.score,
            "max": max(scheme.points_max, self.score, 1),
            "label": self.env._("%(score)s of %(max)s points", score=score, max=most),
            "grades": grades,
        }

    def _glance_why(self, rows):
        """The criteria from the weightiest down, and what they add up to in each dimension.

        :param list rows: see :meth:`_explain_criteria`
        :return: ``scores`` (sentences) and ``rows`` (``name``, ``dimension``, ``value``, ``text``, ``points``,
            ``percent`` of its most points, ``weight`` in percent of the weightiest), or None
        :rtype: dict | None
        """
        # A filter that only takes points away says nothing while it is not met.
        rows = [row for row in rows if row["points"] or row["points_max"]]
        if not rows:
            return None
        weightiest = max(row["points_max"] for row in rows) or 1
        return {
            "scores": self._glance_scores(rows),
            "rows": [
                {
                    "name": row["name"],
                    "dimension": row["dimension"],
                    "value": row["value"],
                    "text": self._glance_rank(row),
                    "points": self._glance_points(row),
                    "percent": min(100, row["percent"]),
                    "weight": round(100 * row["points_max"] / weightiest),
                }
                for row in sorted(rows, key=lambda row: -row["points_max"])
            ],
        }

    def _glance_points(self, row):
        """``41.5 of 50``; of a criterion that only takes points away, what it takes."""
        points, most = (format_number(self.env, row[key], 1) for key in ("points", "points_max"))
        return self.env._("%(points)s of %(max)s", points=points, max=most) if row["points_max"] else points

    def _glance_rank(self, row):
        criterion = row["criterion"]
        return criterion._explain_rank(row["points"]) if criterion.kind == "rank" and row["known"] else ""

    def _explain_gap(self, gap):
        """How far the satisfaction lies above the expectation, both from 0 to 10."""
        gap = round(gap, 1)
        distance = format_number(self.env, abs(gap), 1)
        if gap > 0:
            return self.env._("%s above expectation", distance)
        return self.env._("%s below expectation", distance) if gap else self.env._("as expected")

    def _glance_scores(self, rows):
        """``Value 45.5 of 60``, for each dimension that has criteria; nothing where there is only one."""
        labels = dict(self.env["grading.criterion"]._fields["dimension"]._description_selection(self.env))
        criteria, scores = self.scheme_id.criterion_ids.grouped("dimension"), []
        for dimension in DIMENSIONS:
            own = [row for row in rows if row["criterion"].dimension == dimension]
            if own:
                sums = {"points": sum(row["points"] for row in own), "max": criteria[dimension]._attainable()}
                values = {key: format_number(self.env, points, 1) for key, points in sums.items()}
                scores.append(self.env._("%(dimension)s %(points)s of %(max)s", dimension=labels[dimension], **values))
        return scores if len(scores) > 1 else []

    # ------------------------------------------------------------
    # What is open
    # ------------------------------------------------------------

    def _glance_links(self):
        """Records that the user may open: open leads, open complaints, the last answers.

        :return: ``title``, ``model``, ``count`` and ``rows`` (``id``, ``name``, ``text``, ``late``) of each kind
        :rtype: list[dict]
        """
        customer = (self.partner_id or self.lead_id.partner_id).sudo().commercial_partner_id
        if not customer:
            return []
        contacts = self._contacts_of(customer)
        kinds = (self._glance_leads(contacts), self._glance_complaints(contacts), self._glance_answers(contacts))
        return [kind for kind in kinds if kind and kind["count"]]

    @api.model
    def _contacts_of(self, customer):
        """The contacts of the customer, archived ones included.

        :rtype: res.partner
        """
        contacts = self.env["res.partner"].sudo().with_context(active_test=False)
        return contacts.search([("commercial_partner_id", "=", customer.id)], order="id")

    def _glance_kind(self, title, model, domain, order, describe):
        """The first records of a kind, as :meth:`_glance_links` gives them; None for users without access to it.

        :param describe: a function that returns ``(name, text, late)`` of a record
        """
        Model = self.env[model]
        if not Model.has_access("read"):
            return None
        found = Model.search(domain, order=order, limit=MOST_LINKS + 1)
        rows = []
        for record in found[:MOST_LINKS]:
            name, text, late = describe(record)
            rows.append({"id": record.id, "name": name, "text": text, "late": late})
        count = Model.search_count(domain) if len(found) > MOST_LINKS else len(found)
        return {"title": title, "model": model, "count": count, "rows": rows, "domain": list(domain)}

    def _glance_leads(self, contacts):
        def describe(lead):
            amount = lead.expected_revenue and format_money(self.env, lead.expected_revenue, lead.company_currency)
            return lead.name, ", ".join(filter(None, (amount, lead.stage_id.name))), False

        domain = self.env["crm.lead"]._grading_open_domain() & Domain("partner_id", "in", contacts.ids)
        domain &= Domain("company_id", "in", (False, self.company_id.id))
        if self.lead_id:
            domain &= Domain("id", "!=", self.lead_id.id)
        title = self.env._("Other Open Leads") if self.lead_id else self.env._("Open Leads")
        return self._glance_kind(title, "crm.lead", domain, "expected_revenue desc, id", describe)

    def _glance_complaints(self, contacts):
        def describe(complaint):
            due = format_date(self.env, complaint.date_due)
            if complaint.is_overdue:
                return complaint.name, self.env._("overdue since %s", due), True
            return complaint.name, self.env._("to settle by %s", due), False

        domain = [*self._glance_feedback(contacts), ("date_close", "=", False)]
        return self._glance_kind(self.env._("Open Complaints"), "grading.complaint", domain, "date_due, id", describe)

    def _glance_answers(self, contacts):
        def describe(answer):
            scores = [
                self.env._(
                    "%(question)s %(score)s of 10",
                    question=answer._fields[name]._description_string(self.env),
                    score=format_number(self.env, answer[name], 1),
                )
                for name in ("satisfaction", "recommendation", "expectation")
                if answer[name] is not False
            ]
            return format_date(self.env, answer.date), ", ".join(scores), False

        domain = self._glance_feedback(contacts)
        return self._glance_kind(self.env._("Answers"), "grading.assessment", domain, "date desc, id desc", describe)

    def _glance_feedback(self, contacts):
        return [("partner_id", "in", contacts.ids), ("company_id", "=", self.company_id.id)]


class GradingGradedMixin(models.AbstractModel):
    """The customer or lead at a glance, for the widget on the page *Grading*."""

    _inherit = "grading.graded.mixin"

    @api.readonly
    @guarded(one=True)
    def grading_glance(self):
        """What the page *Grading* of this customer or lead shows, see :meth:`grading.profile._glance`.

        :return: False for a contact or lead that is not graded
        :raise AccessError: the user may not see grades
        """
        self._check_field_access(self._fields["grading_profile_id"], "read")
        profile = self.sudo().grading_profile_id.sudo(False)
        return bool(profile) and profile.with_company(profile.sudo().company_id)._glance()
