import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { PivotModel } from "@web/views/pivot/pivot_model";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";

const ENDS = ["from_end", "to_end"];
const DIRECTION = "direction";

/**
 * Asks for the direction of each cell, whichever measures are shown.
 */
export class GradingMovementModel extends PivotModel {
    _getMeasureSpecs() {
        return [...new Set([...super._getMeasureSpecs(...arguments), `${DIRECTION}:sum`])];
    }
}

/**
 * The matrix of movement: above it the two months that are compared, in it the cells of those who improved or worsened
 * shaded. What is chosen becomes a facet of the search, so that it is kept in favorites and on the way back.
 */
export class GradingMovementRenderer extends PivotRenderer {
    static template = "customer_grading.GradingMovementRenderer";

    get months() {
        return this.model.metaData.fields.to_month.selection;
    }

    /**
     * The two ends, worked out as the server does, `_compared_months`.
     */
    get compared() {
        const { context } = this.model.searchParams;
        const keys = this.months.map(([key]) => key);
        const asked = (name) => [context[name]].flat().filter((key) => keys.includes(key)).at(-1);
        const to = asked("grading_to_month") || keys[0];
        const before = keys.indexOf(to) + (context.grading_months_before || 1);
        return { to, from: asked("grading_from_month") || keys[Math.min(before, keys.length - 1)] };
    }

    onMonthChange(fieldName, key) {
        const { searchModel } = this.env;
        const [item] = searchModel.getSearchItems((item) => item.fieldName === fieldName && item.type === "field");
        const [value, label] = this.months.find((month) => month[0] === key);
        searchModel.blockNotification = true; // one reload, not one for each step
        searchModel.deactivateGroup(item.groupId);
        searchModel.blockNotification = false;
        searchModel.addAutoCompletionValues(item.id, { value, label, operator: "=" });
    }

    /**
     * Whether those in a cell improved, "up", or worsened, "down"; not where it adds up several grades.
     */
    getDirection(cell) {
        const [rows, columns] = cell.groupId;
        const { fullRowGroupBys, fullColGroupBys } = this.model.metaData;
        const groupBys = [...fullRowGroupBys.slice(0, rows.length), ...fullColGroupBys.slice(0, columns.length)];
        const { measurements } = this.model.data;
        const direction = (measurements[JSON.stringify(cell.groupId)] || {})[DIRECTION];
        return direction && ENDS.every((end) => groupBys.includes(end)) ? (direction > 0 ? "up" : "down") : null;
    }

    getCellClass(cell) {
        const direction = cell.value !== undefined && this.getDirection(cell);
        return {
            o_empty: cell.value === undefined,
            "cursor-pointer": cell.value !== undefined && !this.model.metaData.disableLinking,
            "fw-bold": cell.isBold,
            o_grading_up: direction === "up",
            o_grading_down: direction === "down",
        };
    }

    getFormattedValue(cell) {
        const direction = this.getDirection(cell);
        const help = direction && (direction === "up" ? _t("Improved") : _t("Worsened"));
        return { help, ...super.getFormattedValue(cell) };
    }
}

export const gradingMovementPivotView = {
    ...pivotView,
    Model: GradingMovementModel,
    Renderer: GradingMovementRenderer,
};

registry.category("views").add("grading_movement_pivot", gradingMovementPivotView);
