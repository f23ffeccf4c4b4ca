import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, mockService, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

const cell = (to, count, moves) => ({ to, count, moves, amount: `$ ${count}00`, expected: `$ ${count}0` });
const MATRIX = {
    grades: [
        { id: 1, name: "Gold" },
        { id: 2, name: "Silver" },
    ],
    rows: [
        { id: 1, name: "Gold", cells: [cell(1, 7, false), cell(2, 3, true)] },
        { id: 2, name: "Silver", cells: [cell(1, 0, true), cell(2, 9, false)] },
    ],
    contacts: [{ name: "Gold", before: "2.5", after: "1.8" }],
    plays: [
        { id: 5, name: "Win them back", count: 3, is_listed: true },
        { id: 6, name: "Welcome", count: 0, is_listed: true },
        { id: 7, name: "Of an earlier release", count: 2, is_listed: false },
    ],
};

class Preview extends models.Model {
    _name = "grading.preview";

    matrix = fields.Json();

    _records = [
        { id: 1, matrix: MATRIX },
        { id: 2, matrix: false },
    ];
}

defineMailModels();
defineModels([Preview]);

const mountPreview = (resId) =>
    mountView({
        type: "form",
        resModel: "grading.preview",
        resId,
        arch: `<form><field name="matrix" widget="grading_preview" readonly="1"/></form>`,
    });

test("a cell says how many go there, what they buy, and so in words", async () => {
    await mountPreview(1);
    expect(queryAllTexts(".o_grading_preview thead:first th")).toEqual(["Gold", "Silver"]);
    expect(queryAllTexts(".o_grading_preview tbody:first th")).toEqual(["Gold", "Silver"]);
    expect(".o_grading_preview_cell").toHaveCount(1);
    expect(".o_grading_preview_cell").toHaveText("3\n$ 300\n$ 30");
    expect(".o_grading_preview_cell").toHaveAttribute("aria-label", "Gold to Silver: 3");
});

test("those who stay are counted, and nothing stands where no customer goes", async () => {
    await mountPreview(1);
    const cells = queryAllTexts(".o_grading_preview tbody:first td");
    expect(cells.map((text) => text.split("\n")[0])).toEqual(["7", "3", "", "9"]);
});

test("beside it stand the contacts a week and the plays that would start", async () => {
    await mountPreview(1);
    expect(queryAllTexts(".o_grading_preview .table-sm tbody tr")).toEqual([
        "Gold 2.5 1.8",
        "Win them back 3",
        "Welcome 0",
        "Of an earlier release 2",
    ]);
});

test("the number of a play opens those for whom it would start", async () => {
    onRpc("grading.preview", "action_open_play", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window", res_model: "grading.preview.start" };
    });
    mockService("action", { doAction: ({ res_model }) => expect.step(res_model) });
    await mountPreview(1);
    expect(".o_grading_preview_play").toHaveCount(1);
    expect(".o_grading_preview_play").toHaveAttribute("aria-label", "Win them back would start for 3");
    await click(".o_grading_preview_play");
    await animationFrame();
    expect.verifySteps([[[1], 5], "grading.preview.start"]);
});

test("a cell opens those who move there", async () => {
    onRpc("grading.preview", "action_open_cell", ({ args }) => {
        expect.step(args);
        return { type: "ir.actions.act_window", res_model: "grading.preview.line" };
    });
    mockService("action", { doAction: ({ res_model }) => expect.step(res_model) });
    await mountPreview(1);
    await click(".o_grading_preview_cell");
    await animationFrame();
    expect.verifySteps([[[1], 1, 2], "grading.preview.line"]);
});

test("a preview that has not been worked out is empty", async () => {
    await mountPreview(2);
    expect(".o_grading_preview tbody:first tr").toHaveCount(0);
    expect(".o_grading_preview .table-sm").toHaveCount(0);
});
