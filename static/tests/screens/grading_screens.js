/** @odoo-module */
/*
 * Every menu of the app is opened, and the first record of each list: nothing may be wider than the window, and what is
 * ours, fields and widgets, must pass axe.
 */

const SETTLED = 150; // ms without anything new
const FADED = 1500;
const PATIENCE = 15000;
// A phone has room for less: a pixel of rounding is no overflow.
const ROUNDING = 1;

const LOADING = ".o_loading_indicator, .o_view_sample_loading, .o_grading_glance > [role='status']";
const OURS = "[class*='o_widget_grading'], [class*='o_field_grading'], .o_grading_onboarding, .o_grading_calls";
// What Odoo draws, and colors, within fields of ours; its shade of text of less weight has a contrast of 4.33.
const ODOOS = ".o_tag, .o-autocomplete, .text-muted";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(isTrue, what) {
    const end = Date.now() + PATIENCE;
    while (!isTrue()) {
        if (Date.now() > end) {
            throw new Error(`${what} did not appear`);
        }
        await pause(30);
    }
}

async function settled(what) {
    await until(() => document.querySelector(".o_action_manager .o_view_controller, .o_action_manager > *"), what);
    await until(() => !document.querySelector(LOADING), `the end of ${what}`);
    await pause(SETTLED);
}

function leaves(menu) {
    return [...(menu.actionID ? [menu] : []), ...menu.childrenTree.flatMap(leaves)];
}

/** What is too wide, as sentences. */
function tooWide(what) {
    const page = document.documentElement;
    const wide = [...document.querySelectorAll(".o_action_manager, .o_control_panel, .o_form_sheet")].filter(
        (element) => element.scrollWidth > element.clientWidth + ROUNDING && element.clientWidth
    );
    if (page.scrollWidth > window.innerWidth + ROUNDING || wide.length) {
        const names = wide.map((element) => `${element.className} ${element.scrollWidth}/${element.clientWidth}`);
        return [`${what} is wider than the window: ${names.join(", ") || page.scrollWidth}`];
    }
    return [];
}

/** What cannot be used without eyes or mouse, as sentences. */
async function inaccessible(what) {
    const include = [...document.querySelectorAll(OURS)];
    if (!include.length) {
        return [];
    }
    const page = { include, exclude: [...document.querySelectorAll(ODOOS)] };
    const options = { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa"] }, resultTypes: ["violations"] };
    let { violations } = await window.axe.run(page, options);
    if (violations.length) {
        await pause(FADED); // what just fades in has no contrast yet
        ({ violations } = await window.axe.run(page, options));
    }
    return violations.flatMap(({ nodes }) =>
        nodes.map(({ html, failureSummary }) => `${what}: ${html.slice(0, 200)} ${failureSummary}`)
    );
}

async function openAndCheck(services, action, what) {
    await services.action.doAction(action, { clearBreadcrumbs: true });
    await settled(what);
    return [...tooWide(what), ...(await inaccessible(what))];
}

/** The pages of the form that is open, but for the first one, which is open already. */
async function checkPages(what) {
    const problems = [];
    const names = [...document.querySelectorAll(".o_notebook_headers .nav-link:not(.active)")].map(({ name }) => name);
    for (const name of names.filter((name) => name?.includes("grading"))) {
        document.querySelector(`.o_notebook_headers .nav-link[name="${name}"]`).click();
        await settled(`the page ${name} of ${what}`);
        problems.push(...tooWide(what), ...(await inaccessible(`the page ${name} of ${what}`)));
    }
    return problems;
}

async function walk() {
    const { services } = odoo.__WOWL_DEBUG__.root.env;
    const [app] = services.menu.getApps().filter(({ xmlid }) => xmlid === "customer_grading.customer_grading_menu_root");
    const screens = leaves(services.menu.getMenuAsTree(app.id));
    const problems = screens.length < 20 ? [`Only ${screens.length} screens were found.`] : [];
    const opened = new Set();
    for (const menu of screens) {
        problems.push(...(await openAndCheck(services, menu.actionID, menu.name)));
        const { action } = services.action.currentController;
        const views = action.views?.filter(([, type]) => type === "form");
        if (!action.res_model || opened.has(action.res_model) || !views?.length) {
            continue;
        }
        opened.add(action.res_model);
        const graded = action.res_model === "res.partner" ? [["grading_grade_id", "!=", false]] : [];
        const [id] = await services.orm.search(action.res_model, graded, { limit: 1 });
        if (id) {
            const form = { type: "ir.actions.act_window", res_model: action.res_model, res_id: id, views };
            problems.push(...(await openAndCheck(services, form, `the form of ${menu.name}`)));
            problems.push(...(await checkPages(menu.name)));
        }
    }
    if (problems.length) {
        throw new Error(problems.join("\n"));
    }
}

window.gradingScreens = walk;
