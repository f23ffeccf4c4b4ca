import { expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Tag extends models.Model {
    _name = "given.tag";

    name = fields.Char();
    color = fields.Integer();

    _records = [
        { id: 1, name: "Retail", color: 2 },
        { id: 2, name: "Late payer", color: 1 },
    ];
}

class Customer extends models.Model {
    _name = "tagged.customer";

    name = fields.Char();
    tag_ids = fields.Many2many({ relation: "given.tag" });
    grading_tag_origins = fields.Json();

    _records = [
        { id: 1, name: "Ada", tag_ids: [1, 2], grading_tag_origins: { 2: "Given by the rule Late payer, June 1" } },
        { id: 2, name: "Bob", tag_ids: [1], grading_tag_origins: false },
    ];
}

defineMailModels();
defineModels([Customer, Tag]);

const FIELD = `<field name="tag_ids" widget="grading_tags" options="{'color_field': 'color'}"/>`;
const ARCHS = {
    form: `<form>${FIELD}</form>`,
    list: `<list>${FIELD}</list>`,
    kanban: `<kanban><templates><t t-name="card">${FIELD}</t></templates></kanban>`,
};

for (const [type, arch] of Object.entries(ARCHS)) {
    test(`in a ${type}, the tags that rules gave have a sign, and tell which rule it was`, async () => {
        await mountView({ type, resModel: "tagged.customer", arch, resId: 1 });
        expect(".o_tag:contains(Late payer) .fa-magic").toHaveCount(1);
        expect(".o_tag:contains(Late payer)").toHaveAttribute("data-tooltip", "Given by the rule Late payer, June 1");
        expect(".o_tag:contains(Retail):first .fa-magic").toHaveCount(0);
    });
}

test("tags that people have given look as everywhere", async () => {
    await mountView({ type: "form", resModel: "tagged.customer", arch: ARCHS.form, resId: 2 });
    expect(".o_tag").toHaveCount(1);
    expect(".o_tag .fa-magic").toHaveCount(0);
});
