import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const SCORES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/**
 * A score from 0 to 10, given with one click; a second click on it takes it back. Not asked is no score, which is not 0.
 */
export class GradingScoreField extends Component {
    static template = "customer_grading.GradingScoreField";
    static props = { ...standardFieldProps };

    scores = SCORES;

    get value() {
        return this.props.record.data[this.props.name];
    }

    get isKnown() {
        return typeof this.value === "number";
    }

    get formattedValue() {
        return this.isKnown ? formatFloat(this.value, { digits: [16, 1], trailingZeros: false }) : "";
    }

    get label() {
        return this.props.record.fields[this.props.name].string;
    }

    onClick(score) {
        this.props.record.update({ [this.props.name]: this.value === score ? false : score });
    }
}

export const gradingScoreField = {
    component: GradingScoreField,
    displayName: _t("Score from 0 to 10"),
    supportedTypes: ["float"],
    isEmpty: () => false,
};

registry.category("fields").add("grading_score", gradingScoreField);
