import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, useState, xml } from "@odoo/owl";

/**
 * How many get the grade of a threshold with the limits as they are typed. A limit moves customers between two rows,
 * and Odoo sends back the row that was typed into alone; so each row reads `threshold_counts` of the scheme: {grade id:
 * number}.
 */
export class GradingThresholdCountField extends Component {
    static template = xml`<span class="text-body" t-esc="state.count"/>`;
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ count: 0 });
        useRecordObserver((record) => {
            const counts = record._parentRecord?.data.threshold_counts || {};
            this.state.count = counts[record.data.grade_id?.id] ?? 0;
        });
    }
}

registry.category("fields").add("grading_threshold_count", {
    component: GradingThresholdCountField,
    displayName: _t("Count of a threshold"),
    supportedTypes: ["integer"],
});
