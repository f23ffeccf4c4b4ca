import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Partner extends models.Model {
    _name = "buying.partner";

    name = fields.Char();

    _records = [
        { id: 1, name: "Ada" },
        { id: 2, name: "Bob" },
    ];
}

class Company extends models.Model {
    _name = "selling.company";

    name = fields.Char();

    _records = [{ id: 5, name: "Shop" }];
}

class Product extends models.Model {
    _name = "sold.product";

    name = fields.Char();

    _records = [
        { id: 31, name: "Desk" },
        { id: 32, name: "Lamp" },
    ];
}

class Line extends models.Model {
    _name = "sold.line";

    product_id = fields.Many2one({ relation: "sold.product" });

    _records = [
        { id: 41, product_id: 31 },
        { id: 42, product_id: 31 },
        { id: 43, product_id: 31 },
        { id: 44, product_id: 32 },
    ];
}

class Quotation extends models.Model {
    _name = "sale.order";

    partner_id = fields.Many2one({ relation: "buying.partner" });
    company_id = fields.Many2one({ relation: "selling.company" });
    order_line = fields.One2many({ relation: "sold.line" });

    _records = [
        { id: 7, partner_id: 1, company_id: 5, order_line: [41] },
        { id: 8, partner_id: 1, company_id: 5, order_line: [42] },
        { id: 9, partner_id: 1, company_id: 5, order_line: [43, 44] },
    ];
}

defineMailModels();
defineModels([Partner, Company, Product, Line, Quotation]);

const LAMP = { product: 32, name: "Lamp", reason: "8 of 10 customers with a desk" };

/** Answer for the server, and note what was asked. */
function answer(suggestionsOf) {
    onRpc("sale.order", "grading_basket_suggestions", ({ args }) => {
        expect.step(["asked", ...args]);
        return suggestionsOf(args);
    });
    onRpc("sale.order", "grading_basket_shown", ({ args }) => {
        expect.step(["shown", ...args]);
        return true;
    });
    onRpc("sale.order", "grading_basket_add", ({ args }) => {
        expect.step(["added", ...args]);
        return true;
    });
}

async function mountQuotation(resId, { limit = 40, ...params } = {}) {
    await mountView({
        type: "form",
        resModel: "sale.order",
        resId,
        ...params,
        arch: `<form>
            <field name="partner_id"/><field name="company_id"/>
            <field name="order_line"><list editable="bottom" limit="${limit}"><field name="product_id"/></list></field>
            <widget name="grading_basket"/>
        </form>`,
    });
    await animationFrame();
}

test("a quotation shows what goes with it, and what it has shown is counted", async () => {
    answer(() => [LAMP]);
    await mountQuotation(7);
    expect(queryAllTexts(".o_grading_basket_row .fw-bold")).toEqual(["Lamp"]);
    expect(".o_grading_basket_row small").toHaveText("8 of 10 customers with a desk");
    expect(".o_grading_basket_row button").toHaveAttribute("aria-label", "Add Lamp");
    expect.verifySteps([
        ["asked", [7], 1, 5, [31], []],
        ["shown", [7], [32]],
    ]);
});

test("where nothing goes with it, nothing is there, and nothing is counted", async () => {
    answer(() => []);
    await mountQuotation(7);
    expect(".o_grading_basket").toHaveCount(0);
    expect.verifySteps([["asked", [7], 1, 5, [31], []]]);
});

test("a quotation that is not saved is asked for anew with each choice, and counts nothing", async () => {
    answer(() => [LAMP]);
    await mountQuotation();
    expect.verifySteps([]); // of which company, is not known yet
    await contains(".o_field_widget[name=company_id] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(Shop)").click();
    await animationFrame();
    await contains(".o_field_widget[name=partner_id] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(Bob)").click();
    await animationFrame();
    expect(".o_grading_basket_row").toHaveCount(1);
    expect.verifySteps([
        ["asked", [], false, 5, [], []],
        ["asked", [], 2, 5, [], []],
    ]);
});

test("an answer that comes after the next question is not shown", async () => {
    const late = new Deferred();
    answer(([, customer]) => (customer === 1 ? late : []));
    await mountQuotation(7);
    await contains(".o_field_widget[name=partner_id] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(Bob)").click();
    await animationFrame();
    late.resolve([LAMP]);
    await animationFrame();
    expect(".o_grading_basket").toHaveCount(0);
    expect.verifySteps([
        ["asked", [7], 1, 5, [31], []],
        ["asked", [7], 2, 5, [31], []],
    ]);
});

test("a click adds the product to the quotation, which is saved before", async () => {
    answer(() => [LAMP]);
    onRpc("sale.order", "web_save", ({ args: [, values] }) => expect.step(["saved", values]));
    await mountQuotation(7);
    await contains(".o_field_widget[name=partner_id] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(Bob)").click();
    await animationFrame();
    expect.verifySteps([
        ["asked", [7], 1, 5, [31], []],
        ["shown", [7], [32]],
        ["asked", [7], 2, 5, [31], []],
        ["shown", [7], [32]],
    ]);
    await click(".o_grading_basket_row button");
    await animationFrame();
    expect.verifySteps([
        ["saved", { partner_id: 2 }],
        ["added", [7], 32],
    ]);
    expect(".o_grading_basket_row button").toBeEnabled();
});

test("the next quotation has nothing of the one before to add", async () => {
    const late = new Deferred();
    answer(([[id]]) => (id === 8 ? late : [LAMP]));
    await mountQuotation(7, { resIds: [7, 8] });
    expect(".o_grading_basket_row").toHaveCount(1);
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_grading_basket").toHaveCount(0);
    await contains(".o_pager_previous").click();
    await animationFrame();
    late.resolve([{ ...LAMP, name: "Late" }]);
    await animationFrame();
    expect(queryAllTexts(".o_grading_basket_row .fw-bold")).toEqual(["Lamp"]);
    expect(".o_grading_basket_row button").toBeEnabled();
    expect.verifySteps([
        ["asked", [7], 1, 5, [31], []],
        ["shown", [7], [32]],
        ["asked", [8], 1, 5, [31], []],
        ["asked", [7], 1, 5, [31], []],
        ["shown", [7], [32]],
    ]);
});

test("while the server is asked about other lines, nothing can be added twice", async () => {
    const late = new Deferred();
    answer(([, , , products]) => (products.includes(32) ? late : [LAMP]));
    await mountQuotation(7);
    await contains(".o_field_x2many_list_row_add a").click();
    await contains("[name=product_id] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(Lamp)").click();
    await animationFrame();
    expect(".o_grading_basket_row button").not.toBeEnabled();
    late.resolve([]);
    await animationFrame();
    expect(".o_grading_basket").toHaveCount(0);
    expect.verifySteps([
        ["asked", [7], 1, 5, [31], []],
        ["shown", [7], [32]],
        ["asked", [7], 1, 5, [31, 32], []],
    ]);
});

test("a line that is taken off speaks for nothing any more, before it is saved", async () => {
    answer(([, , , products]) => (products.includes(31) ? [LAMP] : []));
    await mountQuotation(7);
    expect(".o_grading_basket_row").toHaveCount(1);
    await contains(".o_list_record_remove").click();
    await animationFrame();
    expect(".o_grading_basket").toHaveCount(0);
    expect.verifySteps([
        ["asked", [7], 1, 5, [31], []],
        ["shown", [7], [32]],
        ["asked", [7], 1, 5, [], []],
    ]);
});

test("lines on another page of the list count, too, until they are taken off", async () => {
    answer(() => []);
    await mountQuotation(9, { limit: 1 });
    await contains(".o_field_x2many .o_pager_next").click();
    await contains(".o_list_record_remove").click();
    await animationFrame();
    expect.verifySteps([
        ["asked", [9], 1, 5, [31], [44]],
        ["asked", [9], 1, 5, [32], [43]],
        ["asked", [9], 1, 5, [31], []],
    ]);
});

test("what does not go with the quotation any more once it is saved is not added", async () => {
    let questions = 0;
    answer(() => (questions++ ? [] : [LAMP]));
    await mountQuotation();
    await contains(".o_field_widget[name=company_id] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(Shop)").click();
    await animationFrame();
    expect.verifySteps([["asked", [], false, 5, [], []]]);
    await click(".o_grading_basket_row button");
    await animationFrame();
    await animationFrame();
    expect(".o_grading_basket").toHaveCount(0);
    expect(".o_notification").toHaveText("Lamp is not suggested any more.");
    const saved = ["asked", [10], false, 5, [], []];
    expect.verifySteps([saved, saved]);
});
