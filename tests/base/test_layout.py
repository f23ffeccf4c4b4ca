import ast
from pathlib import Path

from odoo.tests import TransactionCase, tagged

MODULE = Path(__file__).parents[2]
# One name on each line, sorted: `xmlid name`, `model name`, `field model.name`. What a database had in which that
# version was installed: what its data files define and what its code adds to models, without demonstration data.
NAMES = sorted((MODULE / "tests" / "data").glob("names_*.txt"))
MAX_LINES = 400


def extended(node):
    """The name of the model that a class extends; ``None`` for a class that makes a model, or is none.

    :param ast.ClassDef node:
    :rtype: str or None
    """
    named = {
        target.id: ast.literal_eval(line.value)
        for line in node.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
    }
    parents = named.get("_inherit", [])
    parents = [parents] if isinstance(parents, str) else parents
    model = named.get("_name", next(iter(parents), None))
    return model if model in parents else None


@tagged("post_install", "-at_install")
class TestNames(TransactionCase):
    """Names are a contract: databases, other modules and people's filters refer to them. New ones are welcome."""

    def kept(self, kind):
        lines = (line.partition(" ") for names in NAMES for line in names.read_text(encoding="utf-8").splitlines())
        return sorted({name for line_kind, _space, name in lines if line_kind == kind})

    def assert_nothing_lost(self, kind, lost):
        self.assertFalse(lost, f"lost ({kind}): {', '.join(lost)}. Keep the name, or migrate it.")

    def test_the_lists_are_sorted_and_whole(self):
        self.assertEqual(len(NAMES), 2)
        for names in NAMES:
            with self.subTest(names=names.name):
                lines = names.read_text(encoding="utf-8").splitlines()
                self.assertEqual(lines, sorted(set(lines)))
                self.assertEqual({line.partition(" ")[0] for line in lines}, {"field", "model", "xmlid"})

    def test_no_xml_id_is_lost(self):
        data = self.env["ir.model.data"].search([("module", "=", "customer_grading")])
        present = set(data.mapped("name"))
        self.assert_nothing_lost("XML id", [name for name in self.kept("xmlid") if name not in present])

    def test_no_model_is_lost(self):
        self.assert_nothing_lost("model", [name for name in self.kept("model") if name not in self.env])

    def test_no_field_is_lost(self):
        lost = []
        for path in self.kept("field"):
            model, _dot, name = path.rpartition(".")
            if model not in self.env or name not in self.env[model]._fields:
                lost.append(path)
        self.assert_nothing_lost("field", lost)


@tagged("post_install", "-at_install")
class TestRooms(TransactionCase):
    """The models stand in rooms, one for each stage of the pipeline; see ``docs/architecture.md``."""

    def rooms(self):
        return [path for path in sorted((MODULE / "models").iterdir()) if (path / "__init__.py").exists()]

    def test_the_package_of_models_imports_its_rooms_and_nothing_else(self):
        tree = ast.parse((MODULE / "models" / "__init__.py").read_text(encoding="utf-8"))
        self.assertTrue(all(isinstance(node, ast.ImportFrom) for node in tree.body))
        imported = [alias.name for node in tree.body for alias in node.names]
        self.assertEqual(sorted(imported), [room.name for room in self.rooms()])
        files = {path.name for path in (MODULE / "models").glob("*.py")}
        self.assertEqual(files, {"__init__.py"}, "a model stands in a room")

    def test_each_room_says_what_comes_in_what_goes_out_and_where_to_add(self):
        for room in self.rooms():
            with self.subTest(room=room.name):
                lines = (room / "__init__.py").read_text(encoding="utf-8").splitlines()
                self.assertTrue(all(line.startswith("# ") for line in lines[:3]), "three lines of comment open it")

    def imported(self, room):
        tree = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
        return {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}

    def test_each_file_of_a_room_is_imported(self):
        for room in self.rooms():
            with self.subTest(room=room.name):
                self.assertEqual(self.imported(room), {path.stem for path in room.glob("*.py")} - {"__init__"})

    def test_each_test_of_a_room_is_imported(self):
        """Odoo's own runner finds tests by the imports."""
        for room in sorted(path.parent for path in (MODULE / "tests").glob("*/__init__.py")):
            with self.subTest(room=room.name):
                self.assertLessEqual({path.stem for path in room.glob("test_*.py")}, self.imported(room))

    def test_what_a_room_adds_to_a_core_model_stands_in_a_file_of_its_name(self):
        for path in [*(MODULE / "models").rglob("*.py"), *(MODULE / "report").rglob("*.py")]:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and (model := extended(node)) and not model.startswith("grading."):
                    with self.subTest(file=path.name, model=model):
                        self.assertEqual(path.stem, model.replace(".", "_"))

    def test_no_file_is_too_long_to_read_at_once(self):
        for path in (MODULE / "models").rglob("*.py"):
            with self.subTest(file=path.name):
                self.assertLessEqual(len(path.read_text(encoding="utf-8").splitlines()), MAX_LINES)
