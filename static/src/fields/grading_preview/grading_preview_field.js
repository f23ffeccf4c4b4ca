import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/**
 * The matrix of a preview: from which grade to which grade how many go, with what they buy; the contacts a week that
 * the cadences ask for, and the plays that would start. A cell opens the list of those who move there, the
 * number of a play that of those for whom it would start.
 */
export class GradingPreviewField extends Component {
    static template = "customer_grading.GradingPreviewField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get matrix() {
        return this.props.record.data[this.props.name] || { grades: [], rows: [], contacts: [], plays: [] };
    }

    label(row, cell) {
        const to = this.matrix.grades.find((grade) => grade.id === cell.to);
        return _t("%(from)s to %(to)s: %(count)s", { from: row.name, to: to.name, count: cell.count });
    }

    playLabel(play) {
        return _t("%(play)s would start for %(count)s", { play: play.name, count: play.count });
    }

    open(row, cell) {
        return this.follow(this.orm.call("grading.preview", "action_open_cell", [[this.id], row.id, cell.to]));
    }

    openPlay(play) {
        return this.follow(this.orm.call("grading.preview", "action_open_play", [[this.id], play.id]));
    }

    get id() {
        return this.props.record.resId;
    }

    async follow(action) {
        this.action.doAction(await action);
    }
}

registry.category("fields").add("grading_preview", {
    component: GradingPreviewField,
    displayName: _t("Matrix of a preview"),
    supportedTypes: ["json"],
});
