import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Grade extends models.Model {
    _name = "grading.grade";

    name = fields.Char();

    _records = [
        { id: 1, name: "Gold" },
        { id: 2, name: "Silver" },
    ];
}

class Threshold extends models.Model {
    _name = "test.threshold";

    grade_id = fields.Many2one({ relation: "grading.grade" });
    min_score = fields.Float();
    profile_count = fields.Integer();

    _records = [
        { id: 1, grade_id: 1, min_score: 50 },
        { id: 2, grade_id: 2, min_score: 0 },
    ];
}

class Scheme extends models.Model {
    _name = "test.scheme";

    threshold_counts = fields.Json();
    threshold_ids = fields.One2many({ relation: "test.threshold", onChange: () => {} });

    _records = [{ id: 1, threshold_counts: { 1: 3, 2: 7 }, threshold_ids: [1, 2] }];
}

defineMailModels();
defineModels([Grade, Scheme, Threshold]);

test("all rows follow the limits as they are typed", async () => {
    onRpc("test.scheme", "onchange", () => ({ value: { threshold_counts: { 1: 4, 2: 6 } } }));
    await mountView({
        type: "form",
        resModel: "test.scheme",
        resId: 1,
        arch: `<form>
            <field name="threshold_counts" invisible="1"/>
            <field name="threshold_ids">
                <list editable="bottom">
                    <field name="grade_id"/>
                    <field name="min_score"/>
                    <field name="profile_count" widget="grading_threshold_count" readonly="1"/>
                </list>
            </field>
        </form>`,
    });
    expect(queryAllTexts("td[name=profile_count]")).toEqual(["3", "7"]);
    await contains(".o_data_row:first td[name=min_score]").click();
    await contains("[name=min_score] input").edit("40", { confirm: "tab" });
    await animationFrame();
    expect(queryAllTexts("td[name=profile_count]")).toEqual(["4", "6"]);
});
