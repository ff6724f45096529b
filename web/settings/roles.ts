import type { Role } from '../../src/accounts/actor.ts'
import { Role as RoleSchema } from '../../src/api/endpoints/members.ts'

/** The roles one may give: owners are made by owners. */
export function rolesFor(mayMakeOwners: boolean): readonly Role[] {
  return RoleSchema.options.filter((role) => role !== 'owner' || mayMakeOwners)
}
