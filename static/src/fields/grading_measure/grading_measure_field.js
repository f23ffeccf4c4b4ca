import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/**
 * What a criterion scores: the choices stand under the headings of where they come from, each with what it means. A
 * measure that is not offered (any more) is shown all the same where it is the chosen one.
 *
 * Reads `measure_choices` of the record: [{label, choices: [{value, label, help}]}].
 */
export class GradingMeasureField extends SelectionField {
    static template = "customer_grading.GradingMeasureField";

    get groups() {
        const groups = this.props.record.data.measure_choices || [];
        const isOffered = groups.some(({ choices }) => choices.some(({ value }) => value === this.value));
        if (!this.value || isOffered) {
            return groups;
        }
        return [{ choices: [{ value: this.value, label: this.string, help: "" }] }, ...groups];
    }
}

export const gradingMeasureField = {
    ...selectionField,
    component: GradingMeasureField,
    displayName: _t("Measure of a customer or lead"),
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "measure_choices", type: "json", readonly: true }],
};

registry.category("fields").add("grading_measure", gradingMeasureField);
