import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Line extends models.Model {
    _name = "graded.line";

    name = fields.Char();

    _records = [
        { id: 1, name: "First order" },
        { id: 2, name: "Override" },
    ];
    _views = { form: `<form><field name="name"/></form>` };
}

class Customer extends models.Model {
    _name = "graded.customer";

    name = fields.Char();
    line_ids = fields.One2many({ relation: "graded.line" });

    _records = [
        { id: 1, name: "Ada", line_ids: [1, 2] },
        { id: 2, name: "Bob", line_ids: [2] },
        { id: 3, name: "Cid", line_ids: [] },
    ];
    _views = {
        "form,7": `<form edit="0">
            <separator string="History" invisible="not line_ids"/>
            <field name="line_ids" readonly="1" invisible="not line_ids">
                <list><field name="name"/><button name="action_stop" type="object" string="Stop"/></list>
            </field>
        </form>`,
    };
}

defineMailModels();
defineModels([Customer, Line]);

const rows = () => queryAllTexts(".o_grading_part .o_data_row [name=name]");
const mountForm = async (resId = 1) => {
    onRpc("graded.customer", "web_read", ({ args: [[id]], kwargs: { specification } }) => {
        expect.step(`${id}${specification.line_ids ? " with lines" : ""}`);
    });
    await mountView({
        type: "form",
        resModel: "graded.customer",
        resId,
        resIds: [1, 2, 3],
        arch: `<form><field name="name"/><notebook>
            <page name="other" string="Other"/>
            <page name="grading" string="Grading"><widget name="grading_part" view="7"/></page>
        </notebook></form>`,
    });
};
const openPage = async () => {
    await contains("a.nav-link[name=grading]").click();
    await animationFrame();
    await animationFrame();
};

test("the lists are read when the page is opened, and not with the form", async () => {
    await mountForm();
    expect.verifySteps(["1"]);
    await openPage();
    expect.verifySteps(["1 with lines"]);
    expect(rows()).toEqual(["First order", "Override"]);
    expect(".o_grading_part .o_horizontal_separator").toHaveText("HISTORY", { exact: false });
});

test("they are read again when the form was saved, not while one types", async () => {
    await mountForm();
    await openPage();
    expect.verifySteps(["1", "1 with lines"]);
    await contains("[name=name] input").edit("Another name");
    await animationFrame();
    expect.verifySteps([]);
    await contains(".o_form_button_save").click();
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["1 with lines"]);
    expect(rows()).toEqual(["First order", "Override"]);
});

test("the next record has no lines of the one before, and one without lines no heading", async () => {
    await mountForm();
    await openPage();
    const late = new Deferred();
    onRpc("graded.customer", "web_read", async ({ args: [[id]], kwargs: { specification } }) => {
        if (id === 2 && specification.line_ids) {
            await late;
        }
    });
    await contains(".o_pager_next").click();
    await animationFrame();
    expect("[name=name]:first input").toHaveValue("Bob");
    expect(rows()).toEqual([]);
    late.resolve();
    await animationFrame();
    await animationFrame();
    expect(rows()).toEqual(["Override"]);
    expect(".o_pager_value").toHaveText("2"); // it is that of the form
    await contains(".o_pager_next").click();
    await animationFrame();
    await animationFrame();
    expect(".o_grading_part").toHaveText("");
    expect.verifySteps(["1", "1 with lines", "2", "2 with lines", "3", "3 with lines"]);
});

test("a line is opened, and its button pressed", async () => {
    onRpc("graded.line", "action_stop", ({ args: [[id]] }) => {
        expect.step(`stop ${id}`);
        return false;
    });
    await mountForm(2);
    await openPage();
    await contains(".o_grading_part .o_data_row [name=name]").click();
    expect(".modal .o_form_view [name=name]").toHaveText("Override");
    await contains(".modal .btn-close").click();
    await contains(".o_grading_part button[name=action_stop]").click();
    await animationFrame();
    expect.verifySteps(["2", "2 with lines", "stop 2", "2 with lines"]);
});

test("where they cannot be read, the form stays", async () => {
    expect.errors(1);
    onRpc("graded.customer", "web_read", ({ kwargs: { specification } }) => {
        if (specification.line_ids) {
            throw new Error("The lines are broken.");
        }
    });
    await mountForm();
    await openPage();
    expect("[name=name] input").toHaveValue("Ada");
    expect(".o_grading_part").toHaveText("");
    expect.verifyErrors(["The lines are broken."]);
    expect.verifySteps(["1", "1 with lines"]);
});
