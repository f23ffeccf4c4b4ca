import { Component, onWillDestroy, toRaw, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { getFullName } from "../../badge/grading_badge";
import { GradingAmountBars } from "./grading_amount_bars";
import { getCompanyOptions } from "./record_companies";
import { GradingScoreLine } from "../grading_score_line/grading_score_line";

const CHANNEL_ICONS = { online: "fa-envelope-o", call: "fa-phone", visit: "fa-handshake-o" };
const TRENDS = {
    up: { icon: "fa-arrow-up text-success", text: _t("The grade has risen") },
    down: { icon: "fa-arrow-down text-danger", text: _t("The grade has fallen") },
};
// Names of grades that begin nearer to each other than this part of the scale are left out, their marks are not.
const LEAST_DISTANCE = 8;

/**
 * The customer or lead at a glance: the grade and what it means, why, what next, and what is going on.
 *
 * It asks the server once, when the page that it is on is opened, and again each time that the form is read anew.
 */
export class GradingGlance extends Component {
    static template = "customer_grading.GradingGlance";
    static components = { GradingAmountBars, GradingScoreLine };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ glance: undefined });
        this.isAlive = true;
        onWillDestroy(() => {
            this.isAlive = false;
        });
        useRecordObserver((record) => {
            // The values are a new object each time that they are read, and the same while they are edited.
            const values = toRaw(record.data);
            if (values !== this.values) {
                this.values = values;
                if (record.resId !== this.resId) {
                    // What is told of one record does not stand under the name of the next.
                    this.resId = record.resId;
                    this.state.glance = undefined;
                }
                this.load(record); // not waited for: the page opens at once
            }
        });
    }

    async load(record) {
        const values = this.values;
        const { resModel, resId } = record;
        let glance = false;
        try {
            glance = resId ? await this.orm.call(resModel, "grading_glance", [[resId]], getCompanyOptions(record)) : false;
        } finally {
            if (this.isAlive && values === this.values) {
                this.state.glance = glance;
            }
        }
    }

    get glance() {
        return this.state.glance;
    }

    get trend() {
        return TRENDS[this.glance.what.trend];
    }

    get gradeTitle() {
        const { grade } = this.glance.what;
        return grade ? getFullName(grade) : _t("Not graded");
    }

    /**
     * Where each grade begins and how wide it is, in percent of the scale; only what lies on it.
     */
    get grades() {
        const { grades, max } = this.glance.scale;
        const starts = grades.map(({ start }) => Math.min(100, Math.max(0, (100 * start) / max)));
        let named = -LEAST_DISTANCE;
        return grades.map((grade, index) => {
            const start = starts[index];
            const width = (starts[index + 1] ?? 100) - start;
            const isNamed = width > 0 && start - named >= LEAST_DISTANCE;
            named = isNamed ? start : named;
            return { ...grade, left: start, width, isNamed };
        });
    }

    get place() {
        const { score, max } = this.glance.scale;
        return Math.min(100, Math.max(0, (100 * score) / max));
    }

    get scaleLabel() {
        const { grades, label } = this.glance.scale;
        const starts = grades.map(({ name, text }) => _t("%(grade)s from %(points)s on", { grade: name, points: text }));
        return [label, ...starts].join(", ");
    }

    get people() {
        const { made = [], due = [] } = this.glance.people || {};
        return [
            { key: "due", title: _t("Next contacts"), rows: due },
            { key: "made", title: _t("Last contacts"), rows: made },
        ].filter(({ rows }) => rows.length);
    }

    get bought() {
        const { products, categories } = this.glance;
        return [
            { key: "products", title: _t("Top products"), rows: products || [] },
            { key: "categories", title: _t("Top categories"), rows: categories || [] },
        ].filter(({ rows }) => rows.length);
    }

    channelIcon(channel) {
        return CHANNEL_ICONS[channel] || "fa-comment-o";
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    getQuoteLabel({ name }) {
        return _t("New Quotation with %s", name);
    }

    /**
     * A new quotation for the customer, with a product that goes with what they buy.
     */
    quote({ quotation }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sale.order",
            views: [[false, "form"]],
            context: quotation,
        });
    }

    openAll({ title, model, domain }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: title,
            res_model: model,
            domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}

export const gradingGlance = {
    component: GradingGlance,
    fieldDependencies: [
        { name: "grading_score", type: "float", readonly: true },
        { name: "grading_grade_id", type: "many2one", relation: "grading.grade", readonly: true },
    ],
};

registry.category("view_widgets").add("grading_glance", gradingGlance);
