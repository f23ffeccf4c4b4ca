import { describe, expect, test } from "@odoo/hoot";
import { hover, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    MockServer,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { SIZES, utils } from "@web/core/ui/ui_service";
import { WebClient } from "@web/webclient/webclient";

describe.current.tags("desktop");

class Grade extends models.Model {
    _name = "grading.grade";

    name = fields.Char();
    title = fields.Char();

    _records = [
        { id: 7, name: "Gold", title: "key customers" },
        { id: 8, name: "Silver", title: "" },
        { id: 9, name: "Bronze", title: "" },
    ];
}

class Customer extends models.Model {
    _name = "graded.customer";

    name = fields.Char();
    grading_grade_id = fields.Many2one({ relation: "grading.grade" });
    grading_manual_grade_id = fields.Many2one({ relation: "grading.grade" });
    stage_id = fields.Many2one({ relation: "grading.grade" });
    trend = fields.Selection({
        selection: [
            ["up", "Up"],
            ["down", "Down"],
        ],
    });

    _records = [
        { id: 1, name: "Ada", grading_grade_id: 7, trend: "up", stage_id: 7 },
        { id: 2, name: "Bob", grading_grade_id: 7, grading_manual_grade_id: 7, trend: "down", stage_id: 8 },
        { id: 3, name: "Cid", grading_grade_id: 8, trend: "up", stage_id: 8 },
        { id: 4, name: "Dan", grading_grade_id: false, stage_id: 8 },
    ];
    _views = {
        kanban: `<kanban js_class="grading_kanban" default_group_by="grading_grade_id">
            <field name="grading_grade_id" options="{'group_by_tooltip': {'title': 'Grade'}}"/>
            <field name="grading_manual_grade_id"/>
            <progressbar field="trend" colors='{"up": "success", "down": "danger"}'/>
            <templates><t t-name="card"><field name="name"/></t></templates>
        </kanban>`,
    };
}

class Override extends models.Model {
    _name = "grading.override";

    grade_id = fields.Many2one({ relation: "grading.grade" });

    _views = { form: `<form><field name="grade_id"/></form>` };
}

defineMailModels();
defineModels([Customer, Grade, Override]);
defineActions([{ id: 1, type: "ir.actions.act_window", res_model: "graded.customer", views: [[false, "kanban"]] }]);

const EMPTY = { grading_grade_id: [9, "Bronze"], __count: 0, __extra_domain: [["grading_grade_id", "=", 9]] };

/**
 * The customers by grade, with a column for a grade that none has, as the server adds one: before all others, or after.
 */
async function mountCustomers({ isEmptyFirst = false, ...params } = {}) {
    onRpc("graded.customer", "web_read_group", ({ parent }) => {
        const result = parent();
        const group = { ...EMPTY, "trend:count": 0, __records: [] };
        result.groups.splice(isEmptyFirst ? 0 : result.groups.length, 0, group);
        result.length = result.groups.length;
        return result;
    });
    await mountView({ type: "kanban", resModel: "graded.customer", ...params });
}

/** The cards of each column, by the title of the column; the column of those who are not graded is folded. */
function columns() {
    const titles = queryAllTexts(".o_kanban_group .o_column_title");
    return titles.map((title, index) => [
        title.replace(/\s+/g, " "),
        queryAllTexts(`.o_kanban_group:eq(${index}) .o_kanban_record`),
    ]);
}

const drag = (name, column) =>
    contains(`.o_kanban_record:contains(${name})`).dragAndDrop(`.o_kanban_group:contains(${column})`);

test("the head of a column tells how many customers it has, beside the bar", async () => {
    await mountCustomers();
    expect(columns()).toEqual([
        ["None (1)", []],
        ["Gold (2)", ["Ada", "Bob"]],
        ["Silver (1)", ["Cid"]],
        ["Bronze (0)", []],
    ]);
    expect(".o_kanban_group:contains(Gold) .o_column_progress").toHaveCount(1);
});

test("the head of a column tells in its tooltip what the grade means", async () => {
    await mountCustomers();
    await hover(".o_column_title:contains(Gold)");
    await advanceTime(400);
    await animationFrame();
    expect(".o-tooltip").toHaveText("Grade\nkey customers");
});

test("a card that is dropped on another grade asks why, and nothing changes before", async () => {
    onRpc("graded.customer", "action_grading_override", ({ args, kwargs }) => {
        expect.step(["override", args[0], kwargs.context.grading_grade_id]);
        return {
            type: "ir.actions.act_window",
            res_model: "grading.override",
            views: [[false, "form"]],
            target: "new",
        };
    });
    onRpc("graded.customer", "web_save", () => expect.step("saved"));
    await mountWithCleanup(WebClient);
    await getService("action").doAction(1);
    await drag("Ada", "Silver");
    await animationFrame();
    expect(".modal .o_field_widget[name=grade_id]").toHaveCount(1);
    expect(columns().slice(1)).toEqual([
        ["Gold (2)", ["Ada", "Bob"]],
        ["Silver (1)", ["Cid"]],
    ]);
    expect.verifySteps([["override", [1], 8]]);
    // What the dialog has written shows when it is closed.
    MockServer.env["graded.customer"].write([1], { grading_grade_id: 8, grading_manual_grade_id: 8 });
    await contains(".modal .btn-close").click();
    await animationFrame();
    expect(columns().slice(1)).toEqual([
        ["Gold (1)", ["Bob"]],
        ["Silver (2)", ["Ada", "Cid"]],
    ]);
    expect.verifySteps([]);
});

test("a card that is dropped on those without a grade is given back to the rules", async () => {
    onRpc("graded.customer", "action_grading_give_back", ({ args }) => {
        expect.step(["give back", args[0]]);
        MockServer.env["graded.customer"].write(args[0], { grading_grade_id: 8, grading_manual_grade_id: false });
        return { type: "ir.actions.client", tag: "soft_reload" };
    });
    await mountCustomers();
    await drag("Bob", "None");
    await animationFrame();
    expect(columns().slice(0, 3)).toEqual([
        ["None (1)", []],
        ["Gold (1)", ["Ada"]],
        ["Silver (2)", ["Bob", "Cid"]],
    ]);
    expect.verifySteps([["give back", [2]]]);
});

test("a card that the rules have graded already goes back, and it is said why", async () => {
    onRpc("graded.customer", "action_grading_give_back", () => expect.step("give back"));
    await mountWithCleanup(WebClient);
    await getService("action").doAction(1);
    await drag("Ada", "None");
    await animationFrame();
    expect(".o_notification_content").toHaveText("There is no override to remove: the rules give this grade.");
    expect(columns().slice(0, 2)).toEqual([
        ["None (1)", []],
        ["Gold (2)", ["Ada", "Bob"]],
    ]);
    expect.verifySteps([]);
});

test("a new card goes to the column of its grade, and the form for the next one keeps what is typed", async () => {
    onRpc("name_create", ({ args, parent }) => {
        const created = parent();
        const grade = { Eve: 8, Fay: false, Gus: 7 }[args[0]];
        MockServer.env["graded.customer"].write([created[0]], { grading_grade_id: grade });
        return created;
    });
    await mountCustomers();
    onRpc("web_read_group", () => expect.step("the columns are loaded anew"));
    await contains(".o_kanban_group:contains(Gold) .o_kanban_quick_add").click();
    for (const [name, next] of [["Eve", "Fay"], ["Fay", "Gus"], ["Gus", "Hal"]]) {
        await contains(".o_kanban_quick_create input").edit(name, { confirm: "Enter" });
        await animationFrame(); // Odoo empties the form
        await contains(".o_kanban_quick_create input").fill(next, { confirm: false });
        await animationFrame();
        expect(".o_kanban_group:contains(Gold) .o_kanban_quick_create input").toHaveValue(next);
    }
    expect(columns()).toEqual([
        ["None (2)", []],
        ["Gold (3)", ["Gus", "Ada", "Bob"]],
        ["Silver (2)", ["Eve", "Cid"]],
        ["Bronze (0)", []],
    ]);
    expect.verifySteps([]);
    await contains(".o_kanban_quick_create .o_kanban_cancel").click();
    await contains(".o_kanban_group.o_column_folded").click();
    expect(columns()[0]).toEqual(["None (2)", ["Dan", "Fay"]]);
});

test("grouped by something else, a card is moved as everywhere", async () => {
    onRpc("graded.customer", "web_save", ({ args }) => expect.step(["saved", ...args]));
    await mountView({ type: "kanban", resModel: "graded.customer", groupBy: ["stage_id"] });
    await drag("Ada", "Silver");
    await animationFrame();
    expect.verifySteps([["saved", [1], { stage_id: 8 }]]);
});

for (const [title, params, expected] of [
    ["begins with the first column that has customers", {}, ["Gold (2)", "Silver (1)", "None (1)"]],
    ["shows the columns where all are empty", { domain: [["id", "=", 0]] }, ["Bronze (0)"]],
]) {
    test(`a narrow screen, which has one column at a time, ${title}`, async () => {
        patchWithCleanup(utils, { getSize: () => SIZES.XS, isSmall: () => true });
        await mountCustomers({ isEmptyFirst: true, ...params });
        const shown = queryAllTexts(".o_kanban_group:not(.d-none) .o_column_title");
        expect(shown.map((text) => text.replace(/\s+/g, " "))).toEqual(expected);
    });
}
