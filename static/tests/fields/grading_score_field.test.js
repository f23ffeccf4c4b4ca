import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { clickSave, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Assessment extends models.Model {
    _name = "given.assessment";

    satisfaction = fields.Float({ string: "Satisfaction" });

    _records = [
        { id: 1, satisfaction: 8 },
        { id: 2, satisfaction: 8.66 },
    ];
}

defineMailModels();
defineModels([Assessment]);

const SCORE = `<form><field name="satisfaction" widget="grading_score"/></form>`;
const mountAssessment = (resId, arch = SCORE) => mountView({ type: "form", resModel: "given.assessment", resId, arch });
const checked = () => queryAllTexts(".o_field_grading_score [role=radio][aria-checked=true]");

test("a score is given by one click, and taken back by a second one", async () => {
    onRpc("web_save", ({ args: [, values] }) => expect.step(values));
    await mountAssessment(1);
    expect(".o_field_grading_score [role=radiogroup]").toHaveAttribute("aria-label", "Satisfaction");
    expect(queryAllTexts(".o_field_grading_score [role=radio]")).toEqual([..."0123456789", "10"]);
    expect(checked()).toEqual(["8"]);
    await click("[role=radio]:contains(10)");
    await animationFrame();
    expect(checked()).toEqual(["10"]);
    await click("[role=radio]:contains(10)");
    await animationFrame();
    expect(checked()).toEqual([]);
    await clickSave();
    expect.verifySteps([{ satisfaction: false }]);
});

test("0 is a score, and not the same as none", async () => {
    await mountAssessment(1);
    await click("[role=radio]:contains(8)");
    await animationFrame();
    expect(checked()).toEqual([]);
    await click("[role=radio]:first");
    await animationFrame();
    expect(checked()).toEqual(["0"]);
});

test("where it cannot be changed, a score is a number with the decimals that it has", async () => {
    await mountAssessment(2, SCORE.replace("/>", ` readonly="1"/>`));
    expect(".o_field_grading_score").toHaveText("8.7");
    expect(".o_field_grading_score [role=radio]").toHaveCount(0);
});
