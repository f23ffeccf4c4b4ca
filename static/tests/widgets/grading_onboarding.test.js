import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, mockService, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

const STEPS = [
    { id: 1, title: "Source", description: "Orders or invoices?", is_done: true, action: "open_source" },
    { id: 2, title: "Scheme", description: "What gives points.", is_done: false, action: "open_scheme" },
    { id: 3, title: "Team", description: "Who sells.", is_done: false, action: false },
];

class Customer extends models.Model {
    _name = "graded.customer";

    name = fields.Char();

    _records = [{ id: 1, name: "Anna" }];
}

defineMailModels();
defineModels([Customer]);

/** Mount *Customers* for a user who is a manager or not; `steps` is what the server says, and can be changed. */
async function mountCustomers(steps, { isManager = true, type = "kanban" } = {}) {
    onRpc("has_group", ({ args }) => args[1] !== "customer_grading.customer_grading_group_manager" || isManager);
    onRpc("grading.profile", "get_worth_calling", () => []);
    onRpc("res.company", "read", ({ args }) => {
        expect.step("read");
        return [{ id: args[0][0], grading_first_steps: structuredClone(steps) }];
    });
    const archs = {
        kanban: `<kanban js_class="grading_customer_kanban">
            <templates><t t-name="card"><field name="name"/></t></templates>
        </kanban>`,
        list: `<list js_class="grading_customer_list"><field name="name"/></list>`,
    };
    await mountView({ type, resModel: "graded.customer", arch: archs[type] });
    await animationFrame();
}

for (const type of ["kanban", "list"]) {
    test(`managers see the first steps above Customers: ${type}`, async () => {
        await mountCustomers(STEPS, { type });
        expect(".o_grading_onboarding + .o_content").toHaveCount(1);
        expect(".o_grading_onboarding_progress").toHaveText("1 of 3 done");
        expect(".o_grading_onboarding li").toHaveCount(3);
        expect(".o_grading_onboarding li.o_done").toHaveText("Source\nOrders or invoices?");
        expect.verifySteps(["read"]);
    });
}

test("what a user may not open is no link", async () => {
    await mountCustomers(STEPS);
    expect(queryAllTexts(".o_grading_onboarding_open")).toEqual(["Source", "Scheme"]);
    expect(".o_grading_onboarding li:last").toHaveText("Team\nWho sells.\nAsk an administrator to open it.");
    expect.verifySteps(["read"]);
});

test("others see none, and ask the server for none", async () => {
    await mountCustomers(STEPS, { isManager: false });
    expect(".o_grading_onboarding").toHaveCount(0);
    expect(".o_kanban_record:contains(Anna)").toHaveCount(1);
    expect.verifySteps([]);
});

test("a panel without steps is not there", async () => {
    await mountCustomers([]);
    expect(".o_grading_onboarding").toHaveCount(0);
    expect.verifySteps(["read"]);
});

test("a step opens its screen", async () => {
    onRpc("onboarding.onboarding.step", "open_scheme", () => ({ type: "ir.actions.act_window", name: "Schemes" }));
    mockService("action", {
        doAction(action) {
            expect.step(action.name);
        },
    });
    await mountCustomers(STEPS);
    await click(".o_grading_onboarding_open:contains(Scheme)");
    await animationFrame();
    expect.verifySteps(["read", "Schemes"]);
});

test("a step that is fine as it is can be ticked", async () => {
    const steps = structuredClone(STEPS);
    onRpc("onboarding.onboarding.step", "action_grading_done", ({ args }) => {
        expect.step(`done ${args[0][0]}`);
        steps.find(({ id }) => id === args[0][0]).is_done = true;
        return false;
    });
    await mountCustomers(steps);
    expect(".o_grading_onboarding_tick:first").toHaveAttribute("aria-label", "Mark as done: Scheme");
    await click(".o_grading_onboarding_tick:first");
    await animationFrame();
    expect(".o_grading_onboarding_progress").toHaveText("2 of 3 done");
    expect(".o_grading_onboarding_tick").toHaveCount(1);
    expect.verifySteps(["read", "done 2", "read"]);
});

test("it can be closed", async () => {
    onRpc("onboarding.onboarding", "action_close_panel_grading", () => {
        expect.step("close");
        return false;
    });
    await mountCustomers(STEPS);
    await click(".o_grading_onboarding_close");
    await animationFrame();
    expect(".o_grading_onboarding").toHaveCount(0);
    expect.verifySteps(["read", "close"]);
});
