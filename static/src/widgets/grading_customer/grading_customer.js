import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { GradingCustomerBadge } from "../../badge/grading_customer_badge";

/**
 * The badge of the record's customer, on forms of other apps.
 */
export class GradingCustomer extends Component {
    static template = "customer_grading.GradingCustomer";
    static components = { GradingCustomerBadge };
    static props = { ...standardWidgetProps };

    get customerId() {
        const customer = this.props.record.data.partner_id;
        return customer && customer.id;
    }

    /** The company of the record, where it has one: the server puts the field beside the badge. */
    get companyId() {
        const company = this.props.record.data.company_id;
        return company && company.id;
    }
}

registry.category("view_widgets").add("grading_customer", { component: GradingCustomer });
