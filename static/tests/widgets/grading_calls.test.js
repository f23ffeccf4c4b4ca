import { destroy, expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { GradingCalls } from "@customer_grading/widgets/grading_calls/grading_calls";
import { GradingOnboarding } from "@customer_grading/widgets/grading_onboarding/grading_onboarding";

const CALLS = [
    {
        id: 7,
        model: "res.partner",
        record: 11,
        name: "Anna",
        amount: "$ 900.00",
        reason: "Silent for 80 days, usually 30",
        phone: "+1 555 0100",
        grade: "D",
        color: 3,
    },
    { id: 8, model: "crm.lead", record: 21, name: "Bert's", amount: "$ 90.00", reason: "", phone: "", grade: "", color: 0 },
];

defineMailModels();

async function mountCalls(calls, isSeller = true) {
    onRpc("has_group", () => isSeller);
    onRpc("grading.profile", "get_worth_calling", () => {
        expect.step("asked");
        return calls;
    });
    await mountWithCleanup(GradingCalls);
    await animationFrame();
}

test("each call says who, how much, why and by which number", async () => {
    await mountCalls(CALLS);
    expect(queryAllTexts(".o_grading_call_open")).toEqual(["Anna", "Bert's"]);
    expect(".o_grading_call:first").toHaveText(/\$ 900.00 at stake\s+Silent for 80 days, usually 30/);
    expect(".o_grading_call:first .badge").toHaveText("D");
    expect(".o_grading_call:first a").toHaveAttribute("href", "tel:+1 555 0100");
    expect(".o_grading_call:first a").toHaveAttribute("aria-label", "Call Anna");
    expect(".o_grading_call:last a").toHaveCount(0);
    expect(".o_grading_call:last .badge").toHaveCount(0);
    expect.verifySteps(["asked"]);
});

for (const Panel of [GradingCalls, GradingOnboarding]) {
    test(`a user who has gone on before their groups are known is asked nothing: ${Panel.name}`, async () => {
        const answer = new Deferred();
        onRpc("has_group", () => answer);
        onRpc("grading.profile", "get_worth_calling", () => expect.step("calls"));
        onRpc("res.company", "read", () => expect.step("steps"));
        const panel = await mountWithCleanup(Panel);
        destroy(panel);
        answer.resolve(true);
        await animationFrame();
        expect.verifySteps([]); // an error of the component would fail the test, too
    });
}

test("a call opens the customer or lead", async () => {
    mockService("action", {
        doAction({ res_model, res_id }) {
            expect.step(`${res_model} ${res_id}`);
        },
    });
    await mountCalls(CALLS);
    await click(".o_grading_call_open:last");
    await animationFrame();
    expect.verifySteps(["asked", "crm.lead 21"]);
});

test("the calls stay folded until they are unfolded", async () => {
    await mountCalls(CALLS);
    await click(".o_grading_calls_fold");
    await animationFrame();
    expect(".o_grading_call").toHaveCount(0);
    await mountWithCleanup(GradingCalls);
    await animationFrame();
    expect(".o_grading_calls").toHaveCount(2);
    expect(".o_grading_call").toHaveCount(0);
    await click(".o_grading_calls_fold:last");
    await animationFrame();
    expect(".o_grading_call").toHaveCount(2);
    expect.verifySteps(["asked", "asked"]);
});

test("without calls nothing is there", async () => {
    await mountCalls([]);
    expect(".o_grading_calls").toHaveCount(0);
    expect.verifySteps(["asked"]);
});

test("others see none, and ask the server for none", async () => {
    await mountCalls(CALLS, false);
    expect(".o_grading_calls").toHaveCount(0);
    expect.verifySteps([]);
});
