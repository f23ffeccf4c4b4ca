import { expect, test } from "@odoo/hoot";
import { click, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    MockServer,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

class Due extends models.Model {
    _name = "grading.care";

    customer_name = fields.Char();
    partner_id = fields.Many2one({ relation: "due.customer" });
    lead_id = fields.Many2one({ relation: "due.lead" });
    company_id = fields.Many2one({ relation: "due.company" });

    _records = [
        { id: 1, customer_name: "Anna", partner_id: 11 },
        { id: 2, customer_name: "Bert's", lead_id: 21 },
        { id: 3, customer_name: "Cleo", partner_id: 13 },
    ];
    _views = {
        list: `<list js_class="grading_due_list">
            <field name="customer_name"/>
            <field name="partner_id" column_invisible="True"/>
            <field name="lead_id" column_invisible="True"/>
            <field name="company_id" column_invisible="True"/>
            <button name="action_done" type="object" string="Done"/>
            <button name="action_put_off" type="object" string="Postpone"/>
        </list>`,
    };
}

class Customer extends models.Model {
    _name = "due.customer";

    name = fields.Char();

    _records = [
        { id: 11, name: "Anna" },
        { id: 13, name: "Cleo" },
    ];
}

class Lead extends models.Model {
    _name = "due.lead";

    name = fields.Char();

    _records = [{ id: 21, name: "Bert's" }];
}

class Company extends models.Model {
    _name = "due.company";

    name = fields.Char();

    _records = [
        { id: 1, name: "Here" },
        { id: 2, name: "There" },
    ];
}

class Done extends models.Model {
    _name = "grading.care.done";

    feedback = fields.Char();

    _views = {
        form: `<form>
            <field name="feedback" widget="grading_feedback"/>
            <footer><button name="action_confirm" type="object" string="Done" class="btn-primary"/></footer>
        </form>`,
    };
}

const DONE = {
    type: "ir.actions.act_window",
    res_model: "grading.care.done",
    views: [[false, "form"]],
    target: "new",
};

defineMailModels();
defineModels([Due, Customer, Lead, Company, Done]);
defineActions([
    { id: 1, type: "ir.actions.act_window", res_model: "grading.care", views: [[false, "list"]] },
    { id: 2, ...DONE },
]);

test("a line opens its customer with the pager over the customers that are listed", async () => {
    onRpc("grading.care", "action_open", ({ args }) => ({
        type: "ir.actions.act_window",
        res_model: args[0][0] === 2 ? "due.lead" : "due.customer",
        res_id: { 1: 11, 2: 21, 3: 13 }[args[0][0]],
        views: [[false, "form"]],
    }));
    mockService("action", {
        doAction(action, { props }) {
            expect.step(`${action.res_model} ${action.res_id} of ${props.resIds}`);
        },
    });
    await mountView({ type: "list", resModel: "grading.care" });
    await contains(".o_data_row:eq(2) .o_data_cell").click();
    await contains(".o_data_row:eq(1) .o_data_cell").click();
    expect.verifySteps(["due.customer 13 of 11,13", "due.lead 21 of 21"]);
});

test("the pager goes over the customers of the company of the line", async () => {
    Due._records = [11, 13, 11].map((id, index) => ({ id: index + 1, partner_id: id, company_id: index ? 2 : 1 }));
    onRpc("grading.care", "action_open", ({ args }) => ({ res_id: { 1: 11, 2: 13, 3: 11 }[args[0][0]] }));
    mockService("action", {
        doAction(action, { props }) {
            expect.step(`${action.res_id} of ${props.resIds}`);
        },
    });
    await mountView({ type: "list", resModel: "grading.care" });
    await contains(".o_data_row:eq(0) .o_data_cell").click();
    await contains(".o_data_row:eq(1) .o_data_cell").click();
    expect.verifySteps(["11 of 11", "13 of 13,11"]);
});

test("D marks the line with the focus done, P postpones it, and other keys do what they do in each list", async () => {
    mockService("action", {
        doActionButton({ name, resId }) {
            expect.step(`${name} ${resId}`);
        },
    });
    await mountView({ type: "list", resModel: "grading.care" });
    const cell = (row) => queryOne(`.o_data_row:eq(${row}) .o_data_cell:first`);
    cell(1).focus();
    await press("d");
    await animationFrame();
    cell(1).focus();
    await press("ArrowDown");
    await press("p");
    await animationFrame();
    await press("x");
    expect.verifySteps(["action_done 2", "action_put_off 3"]);
});

test("after Done the next line has the focus, and P postpones it", async () => {
    onRpc("grading.care", "action_done", ({ args: [[id]] }) => {
        expect.step(`done ${id}`);
        return { ...DONE, context: { care_id: id } };
    });
    onRpc("grading.care.done", "action_confirm", ({ kwargs }) => {
        MockServer.env["grading.care"].unlink([kwargs.context.care_id]);
        return { type: "ir.actions.act_window_close" };
    });
    onRpc("grading.care", "action_put_off", ({ args: [[id]] }) => {
        expect.step(`put off ${id}`);
        MockServer.env["grading.care"].unlink([id]);
        return false;
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction(1);
    queryOne(".o_data_row:contains(Bert) .o_data_cell:first").focus();
    await press("d");
    await animationFrame();
    await click(".modal [name=feedback] input");
    await press("Enter"); // the lines are read anew before the dialog is gone
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(".o_data_row [name=customer_name]")).toEqual(["Anna", "Cleo"]);
    expect(".o_data_row:contains(Cleo) .o_data_cell:first").toBeFocused();
    await press("p"); // without a dialog here
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(".o_data_row [name=customer_name]")).toEqual(["Anna"]);
    expect(".o_data_row:contains(Anna) .o_data_cell:first").toBeFocused();
    expect.verifySteps(["done 2", "put off 3"]);
});

test("after a dialog that was discarded the focus stays where the user goes", async () => {
    onRpc("grading.care", "action_done", () => DONE);
    await mountWithCleanup(WebClient);
    await getService("action").doAction(1);
    queryOne(".o_data_row:contains(Bert) .o_data_cell:first").focus();
    await press("d");
    await animationFrame();
    await contains(".modal .btn-close").click();
    await animationFrame();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    MockServer.env["grading.care"].unlink([2]);
    onRpc("grading.care", "action_put_off", () => false);
    await click(".o_data_row:contains(Anna) button[name=action_put_off]"); // the lines are read anew
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(".o_data_row [name=customer_name]")).toEqual(["Anna", "Cleo"]);
    expect(".o_data_row .o_data_cell:focus").toHaveCount(0);
});

test("Enter in the word goes on, with and without one", async () => {
    onRpc("grading.care.done", "web_save", ({ args }) => {
        expect.step(`saved ${args[1].feedback || "nothing"}`);
    });
    onRpc("grading.care.done", "action_confirm", () => {
        expect.step("confirmed");
        return { type: "ir.actions.act_window_close" };
    });
    await mountWithCleanup(WebClient);
    for (const word of ["", "She is on holiday"]) {
        await getService("action").doAction(2);
        if (word) {
            await contains(".modal [name=feedback] input").edit(word, { confirm: false });
        } else {
            await click(".modal [name=feedback] input");
        }
        await press("Enter");
        await animationFrame();
    }
    expect.verifySteps(["saved nothing", "confirmed", "saved She is on holiday", "confirmed"]);
    await animationFrame();
    expect(".modal").toHaveCount(0);
});

test("what was done is told with the next date, and can be undone", async () => {
    onRpc("grading.care.done", "action_undo", ({ args }) => {
        expect.step(`undo ${args[0]}`);
        return { type: "ir.actions.act_window_close" };
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "grading_care_done",
        params: { message: "Contact with Anna done. Next contact: 03/11/2026", done_id: 7, next: false },
    });
    await animationFrame();
    expect(queryAllTexts(".o_notification_content")).toEqual(["Contact with Anna done. Next contact: 03/11/2026"]);
    await contains(".o_notification button:contains(Undo)").click();
    await animationFrame();
    expect.verifySteps(["undo 7"]);
    expect(".o_notification").toHaveCount(0);
});
