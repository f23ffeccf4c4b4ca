import { onPatched } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

// What the keys do in a row that has the focus, beside the arrows and Enter of each list.
const KEYS = { d: "action_done", p: "action_put_off" };

/**
 * Opening a line opens its customer or lead, with the pager over all customers, or leads, of the same company that are
 * listed.
 */
const opensSubject = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.orm = useService("orm");
            this.subjectAction = useService("action");
        }

        async openRecord(record, { newWindow } = {}) {
            const action = await this.orm.call(record.resModel, "action_open", [[record.resId]], {
                context: record.context,
            });
            const key = record.data.lead_id ? "lead_id" : "partner_id";
            const companyId = record.data.company_id?.id; // the form is read in one company
            const resIds = this.model.root.records
                .filter(({ data }) => data.company_id?.id === companyId)
                .map(({ data }) => data[key] && data[key].id)
                .filter(Boolean);
            await this.subjectAction.doAction(action, { newWindow, props: { resIds: [...new Set(resIds)] } });
        }
    };

export class GradingDueListController extends opensSubject(ListController) {}

export class GradingDueKanbanController extends opensSubject(KanbanController) {}

/**
 * D marks the line done that has the focus, and P postpones it; then the next line has the focus.
 */
export class GradingDueListRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.left = null; // the line of the key, and where it stood
        onPatched(() => this.focusNext());
        // The lines may be read anew before the dialog is gone that the key has opened, or after.
        useBus(this.uiService.bus, "active-element-changed", () => this.focusNext());
    }

    /**
     * Focus the line that has taken the place of the one that was left, once the lines were read anew and no dialog is
     * open; unless the user has gone elsewhere meanwhile.
     */
    focusNext() {
        const table = this.tableRef.el;
        if (!this.left || !table || !this.uiService.activeElement.contains(table)) {
            return;
        }
        const rows = [...table.querySelectorAll(".o_data_row")];
        if (rows.some((row) => row.dataset.id === this.left.id)) {
            return;
        }
        const cell = rows[Math.min(this.left.place, rows.length - 1)]?.querySelector(".o_data_cell");
        this.left = null;
        const { activeElement } = document;
        if (cell && (activeElement === document.body || activeElement.closest(".modal"))) {
            this.focus(cell);
        }
    }

    onCellKeydownReadOnlyMode(hotkey, cell, group, record) {
        const row = cell?.closest(".o_data_row");
        const button = row && KEYS[hotkey] && row.querySelector(`button[name=${KEYS[hotkey]}]`);
        if (!button) {
            return super.onCellKeydownReadOnlyMode(...arguments);
        }
        const rows = [...this.tableRef.el.querySelectorAll(".o_data_row")];
        this.left = { id: row.dataset.id, place: rows.indexOf(row) };
        button.click();
        return true;
    }
}

registry.category("views").add("grading_due_list", {
    ...listView,
    Controller: GradingDueListController,
    Renderer: GradingDueListRenderer,
});
registry.category("views").add("grading_due_kanban", { ...kanbanView, Controller: GradingDueKanbanController });
