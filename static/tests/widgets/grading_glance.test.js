/* global Chart */

import { expect, test } from "@odoo/hoot";
import { click, edit, queryAllTexts, queryFirst, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { assets } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";

const WHAT = {
    grade: { name: "D", title: "key customers", color: 4, strategy: "Care for them.", effort: "70 % of the selling time" },
    score: "87",
    place: "the best grade",
    trend: "up",
    sentences: ["Grade D: 87 of 100 points."],
    stage: { sentence: "In the stage “Growth”.", strategy: "Go on." },
};
const GLANCE = {
    what: WHAT,
    scale: {
        score: 87,
        max: 100,
        label: "87 of 100 points",
        grades: [
            { name: "F", title: "", color: 0, start: 0, text: "0" },
            { name: "E", title: "", color: 3, start: 60, text: "60" },
            { name: "D", title: "", color: 4, start: 65, text: "65" },
        ],
    },
    why: {
        scores: ["Value 60 of 70", "Loyalty 27 of 30"],
        rows: [
            {
                name: "Sales",
                dimension: "Value",
                value: "$ 6,504",
                text: "ahead of 83 % of customers",
                points: "41.5 of 50",
                percent: 83,
                weight: 100,
            },
            { name: "Referrals", dimension: "Loyalty", value: "no data", text: "", points: "0 of 5", percent: 0, weight: 10 },
        ],
    },
    next: { sentence: "13 points to C", ways: [{ text: "One more order", gain: "about 4 points" }] },
    rhythm: { rows: [{ label: "Next order was expected", text: "yesterday", late: true }], notes: ["A note."] },
    people: {
        due: [{ channel: "call", label: "Call", day: "in 2 days", text: "Monthly call", late: false }],
        made: [{ channel: "visit", label: "Visit", day: "20 days ago", text: "Mitchell", late: false }],
    },
    amounts: {
        total: "$ 30",
        months: [
            { label: "Oct 26", amount: 10, text: "$ 10" },
            { label: "Nov 26", amount: 20, text: "$ 20" },
        ],
    },
    products: [{ name: "Hammer", text: "$ 30", percent: 100 }],
    categories: [],
    links: [
        {
            title: "Open Leads",
            model: "crm.lead",
            count: 7,
            rows: [{ id: 5, name: "Deal", text: "$ 1,500", late: false }],
            domain: [["partner_id", "in", [1]]],
        },
    ],
};
const GLANCES = { 1: GLANCE, 2: { what: { ...WHAT, grade: null, score: null, place: "", stage: null } }, 3: false };

class Grade extends models.Model {
    _name = "grading.grade";

    name = fields.Char();

    _records = [{ id: 1, name: "D" }];
}

class Customer extends models.Model {
    _name = "graded.customer";

    name = fields.Char();
    grading_score = fields.Float();
    grading_grade_id = fields.Many2one({ relation: "grading.grade" });
    grading_score_line = fields.Json();

    _records = [1, 2, 3].map((id) => ({ id, name: `Customer ${id}`, grading_score: 87, grading_grade_id: 1 }));
}

defineMailModels();
defineModels([Customer, Grade]);

const mountGlance = async (resId, arch = `<form><field name="name"/><widget name="grading_glance"/></form>`) => {
    onRpc("graded.customer", "grading_glance", ({ args: [[id]] }) => {
        expect.step(`glance of ${id}`);
        return GLANCES[id];
    });
    await mountView({ type: "form", resModel: "graded.customer", resId, arch });
    await animationFrame(); // the answer of the server
    await animationFrame(); // what needs the library of the charts
};

test("the sections stand in the order of an answer", async () => {
    await mountGlance(1);
    expect.verifySteps(["glance of 1"]);
    expect(".o_grading_glance_what").toHaveText(/D, key customers\s+87 points\s+the best grade/);
    expect(".o_grading_glance_strategy").toHaveText("Care for them.");
    const titles = queryAllTexts(".o_grading_glance h3").map((title) => title.split(/\n|\(|Value|\$/)[0].trim());
    expect(titles).toEqual([
        "Score by Month",
        "Why",
        "What Next",
        "Rhythm",
        "Next contacts",
        "Last contacts",
        "Amount by Month",
        "Top products",
        "Open Leads",
    ]);
    expect(".o_grading_glance_rhythm dd").toHaveClass("text-danger");
});

test("the scale has the score among the grades, and says it in words", async () => {
    await mountGlance(1);
    expect(queryOne(".o_grading_glance_mark").style.left).toBe("87%");
    // E begins so near to D that only one of both names has room.
    expect(queryAllTexts(".o_grading_glance_starts > span").map((text) => text.replace(/\s+/g, " "))).toEqual(["F0", "E60"]);
    expect(".o_grading_glance_scale_section").toHaveAttribute("role", "img");
    expect(".o_grading_glance_scale_section").toHaveAttribute(
        "aria-label",
        "87 of 100 points, F from 0 on, E from 60 on, D from 65 on"
    );
    expect.verifySteps(["glance of 1"]);
});

test("criteria are a list with text, their bars are for the eye alone", async () => {
    await mountGlance(1);
    expect(queryAllTexts(".o_grading_glance_why").map((text) => text.replace(/\s+/g, " "))).toEqual([
        "Sales $ 6,504, ahead of 83 % of customers 41.5 of 50",
        "Referrals no data 0 of 5",
    ]);
    expect(".o_grading_glance_bar[aria-hidden=true]").toHaveCount(2);
    expect(queryFirst(".o_grading_glance_bar .progress").style.width).toBe("100%");
    expect(queryFirst(".o_grading_glance_bar .progress-bar").style.width).toBe("83%");
    expect.verifySteps(["glance of 1"]);
});

test("amounts are bars, with a table for those who cannot see them", async () => {
    await mountGlance(1);
    const canvas = queryOne(".o_grading_amount_bars canvas");
    expect(Chart.getChart(canvas).data.datasets[0].data).toEqual([10, 20]);
    expect(canvas).toHaveAttribute("role", "img");
    expect(canvas).toHaveAttribute("aria-label", "Amounts of the last 2 months, $ 30 in total");
    expect(queryAllTexts(".o_grading_amount_bars tr td")).toEqual(["$ 10", "$ 20"]);
    expect.verifySteps(["glance of 1"]);
});

test("a link opens its record, and all of its kind", async () => {
    mockService("action", {
        doAction({ res_model, res_id, domain }) {
            expect.step(`${res_model} ${res_id || JSON.stringify(domain)}`);
        },
    });
    await mountGlance(1);
    await click(".o_grading_glance_links li button");
    await click(".o_grading_glance_links button:contains(Show all)");
    expect.verifySteps(["glance of 1", "crm.lead 5", 'crm.lead [["partner_id","in",[1]]]']);
});

test("what customers like this also buy is offered by a click, to users who may create quotations", async () => {
    mockService("action", {
        doAction({ res_model, res_id, views, context }) {
            expect.step([res_model, res_id, views[0][1], context]);
        },
    });
    const quotation = { default_partner_id: 1, default_company_id: 5, grading_basket_product_id: 32 };
    const basket = [
        { name: "Lamp", reason: "80 % of the orders", quotation },
        { name: "Desk", reason: "50 % of the orders", quotation: false },
    ];
    patchWithCleanup(GLANCES, { 1: { ...GLANCE, basket } });
    await mountGlance(1);
    expect(".o_grading_glance_basket li").toHaveCount(2);
    expect(".o_grading_glance_basket button").toHaveCount(1);
    expect(".o_grading_glance_basket li:contains(Lamp) button").toHaveAttribute(
        "aria-label",
        "New Quotation with Lamp"
    );
    await click(".o_grading_glance_basket button");
    expect.verifySteps(["glance of 1", ["sale.order", undefined, "form", quotation]]);
});

test("it is asked for when its page is opened, and again when the form was saved, not while one types", async () => {
    await mountGlance(
        1,
        `<form><field name="name"/><notebook>
            <page name="other" string="Other"><field name="grading_score"/></page>
            <page name="grading" string="Grading"><widget name="grading_glance"/></page>
        </notebook></form>`
    );
    expect.verifySteps([]);
    await click("a.nav-link[name=grading]");
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["glance of 1"]);
    await click("[name=name] input");
    await edit("Another name");
    await animationFrame();
    expect.verifySteps([]);
    await click(".o_form_button_save");
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["glance of 1"]);
});

test("users without the figures see what the grade is alone", async () => {
    await mountGlance(2);
    expect(".o_grading_glance_what").toHaveText(/Not graded/);
    expect(".o_grading_glance section").toHaveCount(1);
    expect(".o_grading_glance canvas").toHaveCount(0);
    expect.verifySteps(["glance of 2"]);
});

test("of a contact that is not graded there is nothing", async () => {
    await mountGlance(3);
    expect(".o_grading_glance").toHaveText("");
    expect.verifySteps(["glance of 3"]);
});

test("the next record has nothing of the one before, nor an answer that comes too late", async () => {
    const late = new Deferred();
    onRpc("graded.customer", "grading_glance", async ({ args: [[id]] }) => {
        expect.step(`glance of ${id}`);
        if (id === 2) {
            await late;
        }
        return { what: { ...WHAT, grade: { ...WHAT.grade, title: `told of ${id}` } } };
    });
    await mountView({
        type: "form",
        resModel: "graded.customer",
        resId: 1,
        resIds: [1, 2, 3],
        arch: `<form><field name="name"/><widget name="grading_glance"/></form>`,
    });
    await animationFrame();
    expect(".o_grading_glance_what").toHaveText(/told of 1/);
    await contains(".o_pager_next").click();
    await animationFrame();
    expect("[name=name] input").toHaveValue("Customer 2");
    expect(".o_grading_glance").toHaveText("Loading");
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_grading_glance_what").toHaveText(/told of 3/);
    late.resolve();
    await animationFrame();
    expect(".o_grading_glance_what").toHaveText(/told of 3/);
    expect.verifySteps(["glance of 1", "glance of 2", "glance of 3"]);
});

for (const [companyId, ids] of [
    [2, "2,1"],
    [3, "1,2"], // the user does not work there
    [undefined, "1,2"],
]) {
    test(`a form that a row of company ${companyId} opens is read in the companies ${ids}`, async () => {
        cookie.set("cids", "1-2"); // before the user is made anew, for other companies
        serverState.companies = [1, 2, 3].map((id) => ({ id, name: `Company ${id}`, sequence: id, child_ids: [] }));
        for (const method of ["web_read", "grading_glance", "read"]) {
            onRpc("graded.customer", method, ({ kwargs }) => {
                expect.step(`${method} in ${kwargs.context.allowed_company_ids}`);
                return method === "grading_glance" ? GLANCE : undefined;
            });
        }
        await mountView({
            type: "form",
            resModel: "graded.customer",
            resId: 1,
            context: { grading_company_id: companyId },
            arch: `<form><widget name="grading_glance"/></form>`,
        });
        await animationFrame();
        expect.verifySteps([`web_read in ${ids}`, `grading_glance in ${ids}`, `read in ${ids}`]);
    });
}

test("where the line of scores cannot be read, the rest of the answer is drawn", async () => {
    expect.errors(1);
    onRpc("graded.customer", "read", () => {
        throw new Error("The line is broken.");
    });
    await mountGlance(1);
    expect(".o_grading_glance_why").toHaveCount(2);
    expect(".o_grading_amount_bars canvas").toHaveCount(1);
    expect.verifySteps(["glance of 1"]);
    expect.verifyErrors(["The line is broken."]);
});

test("the answer is drawn before the library of the charts is there, and without it", async () => {
    const late = new Deferred();
    patchWithCleanup(assets, { loadBundle: () => late });
    await mountGlance(1);
    expect(".o_grading_glance_why").toHaveCount(2);
    expect(queryAllTexts(".o_grading_amount_bars tr td")).toEqual(["$ 10", "$ 20"]);
    const isDrawn = () => Boolean(Chart.getChart(queryOne(".o_grading_amount_bars canvas")));
    expect(isDrawn()).toBe(false);
    late.resolve();
    await animationFrame();
    await animationFrame();
    expect(isDrawn()).toBe(true);
    expect.verifySteps(["glance of 1"]);
});

test("where the answer is an error, nothing is told of the record before", async () => {
    expect.errors(1);
    onRpc("graded.customer", "grading_glance", ({ args: [[id]] }) => {
        if (id === 2) {
            throw new Error("This one is broken.");
        }
        return GLANCES[2];
    });
    await mountView({
        type: "form",
        resModel: "graded.customer",
        resId: 1,
        resIds: [1, 2],
        arch: `<form><field name="name"/><widget name="grading_glance"/></form>`,
    });
    await animationFrame();
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_grading_glance").toHaveText("");
    expect.verifyErrors(["This one is broken."]);
});
