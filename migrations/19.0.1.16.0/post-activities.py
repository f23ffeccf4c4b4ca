"""Activities that the module plans for contacts named the last order, open offers and the grade to each colleague who
may open the contact. The shipped notes ask for them no more, and the activities that are still open are written anew.
What a user has written stays as it is."""

import re
from collections import defaultdict

from psycopg2.extras import Json

from odoo import SUPERUSER_ID, api
from odoo.tools import split_every
from odoo.tools.translate import TranslationImporter, get_po_paths

BATCH = 1000
ALSO = r"(?: \(.*\))?"
FIGURES = ("{grade}", "{last_order}", "{open_offers}")
# The first sentences of shipped notes, before and now.
NOTES = {
    "grading_cadence_a_online": (
        "Ready to sign: speed up with an offer. Open offers: {open_offers}.",
        "Ready to sign: speed up with an offer, or ask about the one that is open.",
    ),
    "grading_cadence_a_offer": ("Grade {grade}, and no quotation yet: send one.", "No quotation yet: send one."),
    "grading_cadence_b_online": (
        "Interested. Open offers: {open_offers}.",
        "Interested: ask what they need, and about open offers.",
    ),
    "grading_cadence_b_visit": (
        "Interested: find out what is missing. Open offers: {open_offers}.",
        "Interested: find out what is missing.",
    ),
    "grading_cadence_d_call": (
        "One of the best customers. Last order: {last_order}; open offers: {open_offers}.",
        "Ask how the last order went, and about open offers.",
    ),
    "grading_cadence_d_visit": (
        "One of the best customers. Last order: {last_order}; open offers: {open_offers}.",
        "Ask how the last order went, and about open offers.",
    ),
    "grading_cadence_d_renewal": (
        "Last order: {last_order}; open offers: {open_offers}. Secure the renewal.",
        "Ask about open offers, and secure the renewal.",
    ),
    "grading_cadence_e_call": (
        "A good customer with potential for more. Last order: {last_order}; open offers: {open_offers}.",
        "Find out what else they need, and ask about open offers.",
    ),
    "grading_cadence_f_online": (
        "Guide the customer to what they can order on their own. Last order: {last_order}.",
        "Guide the customer to what they can order on their own.",
    ),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    planned = _planned(env)
    _replace_notes(env)
    for lang, activities in planned.items():
        for ids in split_every(BATCH, activities):
            _write_anew(env["mail.activity"].with_context(lang=lang).browse(ids))
    _write_owners(env)


def _planned(env):
    """The open activities as the module has planned them, by the language of their users: ``{language: {id}}``."""
    planned = defaultdict(set)
    for ids in split_every(BATCH, env["mail.activity"].search([("grading_care_id", "!=", False)]).ids):
        for activity in env["mail.activity"].browse(ids):
            cadences = (activity.grading_care_id | activity.grading_care_ids).cadence_id
            notes = [cadence.note for cadence in cadences.with_context(lang=activity.user_id.lang) if cadence.note]
            if re.fullmatch(f"(?:{'|'.join(map(_pattern, notes))})*", activity.note or ""):
                planned[activity.user_id.lang].add(activity.id)
        env.invalidate_all()
    return planned


def _pattern(text):
    """A regular expression of ``text`` with something in place of its placeholders."""
    return re.sub(r"\\\{\w+\\\}", "[^<]*", re.escape(str(text)))


def _replace_notes(env):
    """Of each shipped note that is as it was, and of its translations that still ask for a figure."""
    for name, (before, now) in NOTES.items():
        cadence = env.ref(f"customer_grading.{name}", raise_if_not_found=False)
        if not cadence:
            continue
        env.cr.execute("SELECT note FROM grading_cadence WHERE id = %s", [cadence.id])
        [[note]] = env.cr.fetchall()
        if not note or before not in note["en_US"]:
            continue
        own = {lang: text for lang, text in note.items() if not any(figure in text for figure in FIGURES)}
        note = {**own, "en_US": note["en_US"].replace(before, now)}
        env.cr.execute("UPDATE grading_cadence SET note = %s WHERE id = %s", [Json(note), cadence.id])
    env.invalidate_all()
    importer, names = TranslationImporter(env.cr, verbose=False), {f"customer_grading.{name}" for name in NOTES}
    for lang, _name in env["res.lang"].get_installed():
        for path in get_po_paths("customer_grading", lang):
            importer.load_file(path, lang, xmlids=names)
    importer.save()
    env.invalidate_all()


def _write_anew(activities):
    cares = (activities.grading_care_id | activities.grading_care_ids).with_prefetch()
    described = cares._describe()
    for activity in activities:
        own = (activity.grading_care_id | activity.grading_care_ids).with_prefetch(cares._prefetch_ids)
        own = own._leading_first()
        words = own._describe_together(described)
        summary = own[:1].cadence_id.summary or own[:1].cadence_id.name
        if re.fullmatch(f"{_pattern(summary)}{ALSO}", activity.summary or ""):
            activity.summary = words["summary"]
        activity.note = words["note"]
    activities.env.flush_all()
    activities.env.invalidate_all()


def _write_owners(env):
    """The activity for a new owner listed the grade, the stage and orders."""
    is_list = [("activity_id.active", "=", True), ("activity_id.note", "=like", "<ul><li>%</li></ul>")]
    moves = env["grading.ownership"].search([("reason", "=", "assigned"), *is_list])
    for lang, of_lang in moves.grouped(lambda move: move.activity_id.user_id.lang).items():
        for move in of_lang.with_context(lang=lang):
            move.activity_id.note = move._summary()
