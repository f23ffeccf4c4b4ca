import { registry } from "@web/core/registry";

/*
 * Every menu of the app is opened, and the first record of each list: nothing may be wider than the window, and what is
 * ours (its classes begin with o_grading) must pass axe, where the page has brought it along.
 */

const SETTLED = 150; // ms without anything new
const PATIENCE = 15000;
// A phone has room for less: a pixel of rounding is no overflow.
const ROUNDING = 1;

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
    await until(() => !document.querySelector(".o_loading_indicator, .o_view_sample_loading"), `the end of ${what}`);
    await pause(SETTLED);
}

function leaves(menu) {
    return [...(menu.actionID ? [menu] : []), ...menu.childrenTree.flatMap(leaves)];
}

function checkWidth(what) {
    const page = document.documentElement;
    const wide = [...document.querySelectorAll(".o_action_manager, .o_control_panel, .o_form_sheet")].filter(
        (element) => element.scrollWidth > element.clientWidth + ROUNDING && element.clientWidth
    );
    if (page.scrollWidth > window.innerWidth + ROUNDING || wide.length) {
        const names = wide.map((element) => `${element.className} ${element.scrollWidth}/${element.clientWidth}`);
        throw new Error(`${what} is wider than the window: ${names.join(", ") || page.scrollWidth}`);
    }
}

async function checkAccess(what) {
    const ours = [...document.querySelectorAll(".o_action_manager [class*='o_grading']")];
    if (!ours.length || !window.axe) {
        return;
    }
    const { violations } = await window.axe.run(ours, {
        runOnly: { type: "tag", values: ["wcag2a", "wcag2aa"] },
        resultTypes: ["violations"],
    });
    const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
    if (found.length) {
        throw new Error(`${what} is hard to use without eyes or mouse:\n${found.join("\n")}`);
    }
}

async function openAndCheck(services, action, what) {
    await services.action.doAction(action, { clearBreadcrumbs: true });
    await settled(what);
    checkWidth(what);
    await checkAccess(what);
}

async function walk() {
    const { services } = odoo.__WOWL_DEBUG__.root.env;
    const [app] = services.menu.getApps().filter(({ xmlid }) => xmlid === "customer_grading.customer_grading_menu_root");
    const screens = leaves(services.menu.getMenuAsTree(app.id));
    const opened = new Set();
    for (const menu of screens) {
        await openAndCheck(services, menu.actionID, menu.name);
        const { action } = services.action.currentController;
        if (!action.res_model || opened.has(action.res_model) || !action.views.some(([, type]) => type === "form")) {
            continue;
        }
        opened.add(action.res_model);
        const [id] = await services.orm.search(action.res_model, [], { limit: 1 });
        if (id) {
            const views = action.views.filter(([, type]) => type === "form");
            const form = { type: "ir.actions.act_window", res_model: action.res_model, res_id: id, views };
            await openAndCheck(services, form, `the form of ${menu.name}`);
        }
    }
    if (screens.length < 20) {
        throw new Error(`Only ${screens.length} screens were found.`);
    }
}

registry.category("web_tour.tours").add("grading_screens", {
    steps: () => [{ content: "open every screen", trigger: ".o_main_navbar", timeout: 300000, run: walk }],
});
