import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import {
    KanbanMany2ManyTagsField,
    kanbanMany2ManyTagsField,
} from "@web/views/fields/many2many_tags/kanban_many2many_tags_field";
import {
    Many2ManyTagsField,
    Many2ManyTagsFieldColorEditable,
    many2ManyTagsField,
    many2ManyTagsFieldColorEditable,
} from "@web/views/fields/many2many_tags/many2many_tags_field";

const ORIGINS = "grading_tag_origins";

/**
 * Tags of which those that rules gave have a sign, and tell in their tooltip which rules gave them and when.
 */
const withOrigins = (TagsField) =>
    class extends TagsField {
        getTagProps(record) {
            const props = super.getTagProps(record);
            const origin = (this.props.record.data[ORIGINS] || {})[record.resId];
            return origin ? { ...props, title: origin, icon: "fa-magic", className: "py-0 ps-0" } : props;
        }
    };

const fieldDependencies = [{ name: ORIGINS, type: "json", readonly: true }];

export const gradingTagsField = {
    ...many2ManyTagsField,
    component: withOrigins(Many2ManyTagsField),
    displayName: _t("Tags with their Rules"),
    supportedTypes: ["many2many"],
    fieldDependencies,
};

export const gradingTagsFieldColorEditable = {
    ...many2ManyTagsFieldColorEditable,
    component: withOrigins(Many2ManyTagsFieldColorEditable),
    displayName: _t("Tags with their Rules"),
    supportedTypes: ["many2many"],
    fieldDependencies,
};

export const gradingTagsFieldKanban = {
    ...kanbanMany2ManyTagsField,
    component: withOrigins(KanbanMany2ManyTagsField),
    displayName: _t("Tags with their Rules"),
    supportedTypes: ["many2many"],
    fieldDependencies,
};

registry.category("fields").add("grading_tags", gradingTagsField);
registry.category("fields").add("form.grading_tags", gradingTagsFieldColorEditable);
registry.category("fields").add("kanban.grading_tags", gradingTagsFieldKanban);
