import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Task extends models.Model {
    _name = "served.task";

    partner_id = fields.Many2one({ relation: "graded.partner" });

    _records = [
        { id: 1, partner_id: 1 },
        { id: 2, partner_id: false },
    ];
}

class Partner extends models.Model {
    _name = "graded.partner";

    name = fields.Char();

    _records = [
        { id: 1, name: "Ada" },
        { id: 2, name: "Bob" },
        { id: 3, name: "Cid" },
    ];
}

defineMailModels();
defineModels([Task, Partner]);

const GRADED = {
    1: { grading_grade_id: [7, "Gold"], grading_grade_color: 4, grading_score: 86.65, grading_trend: "up" },
    2: { grading_grade_id: [8, "Silver"], grading_grade_color: 2, grading_score: 40, grading_trend: "same" },
    3: { grading_grade_id: false, grading_grade_color: 0, grading_score: false, grading_trend: false },
};

/** Answer for the server, which says who may see grades, and note whose grade was asked for. */
async function mountTask(resId, { isSeller = true, isOffline = false } = {}) {
    onRpc("has_group", ({ args }) => args[1] !== "customer_grading.customer_grading_group_user" || isSeller);
    onRpc("res.partner", "read", ({ args: [[id]] }) => {
        expect.step(`read ${id}`);
        return [{ id, ...GRADED[id] }];
    });
    if (isOffline) {
        const lose = () => {
            expect.step("lost");
            throw new Error("No answer comes.");
        };
        onRpc("/web/dataset/call_kw/res.partner/read", lose, { pure: true });
    }
    await mountView({
        type: "form",
        resModel: "served.task",
        resId,
        arch: `<form><field name="partner_id"/><widget name="grading_customer"/></form>`,
    });
    await animationFrame();
}

async function choose(name) {
    await contains(".o_field_widget[name=partner_id] input").click();
    await contains(`.o-autocomplete--dropdown-item:contains(${name})`).click();
    await animationFrame();
}

test("the customer of a record of another app has the badge, which follows the choice of another", async () => {
    await mountTask(1);
    expect(".o_widget_grading_customer [role=img]").toHaveAttribute("aria-label", "Grade Gold, 86.7 points, has risen");
    expect(".o_widget_grading_customer .badge").toHaveClass("o_badge_color_4");
    await choose("Bob");
    expect(".o_widget_grading_customer .badge").toHaveText("Silver");
    await choose("Cid");
    expect(".o_widget_grading_customer [role=img]").toHaveCount(0);
    expect.verifySteps(["read 1", "read 2", "read 3"]);
});

test("nothing is asked for where there is no customer, until one is chosen", async () => {
    await mountTask(2);
    expect.verifySteps([]);
    await choose("Ada");
    expect(".o_widget_grading_customer .badge").toHaveText("Gold");
    expect.verifySteps(["read 1"]);
});

test("who may not see grades asks the server for none", async () => {
    await mountTask(1, { isSeller: false });
    expect(".o_widget_grading_customer .badge").toHaveCount(0);
    await choose("Bob");
    expect.verifySteps([]);
});

test("where the server cannot be reached there is no badge, and no error", async () => {
    await mountTask(1, { isOffline: true });
    expect(".o_widget_grading_customer .badge").toHaveCount(0);
    expect.verifySteps(["lost"]);
});
