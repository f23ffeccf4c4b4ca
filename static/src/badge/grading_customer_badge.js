import { onWillUpdateProps, useState } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

import { getCompanyIds } from "./company_ids";
import { GradingBadge } from "./grading_badge";
import { useLoadForGroup } from "./load_for_group";

const SELLERS = "customer_grading.customer_grading_group_user";
const FIELDS = [
    "grading_grade_id",
    "grading_grade_title",
    "grading_grade_color",
    "grading_score",
    "grading_trend",
];

/**
 * The badge of a customer on a screen whose records know nothing of grades: it asks for the grade itself, once the
 * screen is there, and for users who may see grades alone. Where the server cannot be reached, as in a shop, or the user
 * may not see the customer, there is none.
 *
 * The grade is that of the document's company; only a document without a company shows the grade of the current one.
 */
export class GradingCustomerBadge extends GradingBadge {
    static template = "customer_grading.GradingBadgeAlone";
    static props = {
        // The shop gives a customer that it has not sent to the server yet a name for an id.
        customerId: { type: [Number, String, { value: false }], optional: true },
        companyId: { type: [Number, { value: false }], optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ customer: {} });
        useLoadForGroup(SELLERS, async () => {
            this.isSeller = true;
            await this.load(this.props);
        });
        onWillUpdateProps((props) => {
            if (this.isSeller) {
                this.load(props);
            }
        });
    }

    async load({ customerId, companyId }) {
        const asked = JSON.stringify([customerId, companyId]);
        if (this.asked === asked) {
            return;
        }
        this.asked = asked;
        this.state.customer = {};
        const companyIds = this.getCompanyIds(companyId);
        if (!Number.isInteger(customerId) || !companyIds) {
            return;
        }
        const customer = await this.read(customerId, companyIds);
        // Another customer may have been chosen meanwhile.
        if (this.asked === asked) {
            this.state.customer = customer;
        }
    }

    /**
     * The companies that the user works in, with the one whose grade is shown as the first. None where the document's
     * company is not among them: another one would show a grade that its company never gave.
     */
    getCompanyIds(companyId) {
        return companyId ? getCompanyIds(companyId) : user.activeCompanies.map(({ id }) => id);
    }

    /**
     * A search, which finds nothing where a record rule hides the customer: reading would be refused with an error.
     */
    async read(customerId, companyIds) {
        const context = { active_test: false, allowed_company_ids: companyIds };
        const domain = [["id", "=", customerId]];
        try {
            const [customer] = await this.orm.silent.searchRead("res.partner", domain, FIELDS, { context });
            return customer || {};
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                return {};
            }
            throw error;
        }
    }

    get values() {
        const { customer } = this.state;
        return {
            grade: customer.grading_grade_id ? customer.grading_grade_id[1] : "",
            title: customer.grading_grade_title,
            color: customer.grading_grade_color,
            score: customer.grading_score,
            trend: customer.grading_trend,
        };
    }
}
