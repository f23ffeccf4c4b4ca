import re
from pathlib import Path

from ..common import LeadCase

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrations.md"


class IntegrationsCase(LeadCase):
    """Ada, Silver, and Bob, Bronze; the examples of ``docs/integrations.md``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme()
        cls.ada = cls.customer("Ada", email="ada@example.com", is_company=True)
        cls.bob = cls.customer("Bob", email="bob@example.com", is_company=True)
        cls.order(cls.ada, 50, cls.today)
        cls.order(cls.bob, 5, cls.today)
        cls.rescore()

    def examples(self, title):
        """The blocks of code under a heading of the page."""
        page = PAGE.read_text(encoding="utf-8")
        section = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
        return re.findall(r"^```\w*\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
