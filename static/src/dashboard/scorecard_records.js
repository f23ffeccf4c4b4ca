import { SEE_RECORDS_PIVOT, SEE_RECORDS_PIVOT_VISIBLE } from "@spreadsheet/pivot/pivot_actions";
import { components } from "@odoo/o-spreadsheet";
import { patch } from "@web/core/utils/patch";

/**
 * A card that shows one cell of a pivot, and is not linked to a menu, opens the records of the cell, with the filters of
 * the dashboard: what Odoo does for cells.
 */
patch(components.ScorecardChart.prototype, {
    /** Where the pivot's cell stands, if there is one. */
    get recordsPosition() {
        const { getters } = this.env.model;
        const { keyValue } = getters.getChartDefinition(this.props.chartId);
        if (!keyValue || !getters.isDashboard()) {
            return undefined;
        }
        const { sheetId, zone } = getters.getRangeFromSheetXC(getters.getActiveSheetId(), keyValue);
        const position = { sheetId, col: zone.left, row: zone.top };
        return SEE_RECORDS_PIVOT_VISIBLE(position, getters) ? position : undefined;
    },
    get hasOdooMenu() {
        return super.hasOdooMenu || Boolean(this.recordsPosition);
    },
    async navigateToOdooMenu(newWindow) {
        if (super.hasOdooMenu) {
            return super.navigateToOdooMenu(newWindow);
        }
        await SEE_RECORDS_PIVOT(this.recordsPosition, this.env, newWindow);
    },
});
