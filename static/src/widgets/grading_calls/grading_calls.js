import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { Component, useState } from "@odoo/owl";

import { useLoadForGroup } from "../../badge/load_for_group";

const SELLERS = "customer_grading.customer_grading_group_user";
const FOLDED = "grading_calls_folded";

/**
 * The user's calls that are worth most today: customers and leads whose contact is due, or who are overdue, by the money
 * at stake. The server says which; the screen below does not wait for them.
 */
export class GradingCalls extends Component {
    static template = "customer_grading.GradingCalls";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ calls: [], isFolded: browser.localStorage.getItem(FOLDED) === "1" });
        useLoadForGroup(SELLERS, async () => {
            this.state.calls = await this.orm.silent.call("grading.profile", "get_worth_calling", []);
        });
    }

    fold() {
        this.state.isFolded = !this.state.isFolded;
        browser.localStorage.setItem(FOLDED, this.state.isFolded ? "1" : "0");
    }

    getCallLabel({ name }) {
        return _t("Call %s", name);
    }

    open(call) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: call.model,
            res_id: call.record,
            views: [[false, "form"]],
        });
    }
}
