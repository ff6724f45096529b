/** What an agent can be told, and how: the rows and columns of the page of settings, and what everybody gets who chose nothing. */

export const MEDIA = ['in_app', 'email', 'push'] as const
export type Medium = (typeof MEDIA)[number]

/** The rows, the most personal first: somebody whom several concern is told by the first of them. */
export const REASONS = [
  'mentioned',
  'assigned_me',
  'send_failed',
  'snooze_over',
  'customer_replied_mine',
  'agent_replied_mine',
  'assigned_team',
  'followed',
  'moved',
  'started',
  'customer_replied_unassigned',
  'agent_replied_unassigned',
  'customer_replied_others',
  'agent_replied_others',
  'assigned_others',
] as const
export type Reason = (typeof REASONS)[number]

/** These concern the person and not the inbox: muting it does not silence them. */
export const PERSONAL: ReadonlySet<Reason> = new Set<Reason>([
  'mentioned',
  'assigned_me',
  'send_failed',
  'snooze_over',
  'customer_replied_mine',
  'agent_replied_mine',
  'followed',
])

export type Choices = Readonly<Partial<Record<Reason, readonly Medium[]>>>

const EVERYTHING: readonly Medium[] = ['in_app', 'email', 'push']
const HERE: readonly Medium[] = ['in_app']
const NOTHING: readonly Medium[] = []

/** What concerns a person reaches them wherever they are; what concerns the inbox waits in the program. */
export const DEFAULT_CHOICES: Readonly<Record<Reason, readonly Medium[]>> = {
  mentioned: EVERYTHING,
  assigned_me: EVERYTHING,
  send_failed: EVERYTHING,
  snooze_over: EVERYTHING,
  customer_replied_mine: EVERYTHING,
  agent_replied_mine: EVERYTHING,
  assigned_team: HERE,
  followed: EVERYTHING,
  moved: HERE,
  started: HERE,
  customer_replied_unassigned: HERE,
  agent_replied_unassigned: NOTHING,
  customer_replied_others: NOTHING,
  agent_replied_others: NOTHING,
  assigned_others: NOTHING,
}

export function mediaOf(choices: Choices, reason: Reason): readonly Medium[] {
  return choices[reason] ?? DEFAULT_CHOICES[reason]
}
