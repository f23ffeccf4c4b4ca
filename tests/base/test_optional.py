from odoo.tests import BaseCase, tagged

from ...models.base.optional import _go_through_patches


class Core:
    def save(self):
        return ["core"]


class Extension(Core):
    def save(self):
        return ["extension", *super().save()]


def patched(model):
    """Put a method in front of the one that is there, as Odoo's automation rules do."""

    def save(self):
        return ["rule", *save.origin(self)]

    save.origin = model.save
    model.save = save


@tagged("post_install", "-at_install")
class TestExtensionsOfWhatMayBeMissing(BaseCase):
    def test_an_automation_rule_that_came_first_does_not_hide_the_extension(self):
        model = type("Model", (Core,), {})
        patched(model)
        model.__bases__ = (Extension,)
        self.assertEqual(model().save(), ["rule", "core"], "what the rule has kept")
        _go_through_patches(model)
        self.assertEqual(model().save(), ["rule", "extension", "core"])
