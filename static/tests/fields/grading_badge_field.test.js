import { expect, test } from "@odoo/hoot";
import { click } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    mountWithCleanup,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

class Grade extends models.Model {
    _name = "grading.grade";

    name = fields.Char();

    _records = [{ id: 1, name: "Gold" }];
}

class Customer extends models.Model {
    _name = "graded.customer";

    name = fields.Char();
    grade_id = fields.Many2one({ relation: "grading.grade" });
    title = fields.Char();
    color = fields.Integer();
    score = fields.Float();
    trend = fields.Selection({
        selection: [
            ["up", "Up"],
            ["same", "Same"],
            ["down", "Down"],
        ],
    });

    _records = [
        { id: 1, name: "Ada", grade_id: 1, title: "key customers", color: 4, score: 86.65, trend: "up" },
        { id: 2, name: "Bob", grade_id: 1, color: 4, score: 40, trend: "same" },
        { id: 3, name: "Cid", grade_id: false, score: 3, trend: "down" },
    ];
}

defineMailModels();
defineModels([Customer, Grade]);

const OPTIONS = "'title_field': 'title', 'color_field': 'color', 'score_field': 'score', 'trend_field': 'trend'";
const mountForm = (resId, arch) => mountView({ type: "form", resModel: "graded.customer", resId, arch });
const badge = (options = OPTIONS) =>
    `<form><field name="grade_id" widget="grading_badge" options="{${options}}"/></form>`;

test("the badge has the grade in its color, the score and the trend, and says so in words", async () => {
    await mountForm(1, badge());
    expect(".o_field_grading_badge .badge").toHaveText("Gold");
    expect(".o_field_grading_badge .badge").toHaveClass("o_badge_color_4");
    expect(".o_grading_badge_score").toHaveText("86.7");
    expect(".o_field_grading_badge .fa-arrow-up").toHaveCount(1);
    for (const attribute of ["aria-label", "title"]) {
        expect(".o_field_grading_badge [role=img]").toHaveAttribute(
            attribute,
            "Grade Gold, key customers, 86.7 points, has risen"
        );
    }
    expect(".o_field_grading_badge button").toHaveCount(0);
});

test("a whole score has no decimals, and no arrow stands where nothing has changed", async () => {
    await mountForm(2, badge());
    expect(".o_grading_badge_score").toHaveText("40");
    expect(".o_field_grading_badge [role=img]").toHaveAttribute("title", "Grade Gold, 40 points"); // it has no title
    expect(".o_field_grading_badge .fa").toHaveCount(0);
});

test("without a grade there is no badge", async () => {
    await mountForm(3, badge());
    expect(".o_field_grading_badge").toHaveText("");
});

for (const [title, resId, head] of [
    ["the badge", 1, `<field name="grade_id" widget="grading_badge" options="{${OPTIONS}, 'opens_page': True}"/>`],
    [
        "the button in the head, also without a grade,",
        3,
        `<div name="button_box"><field name="grade_id" widget="grading_badge_button" options="{${OPTIONS}}"/></div>`,
    ],
]) {
    test(`${title} opens the page Grading`, async () => {
        await mountForm(
            resId,
            `<form><sheet>${head}<notebook>
                <page name="other" string="Other"><field name="name"/></page>
                <page name="grading" string="Grading"><field name="score"/></page>
            </notebook></sheet></form>`
        );
        expect("a.nav-link[name=other]").toHaveClass("active");
        expect("[name=grade_id] button").toHaveAttribute("aria-label", /^Grade /);
        await click("[name=grade_id] button");
        await animationFrame();
        expect("a.nav-link[name=grading]").toHaveClass("active");
        expect("a.nav-link[name=grading]").toBeFocused();
        expect(".tab-pane [name=score]").toHaveCount(1);
    });
}

test("in a dialog it opens the page of the dialog, and not that of the form behind", async () => {
    const arch = `<form><field name="grade_id" widget="grading_badge" options="{${OPTIONS}, 'opens_page': True}"/>
        <notebook>
            <page name="other" string="Other"><field name="name"/></page>
            <page name="grading" string="Grading"><field name="score"/></page>
        </notebook></form>`;
    Customer._views = { form: arch };
    await mountWithCleanup(WebClient);
    const form = { type: "ir.actions.act_window", res_model: "graded.customer", views: [[false, "form"]] };
    await getService("action").doAction({ ...form, res_id: 1 });
    await getService("action").doAction({ ...form, res_id: 2, target: "new" });
    await contains(".o_dialog [name=grade_id] button").click();
    expect(".o_dialog a.nav-link[name=grading]").toHaveClass("active");
    expect(".o_action_manager a.nav-link[name=other]").toHaveClass("active");
});
