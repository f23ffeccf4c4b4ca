import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanHeader } from "@web/views/kanban/kanban_header";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

const GRADE_FIELD = "grading_grade_id";

/**
 * Dropping a card on another grade asks for the reason before anything changes; dropping it on the column of those
 * who are not graded gives the customer back to the rules, or says that the rules grade them already.
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
        if (!target.value && record.data.grading_manual_grade_id === false) {
            // The rules grade this one already: without a word the card would just go back.
            return void this.model.notification.add(
                _t("There is no override to remove: the rules give this grade."),
                { type: "info" }
            );
        }
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
    static DynamicGroupList = GradingKanbanDynamicGroupList;
}

/** Customers are entered in columns of what can be entered: a stage and a trend are found out. */
export class GradingKanbanController extends KanbanController {
    isQuickCreateField(field) {
        return super.isQuickCreateField(field) && !field.readonly;
    }
}

/** The head of a column tells how many customers it has, beside what the bar adds up. */
export class GradingKanbanHeader extends KanbanHeader {
    static template = "customer_grading.GradingKanbanHeader";
}

/**
 * On a narrow screen, which shows one column at a time, columns without a customer are left out, and those who are not
 * graded come last.
 */
export class GradingKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, KanbanHeader: GradingKanbanHeader };

    /**
     * The grade may have been taken out of the form, or exchanged: each card comes into its own column. The card alone
     * moves: loading the columns anew would take what is being typed in the form for the next one.
     */
    async validateQuickCreate(recordId, mode, group) {
        await super.validateQuickCreate(...arguments);
        const { list, quickCreateState } = this.props;
        if (mode === "edit" || list.groupByField.name !== GRADE_FIELD) {
            return;
        }
        const card = group.list.records.find(({ resId }) => resId === recordId);
        const grade = card.data[GRADE_FIELD].id ?? false;
        if (grade === group.value) {
            return;
        }
        const own = list.groups.find(({ value }) => value === grade);
        if (!own) {
            quickCreateState.groupId = false;
            return void (await list.model.load());
        }
        group._removeRecords([card.id]);
        own._addRecord(card, 0);
    }

    getGroupsOrRecords() {
        const shown = super.getGroupsOrRecords();
        if (!this.env.isSmall || !this.props.list.isGrouped) {
            return shown;
        }
        return shown.sort(({ group: one }, { group: other }) => !one.value - !other.value);
    }

    getGroupClasses(group) {
        const classes = super.getGroupClasses(...arguments);
        const isLeftOut =
            this.env.isSmall && !group.count && this.props.list.groups.some(({ count }) => count);
        return isLeftOut ? `${classes} d-none` : classes;
    }
}

export const gradingKanbanView = {
    ...kanbanView,
    Controller: GradingKanbanController,
    Model: GradingKanbanModel,
    Renderer: GradingKanbanRenderer,
};

registry.category("views").add("grading_kanban", gradingKanbanView);
