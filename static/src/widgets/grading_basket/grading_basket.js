import { Component, onWillDestroy, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What customers like this also buy, below the lines of a quotation; a click adds a product to it.
 *
 * It asks the server each time that the customer or the products of the lines change, saved or not, and what stands on
 * the screen alone counts; until it has answered no product can be added. What a saved quotation shows is counted.
 */
export class GradingBasket extends Component {
    static template = "customer_grading.GradingBasket";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({ suggestions: [], isAsking: false, isAdding: false });
        this.isAlive = true;
        onWillDestroy(() => {
            this.isAlive = false;
        });
        useRecordObserver((record) => {
            const asked = this.getAsked(record);
            const key = JSON.stringify(asked);
            if (key !== this.key) {
                this.key = key;
                const [ids, customerId, companyId] = asked;
                const about = JSON.stringify([ids, customerId, companyId]);
                if (about !== this.about) {
                    // What goes with one quotation does not stand under the next, or under another customer.
                    this.about = about;
                    this.state.suggestions = [];
                }
                this.load(asked); // not waited for: the quotation opens at once
            }
        });
    }

    /**
     * The arguments of the question to the server.
     */
    getAsked({ resId, data }) {
        const lines = data.order_line?.records || [];
        const products = lines.map((line) => line.data.product_id?.id).filter(Boolean);
        // A long list has further pages, whose products only the server knows.
        const read = lines.map((line) => line.resId);
        const unread = (data.order_line?.currentIds || []).filter((id) => Number.isInteger(id) && !read.includes(id));
        return [resId ? [resId] : [], data.partner_id?.id || false, data.company_id?.id || false, products, unread];
    }

    async load(asked) {
        const { key } = this;
        const [ids, , companyId] = asked;
        let suggestions = [];
        this.state.isAsking = true;
        try {
            suggestions = companyId ? await this.orm.call("sale.order", "grading_basket_suggestions", asked) : [];
        } finally {
            if (this.isAlive && key === this.key) {
                Object.assign(this.state, { suggestions, isAsking: false });
            }
        }
        if (!this.isAlive || key !== this.key) {
            return;
        }
        if (ids.length && suggestions.length) {
            const shown = suggestions.map(({ product }) => product);
            await this.orm.silent.call("sale.order", "grading_basket_shown", [ids, shown]);
        }
    }

    getAddLabel({ name }) {
        return _t("Add %s", name);
    }

    /**
     * Whether the product still goes with the quotation, which saving may have changed.
     */
    async isSuggested(product, asked) {
        const suggestions = await this.orm.call("sale.order", "grading_basket_suggestions", asked);
        return suggestions.some((suggestion) => suggestion.product === product);
    }

    async add({ product, name }) {
        this.state.isAdding = true;
        try {
            const { record } = this.props;
            const { key } = this;
            // The line is made by the server, which knows saved quotations alone.
            if (await record.save()) {
                const asked = this.getAsked(record);
                if (JSON.stringify(asked) !== key && !(await this.isSuggested(product, asked))) {
                    this.notification.add(_t("%s is not suggested any more.", name), { type: "warning" });
                    return;
                }
                await this.orm.call("sale.order", "grading_basket_add", [[record.resId], product]);
                await record.load();
            }
        } finally {
            this.state.isAdding = false;
        }
    }
}

export const gradingBasket = {
    component: GradingBasket,
    fieldDependencies: [
        { name: "partner_id", type: "many2one", relation: "res.partner" },
        { name: "company_id", type: "many2one", relation: "res.company" },
    ],
};

registry.category("view_widgets").add("grading_basket", gradingBasket);
