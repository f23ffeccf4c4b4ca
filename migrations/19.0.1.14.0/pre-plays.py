def migrate(cr, version):
    """Starts for contacts who are not graded have numbers without equals now: of two at the same moment the first one
    keeps its number, and the pause goes by it."""
    cr.execute(
        """
        UPDATE grading_play_case SET start_number = NULL WHERE id IN (
            SELECT id FROM (
                SELECT id, ROW_NUMBER() OVER (
                           PARTITION BY play_id, partner_id, company_id, start_number ORDER BY id
                       ) AS place
                  FROM grading_play_case
                 WHERE profile_id IS NULL AND partner_id IS NOT NULL AND start_number IS NOT NULL
            ) AS counted WHERE place > 1
        )
        """
    )
