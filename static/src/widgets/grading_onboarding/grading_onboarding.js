import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";

import { Component, useState } from "@odoo/owl";

import { GradingCalls } from "../grading_calls/grading_calls";
import { useLoadForGroup } from "../../badge/load_for_group";

const MANAGERS = "customer_grading.customer_grading_group_manager";

/**
 * The first steps of the company, for managers: each opens its screen, and has a tick once it is done. The server says
 * which there are; none when the panel was closed or all are done. The screen below does not wait for them.
 */
export class GradingOnboarding extends Component {
    static template = "customer_grading.GradingOnboarding";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ steps: [], isUnfolded: false });
        useLoadForGroup(MANAGERS, () => this.load());
    }

    async load() {
        const ids = [user.activeCompany.id];
        const [company] = await this.orm.read("res.company", ids, ["grading_first_steps"]);
        this.state.steps = company.grading_first_steps || [];
    }

    /** On a phone, the next step only until the others are asked for. */
    get shownSteps() {
        const { steps, isUnfolded } = this.state;
        return this.env.isSmall && !isUnfolded ? steps.filter((step) => !step.is_done).slice(0, 1) : steps;
    }

    get progress() {
        const { steps } = this.state;
        return _t("%(done)s of %(total)s done", {
            done: steps.filter((step) => step.is_done).length,
            total: steps.length,
        });
    }

    getTickLabel({ title }) {
        return _t("Mark as done: %s", title);
    }

    async open(step) {
        const action = await this.orm.call("onboarding.onboarding.step", step.action, [[]]);
        return this.action.doAction(action);
    }

    async markAsDone(step) {
        await this.orm.call("onboarding.onboarding.step", "action_grading_done", [[step.id]]);
        await this.load();
    }

    async close() {
        await this.orm.call("onboarding.onboarding", "action_close_panel_grading", [[]]);
        this.state.steps = [];
    }
}

/** The layout of a view with the first steps and the calls of the day between its control panel and its content. */
export class GradingOnboardingLayout extends Layout {
    static template = "customer_grading.GradingOnboardingLayout";
    static components = { ...Layout.components, GradingCalls, GradingOnboarding };
}
