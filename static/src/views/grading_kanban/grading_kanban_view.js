import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { RelationalModel } from "@web/model/relational_model/relational_model";

const GRADE_FIELD = "grading_grade_id";

/**
 * Dropping a card on another grade asks for the reason before anything changes; dropping it on the column of those
 * who are not graded gives the customer back to the rules.
 */
export class GradingKanbanDynamicGroupList extends RelationalModel.DynamicGroupList {
    async moveRecord(dataRecordId, dataGroupId, refId, targetGroupId) {
        if (this.groupByField.name !== GRADE_FIELD || dataGroupId === targetGroupId) {
            return super.moveRecord(...arguments);
        }
        const source = this.groups.find((group) => group.id === dataGroupId);
        const target = this.groups.find((group) => group.id === targetGroupId);
        const record = source.list.records.find((candidate) => candidate.id === dataRecordId);
        const resIds = [record.resId];
        if (!target.value) {
            await this.model.orm.call(this.resModel, "action_grading_give_back", [resIds]);
            return this.model.load();
        }
        const action = await this.model.orm.call(this.resModel, "action_grading_override", [resIds], {
            context: { ...this.context, grading_grade_id: target.value },
        });
        return this.model.action.doAction(action, { onClose: () => this.model.load() });
    }
}

export class GradingKanbanModel extends RelationalModel {
    setup(params, { action }) {
        super.setup(...arguments);
        this.action = action;
    }
}
GradingKanbanModel.DynamicGroupList = GradingKanbanDynamicGroupList;
GradingKanbanModel.services = [...RelationalModel.services, "action"];

export const gradingKanbanView = { ...kanbanView, Model: GradingKanbanModel };

registry.category("views").add("grading_kanban", gradingKanbanView);
