import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

const CHOICES = [
    {
        label: "Purchases",
        choices: [
            { value: "order_count", label: "Number of orders", help: "Number of purchases, all time." },
            { value: "order_amount", label: "Amount, all time", help: "" },
        ],
    },
    { label: "Leads", choices: [{ value: "willingness", label: "Willingness", help: "How ready to buy." }] },
];

class Criterion extends models.Model {
    _name = "test.criterion";

    measure = fields.Selection({
        selection: [
            ["order_count", "Number of orders"],
            ["order_amount", "Amount, all time"],
            ["willingness", "Willingness"],
            ["former", "Former measure"],
        ],
    });
    measure_choices = fields.Json();

    _records = [
        { id: 1, measure: "order_count", measure_choices: CHOICES },
        { id: 2, measure: "former", measure_choices: CHOICES },
        { id: 3, measure: "willingness", measure_choices: CHOICES.slice(1) },
    ];
}

defineMailModels();
defineModels([Criterion]);

const mountMeasure = (resId, attributes = "") =>
    mountView({
        type: "form",
        resModel: "test.criterion",
        resId,
        arch: `<form><field name="measure" widget="grading_measure" ${attributes}/></form>`,
    });
const open = async () => {
    await click(".o_field_widget[name=measure] .o_select_menu_toggler");
    await animationFrame();
};

test("the choices stand under headings, each with what it means", async () => {
    await mountMeasure(1);
    expect(".o_field_widget[name=measure] input").toHaveValue("Number of orders");
    await open();
    expect(queryAllTexts(".o_select_menu_group")).toEqual(["Purchases", "Leads"]);
    expect(queryAllTexts(".o_select_menu_item")).toEqual([
        "Number of orders\nNumber of purchases, all time.",
        "Amount, all time",
        "Willingness\nHow ready to buy.",
    ]);
});

test("what is picked is scored", async () => {
    await mountMeasure(1);
    await open();
    await click(".o_select_menu_item:contains(Willingness)");
    await animationFrame();
    expect(".o_field_widget[name=measure] input").toHaveValue("Willingness");
    expect(".o_form_button_save").toBeVisible();
});

test("only what the server offers is offered", async () => {
    await mountMeasure(3);
    await open();
    expect(queryAllTexts(".o_select_menu_group")).toEqual(["Leads"]);
    expect(".o_select_menu_item").toHaveCount(1);
});

test("a chosen measure that is not offered any more is still shown", async () => {
    await mountMeasure(2);
    expect(".o_field_widget[name=measure] input").toHaveValue("Former measure");
    await open();
    expect(".o_select_menu_item").toHaveCount(4);
});

test("where nothing can be chosen its name is read", async () => {
    await mountMeasure(1, `readonly="1"`);
    expect(".o_field_widget[name=measure]").toHaveText("Number of orders");
    expect(".o_field_widget[name=measure] input").toHaveCount(0);
});
