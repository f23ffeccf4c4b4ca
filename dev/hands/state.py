"""What the module has written about all customers: whether every row is whole, and one digest of it all."""

from servers import query

# What is compared, and the order of the rows.
DIGESTED = {
    "grading_profile": "COALESCE(partner_id, 0), COALESCE(lead_id, 0), company_id",
    "grading_history": "COALESCE(partner_id, 0), COALESCE(lead_id, 0), company_id, id",
    "grading_care": "COALESCE(partner_id, 0), COALESCE(lead_id, 0), company_id, cadence_id",
    "res_partner_res_partner_category_rel": "partner_id, category_id",
    "crm_tag_rel": "lead_id, tag_id",
}
# Ids that each run draws anew, and the time of writing.
IDS = {
    "id",
    "changed_run",
    "counted_run",
    "profile_id",
    "create_date",
    "write_date",
    "create_uid",
    "write_uid",
    "best_lead_id",
}
WHOLE = {
    "score is the sum of its points": """
        SELECT COUNT(*) FROM grading_profile
         WHERE points_detail IS NOT NULL AND points_detail <> '{}'::jsonb
           AND ABS(score - (SELECT COALESCE(SUM(value::numeric), 0) FROM JSONB_EACH_TEXT(points_detail))) > 0.011
    """,
    "history is a chain": """
        SELECT COUNT(*) FROM (
            SELECT old_grade_id, LAG(new_grade_id) OVER line AS former, LAG(id) OVER line AS former_id
              FROM grading_history WINDOW line AS (PARTITION BY profile_id ORDER BY id)
        ) AS line WHERE former_id IS NOT NULL AND former IS DISTINCT FROM old_grade_id
    """,
    "history ends with the grade in force": """
        SELECT COUNT(*) FROM grading_profile AS profile
          JOIN LATERAL (
              SELECT new_grade_id, new_lifecycle_id FROM grading_history
               WHERE profile_id = profile.id ORDER BY id DESC LIMIT 1
          ) AS last ON TRUE
         WHERE last.new_grade_id IS DISTINCT FROM profile.grade_id
    """,
    "an override is in force": """
        SELECT COUNT(*) FROM grading_profile
         WHERE manual_grade_id IS NOT NULL AND manual_grade_id IS DISTINCT FROM grade_id
           AND (manual_until IS NULL OR manual_until >= CURRENT_DATE)
    """,
    "one profile for each customer and company": """
        SELECT COUNT(*) - COUNT(DISTINCT (partner_id, lead_id, company_id)) FROM grading_profile
    """,
    "grade and computed grade go together": """
        SELECT COUNT(*) FROM grading_profile
         WHERE manual_grade_id IS NULL AND pending_grade_id IS NULL AND grade_id IS DISTINCT FROM computed_grade_id
    """,
}


def broken(database):
    """What is not whole: ``{law: rows}``, empty when all is well."""
    counts = {law: query(database, statement)[0][0] for law, statement in WHOLE.items()}
    return {law: count for law, count in counts.items() if count}


def digests(database, without=()):
    """A digest of each table.

    :param without: further columns that are left out
    """
    found = {}
    for table, order in DIGESTED.items():
        columns = query(
            database,
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'"
            " ORDER BY column_name",
            [table],
        )
        kept = ", ".join(f'"{name}"::text' for [name] in columns if name not in IDS and name not in without)
        [[digest]] = query(
            database,
            f"SELECT MD5(STRING_AGG(MD5(ROW({kept})::text), '' ORDER BY {order})) FROM {table}",  # noqa: S608
        )
        found[table] = digest
    return found


def differences(database, expected, without=()):
    """The tables whose digest is another one than expected."""
    return [table for table, digest in digests(database, without).items() if digest != expected[table]]
