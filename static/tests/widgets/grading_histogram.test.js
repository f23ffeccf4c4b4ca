import { expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Grade extends models.Model {
    _name = "grading.grade";

    name = fields.Char();

    _records = [
        { id: 1, name: "Gold" },
        { id: 2, name: "Silver" },
    ];
}

class Threshold extends models.Model {
    _name = "test.threshold";

    grade_id = fields.Many2one({ relation: "grading.grade" });
    min_score = fields.Float();

    _records = [
        { id: 1, grade_id: 1, min_score: 50 },
        { id: 2, grade_id: 2, min_score: 0 },
    ];
}

class Scheme extends models.Model {
    _name = "test.scheme";

    score_bins = fields.Json();
    threshold_mode = fields.Selection({
        selection: [
            ["score", "A score"],
            ["rank", "The best percent"],
        ],
    });
    threshold_ids = fields.One2many({ relation: "test.threshold" });
    is_secondary = fields.Boolean();

    _records = [
        {
            id: 4,
            is_secondary: true,
            threshold_mode: "score",
            score_bins: { low: 0, high: 100, counts: [4, 3, 2, 1] },
            threshold_ids: [1, 2],
        },
        {
            id: 1,
            threshold_mode: "score",
            score_bins: { low: 0, high: 100, counts: [4, 3, 2, 1] },
            threshold_ids: [1, 2],
        },
        { id: 2, threshold_mode: "score", score_bins: false, threshold_ids: [] },
        {
            id: 3,
            threshold_mode: "rank",
            score_bins: { low: 0, high: 100, counts: [4, 3, 2, 1] },
            threshold_ids: [],
        },
    ];
}

defineMailModels();
defineModels([Grade, Scheme, Threshold]);

function mountScheme(resId) {
    return mountView({
        type: "form",
        resModel: "test.scheme",
        resId,
        arch: `<form>
            <field name="score_bins" invisible="1"/>
            <field name="threshold_mode"/>
            <field name="is_secondary" invisible="1"/>
            <widget name="grading_histogram"/>
            <field name="threshold_ids">
                <list editable="bottom"><field name="grade_id"/><field name="min_score"/></list>
            </field>
        </form>`,
    });
}

const GOLD = ".o_grading_histogram_handle[data-grade=Gold]";

/** Send a pointer event to the handle of Gold, at a share of the width of the bars. */
async function point(type, share) {
    const handle = queryFirst(GOLD);
    const box = queryFirst(".o_grading_histogram_bars").getBoundingClientRect();
    handle.setPointerCapture = () => {};
    handle.hasPointerCapture = () => true;
    const clientX = box.left + share * box.width;
    handle.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, clientX, pointerId: 1 }));
    await animationFrame();
}

test("the counts follow a limit that is dragged, and the list gets it when it is let go", async () => {
    await mountScheme(1);
    expect(queryAllTexts(".o_grading_histogram_count")).toEqual(["3", "7"]);
    await point("pointerdown", 0.5);
    await point("pointermove", 0.75);
    expect(queryAllTexts(".o_grading_histogram_count")).toEqual(["1", "9"]);
    expect(queryAllTexts("td[name=min_score]")).toEqual(["50.00", "0.00"]);
    await point("pointerup", 0.75);
    expect(queryAllTexts("td[name=min_score]")).toEqual(["75.00", "0.00"]);
    expect(".o_form_status_indicator_buttons:not(.invisible)").toHaveCount(1);
});

test("a drag that the browser cancels leaves the limit where it was", async () => {
    await mountScheme(1);
    await point("pointerdown", 0.5);
    await point("pointermove", 0.75);
    await point("pointercancel", 0.75);
    expect(queryAllTexts(".o_grading_histogram_count")).toEqual(["3", "7"]);
    await point("pointermove", 0.9);
    await point("pointerup", 0.9);
    expect(queryAllTexts(".o_grading_histogram_count")).toEqual(["3", "7"]);
    expect(GOLD).toHaveAttribute("aria-valuenow", "50");
    expect(queryAllTexts("td[name=min_score]")).toEqual(["50.00", "0.00"]);
});

test("arrow keys move a limit, with shift by more; a table says what the bars say", async () => {
    await mountScheme(1);
    queryFirst(GOLD).focus();
    await press("ArrowLeft");
    await animationFrame();
    expect(queryAllTexts("td[name=min_score]")).toEqual(["49.00", "0.00"]);
    queryFirst(GOLD).focus();
    await press(["Shift", "ArrowRight"]);
    await animationFrame();
    expect(queryAllTexts("td[name=min_score]")).toEqual(["59.00", "0.00"]);
    expect(GOLD).toHaveAttribute("aria-valuenow", "59");
    expect(".o_grading_histogram table.visually-hidden tbody tr").toHaveCount(2);
});

test("what begins at a limit is called a grade, or a segment where the scheme gives segments", async () => {
    await mountScheme(1);
    expect(".o_grading_histogram > div:first").toHaveText(/where each grade begins/);
    expect(".o_grading_histogram caption").toHaveText("Customers or leads by grade with these limits");
    await mountScheme(4);
    expect(".o_grading_histogram:last > div:first").toHaveText(/where each segment begins/);
    expect(".o_grading_histogram:last caption").toHaveText("Customers or leads by segment with these limits");
    expect(queryAllTexts(".o_grading_histogram:last th[scope=col]")[0]).toBe("Segment");
});

test("without scores there is none", async () => {
    await mountScheme(2);
    expect(".o_grading_histogram").toHaveCount(0);
});

test("where grades begin at the best percent there is none", async () => {
    await mountScheme(3);
    expect(".o_grading_histogram").toHaveCount(0);
});
