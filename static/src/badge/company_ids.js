import { user } from "@web/core/user";

/**
 * The companies that the user works in, with this one as the first: the server answers for the first one. None where it
 * is not among them.
 */
export function getCompanyIds(companyId) {
    const ids = user.activeCompanies.map(({ id }) => id);
    return ids.includes(companyId) && [companyId, ...ids.filter((id) => id !== companyId)];
}
