/** @odoo-module */
/*
 * Every menu of the app is opened, and the first record of each list; then the screens and dialogs that no menu leads
 * to, which the test names: nothing may be wider than the window, and all must pass axe, or be in the user's language.
 */
import { loadJS } from "@web/core/assets";
import { rpcBus } from "@web/core/network/rpc";
import { inaccessible, tooWide, untranslated } from "@customer_grading/../tests/screens/grading_checks";

const SETTLED = 50; // ms without anything new
const PATIENCE = 15000;

const LOADING = ".o_loading_indicator, .o_view_sample_loading, .o_grading_glance > [role='status']";
const SCREEN = ".o_action_manager .o_content, .o_grading_onboarding, .o_grading_calls";
const DIALOG = ".modal:not(.o_inactive_modal) .modal-content";
const CLOSE = `${DIALOG} .modal-header :is(.btn-close, .oi-arrow-left)`; // the arrow on a phone

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

const asked = new Set(); // requests without an answer yet
rpcBus.addEventListener("RPC:REQUEST", ({ detail }) => asked.add(detail.data));
rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => asked.delete(detail.data));

async function settled(what, selector = ".o_action_manager .o_view_controller, .o_action_manager > *") {
    await until(() => document.querySelector(selector), what);
    do {
        await until(() => !asked.size && !document.querySelector(LOADING), `the end of ${what}`);
        await pause(SETTLED);
    } while (asked.size);
}

function leaves(menu) {
    return [...(menu.actionID ? [menu] : []), ...menu.childrenTree.flatMap(leaves)];
}

function form(model, id, views = [[false, "form"]]) {
    return { type: "ir.actions.act_window", res_model: model, res_id: id, views };
}

class Walk {
    constructor({ screens, dialogs, rules, english = [] }) {
        Object.assign(this, { screens, dialogs, rules, english: new Set(english), problems: [] });
        this.env = odoo.__WOWL_DEBUG__.root.env;
        this.services = this.env.services;
    }

    async check(what, selector = SCREEN) {
        this.problems.push(...tooWide(what, this.env.isSmall));
        const roots = [...document.querySelectorAll(selector)];
        this.problems.push(...untranslated(roots, what, this.english));
        if (this.rules) {
            this.problems.push(...(await inaccessible(roots, what, this.rules)));
        }
    }

    async open(action, what, options = {}) {
        await this.services.action.doAction(action, { clearBreadcrumbs: true, ...options });
        await settled(what);
        await this.check(what);
    }

    /** The pages of the form that is open, but for the first one, which is open already. */
    async openPages(what) {
        const tabs = [...document.querySelectorAll(".o_notebook_headers .nav-link:not(.active)")];
        for (const name of tabs.map(({ name }) => name).filter((name) => name?.includes("grading"))) {
            document.querySelector(`.o_notebook_headers .nav-link[name="${name}"]`).click();
            await settled(`the page ${name} of ${what}`);
            await this.check(`the page ${name} of ${what}`);
        }
    }

    async openForm(model, id, what, views) {
        await this.open(form(model, id, views), what);
        await this.openPages(what);
    }

    async openMenus() {
        const xmlid = "customer_grading.customer_grading_menu_root";
        const app = this.services.menu.getApps().find((menu) => menu.xmlid === xmlid);
        const menus = leaves(this.services.menu.getMenuAsTree(app.id));
        if (menus.length < 20) {
            this.problems.push(`Only ${menus.length} screens were found.`);
        }
        const opened = new Set();
        for (const menu of menus) {
            await this.open(menu.actionID, menu.name);
            const { rules } = this;
            // Forms and lists have Odoo's colors; where there are others the test names the screen.
            this.rules = rules === "contrast" ? "" : rules;
            if (this.rules || this.english.size) {
                await this.openListAndForm(menu, opened);
            }
            this.rules = rules;
        }
    }

    /** The other screens of the menu that is open: its list, and the form of one record of a model that is new. */
    async openListAndForm(menu, opened) {
        const { action, view } = this.services.action.currentController;
        if (!this.env.isSmall && view?.type !== "list" && action.views?.some(([, type]) => type === "list")) {
            await this.services.action.doAction(action, { clearBreadcrumbs: true, viewType: "list" });
            await settled(menu.name);
            this.problems.push(...tooWide(`the list of ${menu.name}`, false));
            this.problems.push(...untranslated([...document.querySelectorAll(SCREEN)], menu.name, this.english));
        }
        const views = action.views?.filter(([, type]) => type === "form");
        if (!action.res_model || opened.has(action.res_model) || !views?.length) {
            return;
        }
        opened.add(action.res_model);
        const graded = action.res_model === "res.partner" ? [["grading_grade_id", "!=", false]] : [];
        const [id] = await this.services.orm.search(action.res_model, graded, { limit: 1 });
        if (id) {
            await this.openForm(action.res_model, id, `the form of ${menu.name}`, views);
        }
    }

    async openDialog({ name, click, action, model, id, method, context }) {
        if (click) {
            await this.services.action.doAction(form(model, id), { clearBreadcrumbs: true });
            await settled(name);
            await until(() => document.querySelector(click), `what opens ${name}`);
            document.querySelector(click).click();
        } else {
            const opened = action || (await this.services.orm.call(model, method, [[id]], { context }));
            const views = [[false, "form"]]; // where a method leaves them to Odoo's buttons
            const shown = typeof opened === "string" ? opened : { views, ...opened };
            await this.services.action.doAction(shown, { additionalContext: context });
        }
        await settled(name, `${DIALOG} .o_form_renderer`);
        await this.check(name, DIALOG);
        document.querySelector(CLOSE).click();
        await until(() => !document.querySelector(".modal"), `the end of ${name}`);
    }

    async go() {
        await this.openMenus();
        for (const { name, model, id, method } of this.screens) {
            const opened = method ? await this.services.orm.call(model, method, [[id]]) : form(model, id);
            await this.open(opened, name);
            await this.openPages(name);
        }
        for (const dialog of this.dialogs) {
            await this.openDialog(dialog);
        }
        if (this.problems.length) {
            throw new Error(this.problems.join("\n"));
        }
    }
}

window.gradingScreens = async ({ axe, ...how }) => {
    await loadJS(axe);
    await new Walk(how).go();
};
