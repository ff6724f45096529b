import type { Actor } from '../../accounts/actor.ts'
import type { Member } from '../../accounts/member.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'

/** Somebody with a name and a bell. A key has neither. */
export type Person = Extract<Actor, { kind: 'user' }>

export function personOf(actor: Actor): Person {
  if (actor.kind !== 'user') throw new Refusal('person_needed')
  return actor
}

/** As they would act by themselves. */
export function personIn(workspaceId: WorkspaceId, { id, name, role }: Pick<Member, 'id' | 'name' | 'role'>): Person {
  return { kind: 'user', id, name, workspaceId, role }
}
