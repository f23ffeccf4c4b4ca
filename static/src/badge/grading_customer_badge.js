import { onWillUpdateProps, useState } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

import { GradingBadge } from "./grading_badge";
import { useLoadForGroup } from "./load_for_group";

const SELLERS = "customer_grading.customer_grading_group_user";
const FIELDS = ["grading_grade_id", "grading_grade_color", "grading_score", "grading_trend"];

/**
 * The badge of a customer on a screen whose records know nothing of grades: it asks for the grade itself, once the
 * screen is there, and for users who may see grades alone. Where the server cannot be reached, as in a shop, there is
 * none.
 */
export class GradingCustomerBadge extends GradingBadge {
    static template = "customer_grading.GradingBadgeAlone";
    // The shop gives a customer that it has not sent to the server yet a name for an id.
    static props = { customerId: { type: [Number, String, { value: false }], optional: true } };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ customerId: false, customer: {} });
        useLoadForGroup(SELLERS, async () => {
            this.isSeller = true;
            await this.load(this.props.customerId);
        });
        onWillUpdateProps(({ customerId }) => {
            if (this.isSeller) {
                this.load(customerId);
            }
        });
    }

    async load(customerId) {
        if (this.state.customerId === customerId) {
            return;
        }
        Object.assign(this.state, { customerId, customer: {} });
        if (!Number.isInteger(customerId)) {
            return;
        }
        const customer = await this.read(customerId);
        // Another customer may have been chosen meanwhile.
        if (this.state.customerId === customerId) {
            this.state.customer = customer;
        }
    }

    async read(customerId) {
        try {
            const [customer] = await this.orm.silent.read("res.partner", [customerId], FIELDS);
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
            color: customer.grading_grade_color,
            score: customer.grading_score,
            trend: customer.grading_trend,
        };
    }
}
