/**
 * An address that is several things at once: somebody's who works here and a customer's, an inbox's and an agent's … Nothing is forbidden by it and nothing
 * waits for it: what a mail is, is never decided by an address alone. It is said, because people wonder; and it is news only once.
 */

export const ADDRESS_ROLES = ['agent', 'customer', 'inbox', 'alias', 'blind_copy', 'mailbox'] as const
export type AddressRole = (typeof ADDRESS_ROLES)[number]

/** What an address is, and of whom or what. */
export interface AddressUse {
  readonly address: string
  readonly role: AddressRole
  /** The agent's, contact's, inbox's or mailbox's. */
  readonly id: string
  readonly name: string
}

export interface Collision {
  readonly address: string
  readonly uses: readonly AddressUse[]
  readonly effects: readonly Effect[]
}

/** One thing that follows, and what Waybill does about it. */
export interface Effect {
  readonly code:
    | 'agent_customer'
    | 'agent_inbox'
    | 'inbox_customer'
    | 'copies_return'
    | 'agent_mailbox'
    | 'customer_mailbox'
    | 'copies_to_customer'
  readonly sentence: string
}

const EFFECTS: readonly {
  readonly code: Effect['code']
  readonly of: readonly [readonly AddressRole[], readonly AddressRole[]]
  readonly sentence: string
}[] = [
  {
    code: 'agent_customer',
    of: [['agent'], ['customer']],
    sentence:
      'Mail from it is a customer’s message, unless it answers a notification with the signed token in it, or begins with @fwd: then the check of the sender has to pass, and the agent’s access decides. What is sent to the agent and what is sent to the customer stay two mails, and neither stands in for the other.',
  },
  {
    code: 'agent_inbox',
    of: [['agent'], ['inbox', 'alias']],
    sentence:
      'What this person is told by email arrives in the inbox. Waybill knows such mail by its ids and puts it aside instead of making conversations of it, so the person is told in the program only. Give them an address of their own.',
  },
  {
    code: 'inbox_customer',
    of: [['inbox', 'alias'], ['customer']],
    sentence:
      'Mail from one inbox to another is taken in like anybody’s. Mail that comes back to the inbox that sent it is put aside, and nothing is answered to it automatically.',
  },
  {
    code: 'copies_return',
    of: [['blind_copy'], ['inbox', 'alias', 'mailbox']],
    sentence:
      'Blind copies of answers come back in. Waybill knows them by their ids and puts them aside; taking the address out of the blind copies spares the way.',
  },
  {
    code: 'agent_mailbox',
    of: [['agent'], ['mailbox']],
    sentence:
      'This account of an agent is read for an inbox: everything that is sent to them in person comes in, and whoever works in the inbox can read it.',
  },
  {
    code: 'customer_mailbox',
    of: [['customer'], ['mailbox']],
    sentence:
      'An account that is read here wrote to an inbox. Its mail is taken in like anybody’s; what it gets as an answer is read again, known by its ids and added to no conversation twice.',
  },
  {
    code: 'copies_to_customer',
    of: [['blind_copy'], ['customer']],
    sentence: 'A customer gets a blind copy of every answer of an inbox. Notes are never among them.',
  },
]

/** What follows from an address being all of this; nothing where it is as it should be: an inbox's own account, a copy for an agent. */
export function effectsOf(roles: readonly AddressRole[]): Effect[] {
  const has = (some: readonly AddressRole[]) => some.some((role) => roles.includes(role))
  return EFFECTS.filter(({ of: [a, b] }) => has(a) && has(b)).map(({ code, sentence }) => ({ code, sentence }))
}

/** Every address that is several things at once, in the order of addresses. */
export function collisionsOf(uses: readonly AddressUse[]): Collision[] {
  const byAddress = Map.groupBy(uses, ({ address }) => address)
  return [...byAddress]
    .map(([address, all]) => ({ address, uses: all, effects: effectsOf(all.map(({ role }) => role)) }))
    .filter(({ effects }) => effects.length > 0)
    .sort((a, b) => (a.address < b.address ? -1 : 1))
}

/** Whether somebody said that they know, and it has not become more since. */
export function isKnown({ uses }: Collision, known: readonly string[] | undefined): boolean {
  return known !== undefined && uses.every(({ role }) => known.includes(role))
}

export function rolesOf({ uses }: Collision): AddressRole[] {
  return ADDRESS_ROLES.filter((role) => uses.some((use) => use.role === role))
}
