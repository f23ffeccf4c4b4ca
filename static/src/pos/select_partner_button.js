import { SelectPartnerButton } from "@point_of_sale/app/screens/product_screen/control_buttons/select_partner_button/select_partner_button";
import { patch } from "@web/core/utils/patch";

import { GradingCustomerBadge } from "../badge/grading_customer_badge";

patch(SelectPartnerButton, {
    components: { ...SelectPartnerButton.components, GradingCustomerBadge },
});
