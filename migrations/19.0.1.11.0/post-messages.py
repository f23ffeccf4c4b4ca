def migrate(cr, version):
    """What purchase models and forecasts say of themselves is put into words when it is read."""
    cr.execute("ALTER TABLE grading_purchase_model DROP COLUMN IF EXISTS message")
    cr.execute("ALTER TABLE grading_forecast DROP COLUMN IF EXISTS message")
