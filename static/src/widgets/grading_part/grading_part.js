import { Component, onMounted, onPatched, toRaw, useState, useSubEnv } from "@odoo/owl";
import { ErrorHandler } from "@web/core/utils/components";
import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { getDefaultConfig, View } from "@web/views/view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * A part of the form that is read when the page is opened that it is on, and again each time that the form is read
 * anew: lists in the form itself would be read each time that the form is, whichever page is open.
 *
 * It is a form of its own of the same record; the attribute `view` of the widget says which one.
 */
export class GradingPart extends Component {
    static template = "customer_grading.GradingPart";
    static components = { ErrorHandler, View };
    static props = { ...standardWidgetProps, viewId: Number };

    setup() {
        // The name, the pager and the buttons of a dialog are those of the form around it.
        useSubEnv({ config: getDefaultConfig(), inDialog: false });
        this.state = useState({ isShown: false, hasFailed: false, key: 0 });
        useRecordObserver((record) => {
            // The values are a new object each time that they are read, and the same while they are edited.
            const values = toRaw(record.data);
            if (values === this.values) {
                return;
            }
            this.values = values;
            if (record.resId !== this.resId) {
                // What is known of one record does not stand under the name of the next.
                this.resId = record.resId;
                this.state.isShown = false;
            }
            this.state.hasFailed = false;
            this.state.key++;
        });
        // Not before: the page opens at once.
        onMounted(() => this.show());
        onPatched(() => this.show());
    }

    show() {
        this.state.isShown = true;
    }

    onError(error) {
        this.state.hasFailed = true; // the form around it stays
        Promise.reject(error);
    }

    get viewProps() {
        const { context, resId, resModel } = this.props.record;
        return {
            type: "form",
            viewId: this.props.viewId,
            context,
            resId,
            resModel,
            display: { controlPanel: false },
            preventCreate: true,
            preventEdit: true,
            readonly: true,
        };
    }
}

export const gradingPart = {
    component: GradingPart,
    extractProps: ({ attrs }) => ({ viewId: Number(attrs.view) }),
};

registry.category("view_widgets").add("grading_part", gradingPart);
