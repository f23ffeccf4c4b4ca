import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    serverState,
} from "@web/../tests/web_test_helpers";
import { GradingCustomerBadge } from "@customer_grading/badge/grading_customer_badge";
import { cookie } from "@web/core/browser/cookie";

class Task extends models.Model {
    _name = "served.task";

    partner_id = fields.Many2one({ relation: "graded.partner" });
    company_id = fields.Many2one({ relation: "serving.company" });

    _records = [
        { id: 1, partner_id: 1 },
        { id: 2, partner_id: false },
        { id: 3, partner_id: 1, company_id: 2 },
        { id: 4, partner_id: 1, company_id: 3 },
        { id: 5, partner_id: 4 },
    ];
}

class Partner extends models.Model {
    _name = "graded.partner";

    name = fields.Char();

    _records = [
        { id: 1, name: "Ada" },
        { id: 2, name: "Bob" },
        { id: 3, name: "Cid" },
        { id: 4, name: "Hidden" },
    ];
}

class Company extends models.Model {
    _name = "serving.company";

    name = fields.Char();

    _records = [1, 2, 3].map((id) => ({ id, name: `Company ${id}` }));
}

defineMailModels();
defineModels([Task, Partner, Company]);

const GRADED = {
    1: {
        grading_grade_id: [7, "Gold"],
        grading_grade_title: "key customers",
        grading_grade_color: 4,
        grading_score: 86.65,
        grading_trend: "up",
    },
    2: { grading_grade_id: [8, "Silver"], grading_grade_color: 2, grading_score: 40, grading_trend: "same" },
    3: { grading_grade_id: false, grading_grade_color: 0, grading_score: false, grading_trend: false },
};

/**
 * Answer for the server, which says who may see grades, and finds no customer that is not graded here; note whose grade
 * was asked for, and with which companies.
 */
async function mountTask(resId, { isSeller = true, isOffline = false, companyIds = [1] } = {}) {
    cookie.set("cids", companyIds.join("-")); // before the user is made anew, for other companies
    serverState.companies = [1, 2, 3].map((id) => ({ id, name: `Company ${id}`, sequence: id, child_ids: [] }));
    onRpc("has_group", ({ args }) => args[1] !== "customer_grading.customer_grading_group_user" || isSeller);
    onRpc("res.partner", "read", () => {
        throw new Error("Reading a customer whom a rule hides is an error");
    });
    onRpc("res.partner", "search_read", ({ kwargs: { domain, context } }) => {
        const [[field, operator, id]] = domain;
        expect([field, operator, context.active_test]).toEqual(["id", "=", false], { silent: true });
        expect.step(`read ${id} in ${context.allowed_company_ids}`);
        return id in GRADED ? [{ id, ...GRADED[id] }] : [];
    });
    if (isOffline) {
        const lose = () => {
            expect.step("lost");
            throw new Error("No answer comes.");
        };
        onRpc("/web/dataset/call_kw/res.partner/search_read", lose, { pure: true });
    }
    await mountView({
        type: "form",
        resModel: "served.task",
        resId,
        arch: `<form>
            <field name="partner_id"/><field name="company_id"/><widget name="grading_customer"/>
        </form>`,
    });
    await animationFrame();
}

async function choose(name, field = "partner_id") {
    await contains(`.o_field_widget[name=${field}] input`).click();
    await contains(`.o-autocomplete--dropdown-item:contains(${name})`).click();
    await animationFrame();
}

test("the customer of a record of another app has the badge, which follows the choice of another", async () => {
    await mountTask(1);
    expect(".o_widget_grading_customer [role=img]").toHaveAttribute(
        "title",
        "Grade Gold, key customers, 86.7 points, has risen"
    );
    expect(".o_widget_grading_customer .badge").toHaveClass("o_badge_color_4");
    await choose("Bob");
    expect(".o_widget_grading_customer .badge").toHaveText("Silver");
    await choose("Cid");
    expect(".o_widget_grading_customer [role=img]").toHaveCount(0);
    expect.verifySteps(["read 1 in 1", "read 2 in 1", "read 3 in 1"]);
});

test("nothing is asked for where there is no customer, until one is chosen", async () => {
    await mountTask(2);
    expect.verifySteps([]);
    await choose("Ada");
    expect(".o_widget_grading_customer .badge").toHaveText("Gold");
    expect.verifySteps(["read 1 in 1"]);
});

test("who may not see grades asks the server for none", async () => {
    await mountTask(1, { isSeller: false });
    expect(".o_widget_grading_customer .badge").toHaveCount(0);
    await choose("Bob");
    expect.verifySteps([]);
});

test("where the server cannot be reached there is no badge, and no error", async () => {
    await mountTask(1, { isOffline: true });
    expect(".o_widget_grading_customer .badge").toHaveCount(0);
    expect.verifySteps(["lost"]);
});

test("where a record rule hides the customer there is no badge, and no error", async () => {
    await mountTask(5);
    expect(".o_widget_grading_customer .badge").toHaveCount(0);
    expect.verifySteps(["read 4 in 1"]);
});

test("the grade is that of the record's company, and follows the choice of another", async () => {
    await mountTask(3, { companyIds: [1, 2, 3] });
    expect(".o_widget_grading_customer .badge").toHaveText("Gold");
    await choose("Company 3", "company_id");
    expect.verifySteps(["read 1 in 2,1,3", "read 1 in 3,1,2"]);
});

test("a record of a company that the user does not work in has no badge", async () => {
    await mountTask(4, { companyIds: [1, 2] });
    expect(".o_widget_grading_customer .badge").toHaveCount(0);
    expect.verifySteps([]);
});

test("where the connection is lost while the groups are asked for there is no badge, and no error", async () => {
    const lose = () => {
        expect.step("lost");
        throw new Error("No answer comes.");
    };
    onRpc("/web/dataset/call_kw/res.users/has_group", lose, { pure: true });
    await mountWithCleanup(GradingCustomerBadge, { props: { customerId: 1 } });
    await animationFrame();
    expect("[role=img]").toHaveCount(0);
    expect.verifySteps(["lost"]);
});
