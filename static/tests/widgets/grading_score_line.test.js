/* global Chart */

import { expect, test } from "@odoo/hoot";
import { manuallyDispatchProgrammaticEvent, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

const LINE = {
    points: [
        { date: "2026-01-31", score: null, grade: null },
        { date: "2026-02-28", score: 30, grade: "Silver" },
        { date: "2026-03-31", score: 65.25, grade: "Gold" },
    ],
    changes: [{ date: "2026-03-15", score: 52, from: "Silver", to: "Gold" }],
    limits: [
        { grade: "Gold", start: 50 },
        { grade: "Silver", start: 49 },
        { grade: "Bronze", start: 0 },
    ],
    max: 100,
};

class Grade extends models.Model {
    _name = "grading.grade";

    name = fields.Char();

    _records = [{ id: 1, name: "Gold" }];
}

class Customer extends models.Model {
    _name = "graded.customer";

    grading_score = fields.Float();
    grading_grade_id = fields.Many2one({ relation: "grading.grade" });
    grading_score_line = fields.Json();

    _records = [
        { id: 1, grading_score: 65.25, grading_grade_id: 1, grading_score_line: LINE },
        { id: 2, grading_score: 1, grading_score_line: { points: [LINE.points[1]], changes: [], limits: [], max: 0 } },
        { id: 3, grading_score: 1, grading_score_line: false },
        {
            id: 4,
            grading_score: 66,
            grading_score_line: { ...LINE, points: [...LINE.points, { date: "2026-04-03", score: 66, grade: "Gold" }] },
        },
    ];
}

defineMailModels();
defineModels([Customer, Grade]);

const mountLine = async (resId, params) => {
    await mountView({
        type: "form",
        resModel: "graded.customer",
        resId,
        ...params,
        arch: `<form><field name="grading_score"/><widget name="grading_score_line"/></form>`,
    });
    await animationFrame(); // what is read beside the form
    await animationFrame(); // what needs the library of the charts
};
const canvas = () => queryOne(".o_grading_score_line canvas");
const tooltip = () => Chart.getChart(canvas()).tooltip;

test("the line has the months, the changes and a mark at each limit", async () => {
    await mountLine(1);
    const chart = Chart.getChart(canvas());
    expect(chart.data.datasets.map(({ data }) => data.map(({ y }) => y))).toEqual([[null, 30, 65.25], [52]]);
    expect(chart.scales.y.ticks.map(({ value }) => value)).toEqual([0, 49, 50]);
    expect(chart.scales.y.ticks.map(({ label }) => label)).toEqual(["Bronze  0", "", "Gold  50"]);
    expect(chart.scales.y.max).toBe(100);
    // From the first score that is known on.
    expect(chart.scales.x.min).toBe(chart.data.datasets[0].data[1].x);
});

test("today has no label of its own where a month has just ended", async () => {
    await mountLine(4);
    const { data, scales } = Chart.getChart(canvas());
    expect(data.datasets[0].data.length).toBe(4);
    expect(scales.x.ticks.map(({ label }) => label)).toEqual(["Feb 26", "Mar 26"]);
});

test("a table has the same numbers for those who cannot see the line", async () => {
    await mountLine(1);
    expect(".o_grading_score_line table").toHaveClass("visually-hidden");
    const cells = queryAllTexts(".o_grading_score_line tbody tr :is(th, td)");
    expect(cells.filter((_cell, index) => index % 3)).toEqual([
        ...["–", "no grade"],
        ...["30.0", "Silver"],
        ...["52.0", "Silver → Gold"],
        ...["65.3", "Gold"],
    ]);
    expect(canvas()).toHaveAttribute("role", "img");
    expect(canvas().getAttribute("aria-label")).toMatch(/^Score from 30\.0 on .* to 65\.3 on /);
});

test("the arrow keys go through what is drawn", async () => {
    await mountLine(1);
    canvas().focus();
    const told = [];
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowRight", "End", "Home"]) {
        await press(key);
        told.push(tooltip().body[0].lines[0]);
    }
    expect(told).toEqual([
        "Gold: 65.3 points",
        "Silver → Gold: 52.0 points",
        "Silver: 30.0 points",
        "Silver: 30.0 points",
        "Silver → Gold: 52.0 points",
        "Gold: 65.3 points",
        "Silver: 30.0 points",
    ]);
    await manuallyDispatchProgrammaticEvent(canvas(), "blur");
    await animationFrame();
    expect(tooltip().opacity).toBe(0);
});

test("it is read once, apart from the form", async () => {
    onRpc("graded.customer", "read", ({ args }) => {
        expect.step(args[1].join());
    });
    onRpc("graded.customer", "web_read", ({ kwargs }) => {
        expect.step("grading_score_line" in kwargs.specification ? "with the form" : "without it");
    });
    await mountLine(1);
    expect.verifySteps(["without it", "grading_score_line"]);
});

test("the form is there before the line is, and without it", async () => {
    const late = new Deferred();
    onRpc("graded.customer", "read", () => late);
    await mountLine(1);
    expect("[name=grading_score]").toHaveCount(1);
    expect(".o_grading_score_line").toHaveText("");
    late.reject(new Error("The line is broken."));
    expect.errors(1);
    await animationFrame();
    expect("[name=grading_score]").toHaveCount(1);
    expect.verifyErrors(["The line is broken."]);
});

test("one month alone makes no line", async () => {
    await mountLine(2);
    expect(".o_grading_score_line canvas").toHaveCount(0);
    expect(".o_grading_score_line").toHaveText(/The line begins with the end of the first month/);
});

test("without the documents there is no line", async () => {
    await mountLine(3);
    expect(".o_grading_score_line canvas").toHaveCount(0);
    expect(".o_grading_score_line").toHaveText(/visible to those who see/);
});

test("the next record has no line of the one before, nor an answer that comes too late", async () => {
    const late = new Deferred();
    const lines = { 1: LINE, 3: { ...LINE, points: LINE.points.map((point) => ({ ...point, grade: "Bronze" })) } };
    onRpc("graded.customer", "read", async ({ args: [[id]] }) => {
        expect.step(`line of ${id}`);
        if (id === 2) {
            await late;
        }
        return [{ id, grading_score_line: lines[id] || LINE }];
    });
    await mountLine(1, { resIds: [1, 2, 3] });
    expect(".o_grading_score_line td:contains(Gold)").toHaveCount(2);
    await contains(".o_pager_next").click();
    expect(".o_grading_score_line").toHaveText(""); // it is not said either that it is hidden
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(".o_grading_score_line td:contains(Bronze)").toHaveCount(3);
    late.resolve();
    await animationFrame();
    expect(".o_grading_score_line td:contains(Bronze)").toHaveCount(3);
    expect.verifySteps(["line of 1", "line of 2", "line of 3"]);
});
