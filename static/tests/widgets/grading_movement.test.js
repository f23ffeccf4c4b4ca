import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

const GRADES = [
    ["1", "Gold"],
    ["2", "Silver"],
];
const MONTHS = [
    ["2026-03-31", "March 2026"],
    ["2026-02-28", "February 2026"],
    ["2026-01-31", "January 2026"],
];

class Movement extends models.Model {
    _name = "graded.movement";

    from_end = fields.Selection({ selection: GRADES });
    to_end = fields.Selection({ selection: GRADES });
    to_month = fields.Selection({ selection: MONTHS });
    from_month = fields.Selection({ selection: MONTHS });
    direction = fields.Integer({ aggregator: "sum" });

    _records = [
        { id: 1, from_end: "1", to_end: "1", direction: 0 },
        { id: 2, from_end: "1", to_end: "2", direction: -1 },
        { id: 3, from_end: "1", to_end: "2", direction: -1 },
        { id: 4, from_end: "2", to_end: "1", direction: 1 },
    ];
}

defineMailModels();
defineModels([Movement]);

async function mountMovement(context = {}) {
    await mountView({
        type: "pivot",
        resModel: "graded.movement",
        context,
        arch: `<pivot js_class="grading_movement_pivot">
            <field name="from_end" type="row"/><field name="to_end" type="col"/>
        </pivot>`,
        searchViewArch: `<search>
            <field name="to_month" filter_domain="[]" context="{'grading_to_month': self}"/>
            <field name="from_month" filter_domain="[]" context="{'grading_from_month': self}"/>
        </search>`,
    });
}

const chosen = () => ["from_month", "to_month"].map((name) => document.querySelector(`select[name=${name}]`).value);

test("the cells of those who improved or worsened are shaded, sums and those who stayed are not", async () => {
    await mountMovement();
    expect(queryAllTexts("td.o_grading_up")).toEqual(["1"]);
    expect(queryAllTexts("td.o_grading_down")).toEqual(["2"]);
    expect("td.o_grading_up").toHaveCount(1);
});

test("without another choice the last month is compared with the one before", async () => {
    await mountMovement();
    expect(chosen()).toEqual(["2026-02-28", "2026-03-31"]);
});

test("a link may say how many months lie between, at most all that are known", async () => {
    await mountMovement({ grading_months_before: 12 });
    expect(chosen()).toEqual(["2026-01-31", "2026-03-31"]);
});

test("the month that one chooses becomes a facet, in place of the former one", async () => {
    onRpc("graded.movement", "formatted_read_grouping_sets", ({ kwargs }) => {
        expect.step(kwargs.context.grading_to_month || "not chosen");
    });
    await mountMovement();
    expect.verifySteps(["not chosen"]);
    for (const month of ["2026-02-28", "2026-01-31"]) {
        await contains("select[name=to_month]").select(month);
        await animationFrame();
    }
    expect(queryAllTexts(".o_facet_value")).toEqual(["January 2026"]);
    expect.verifySteps([["2026-02-28"], ["2026-01-31"]]);
});
