import { expect, test } from "@odoo/hoot";

import { GradingKanbanRenderer } from "@customer_grading/views/grading_kanban/grading_kanban_view";

const GROUPS = [{ value: 7 }, { value: false }, { value: 3 }];

function shownValues(isSmall) {
    const renderer = Object.create(GradingKanbanRenderer.prototype);
    renderer.env = { isSmall };
    renderer.props = { list: { isGrouped: true, groups: GROUPS } };
    return renderer.getGroupsOrRecords().map(({ group }) => group.value);
}

test("those who are not graded come first on a wide screen, and last on a narrow one", () => {
    expect(shownValues(false)).toEqual([false, 7, 3]);
    expect(shownValues(true)).toEqual([7, 3, false]);
});

test("a narrow screen, which shows one column at a time, leaves empty columns out unless all are empty", () => {
    const classes = (isSmall, counts) => {
        const renderer = Object.create(GradingKanbanRenderer.prototype);
        renderer.env = { isSmall };
        const groups = counts.map((count) => ({ count, isFolded: false, hasActiveProgressValue: false }));
        renderer.props = { list: { isGrouped: true, groups } };
        return groups.map((group) => renderer.getGroupClasses(group, true).includes("d-none"));
    };
    expect(classes(true, [2, 0])).toEqual([false, true]);
    expect(classes(false, [2, 0])).toEqual([false, false]);
    expect(classes(true, [0, 0])).toEqual([false, false]);
});
