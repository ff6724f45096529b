import { useSuspenseQuery } from '@tanstack/react-query'
import type { Permission } from '../src/accounts/actor.ts'
import { getMe, type Me } from '../src/api/endpoints/account.ts'
import { call } from './api.ts'
import { keyOf } from './query.ts'
import { t } from './texts/texts.ts'

export const meQuery = {
  queryKey: keyOf(getMe, {}),
  queryFn: () => call(getMe, {}),
  staleTime: 60_000,
}

/** Who looks at the page. The frame has asked before anything inside it is drawn. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data
}

/** Null when they may; otherwise the sentence that says why not. */
export function whyNot(me: Me, permission: Permission): string | null {
  return me.permissions.includes(permission) ? null : t.problems.mayNot(me.role && t.roles[me.role].toLowerCase())
}
