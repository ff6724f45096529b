import type { Actor } from '../../accounts/actor.ts'
import { Refusal } from '../../errors.ts'

/** Somebody with a name and a bell. A key has neither. */
export type Person = Extract<Actor, { kind: 'user' }>

export function personOf(actor: Actor): Person {
  if (actor.kind !== 'user') throw new Refusal('person_needed')
  return actor
}
