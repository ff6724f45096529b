/** What a person wants to be told, and by what: their own choice wherever they made one. */
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { InboxId } from '../../lib/ids.ts'
import { mayEnter, reachOf } from '../access/reach.ts'
import { listInboxes } from '../inboxes.ts'
import { type Choices, DEFAULT_CHOICES, type Medium, mediaOf, REASONS, type Reason } from './matrix.ts'
import type { Person } from './person.ts'
import { lockSetting, selectSetting, updateSetting } from './queries.ts'

export interface NotificationSettings {
  readonly choices: readonly { readonly reason: Reason; readonly media: readonly Medium[]; readonly usual: readonly Medium[] }[]
  /** Those one may enter. */
  readonly inboxes: readonly { readonly id: InboxId; readonly name: string; readonly isMuted: boolean }[]
}

export async function settingsOf(tx: Tx, person: Person): Promise<NotificationSettings> {
  const { choices, muted } = await selectSetting(tx, person.workspaceId, person.id)
  const reach = await reachOf(tx, person)
  const inboxes = (await listInboxes(tx, person.workspaceId)).filter(
    ({ id, closedAt }) => closedAt === null && mayEnter(reach, id),
  )
  return {
    choices: REASONS.map((reason) => ({ reason, media: mediaOf(choices, reason), usual: DEFAULT_CHOICES[reason] })),
    inboxes: inboxes.map(({ id, name }) => ({ id, name, isMuted: muted.includes(id) })),
  }
}

/** Only what is given changes. What is as everybody has it is not kept: who never chose follows when the usual changes. */
export async function changeSettings(
  tx: Tx,
  person: Person,
  change: { readonly choices?: Choices; readonly muted?: readonly InboxId[] },
  now: Date,
): Promise<void> {
  const before = await lockSetting(tx, person.workspaceId, person.id, now)
  const wanted = { ...before.choices, ...change.choices }
  const choices = Object.fromEntries(
    Object.entries(wanted).filter(([reason, media]) => !isSame(media, DEFAULT_CHOICES[reason as Reason] ?? [])),
  )
  const muted = change.muted ?? before.muted
  const known = new Set((await listInboxes(tx, person.workspaceId)).map(({ id }) => id))
  if (muted.some((id) => change.muted && !known.has(id))) throw new Refusal('not_found', { what: 'inbox', pointer: '/muted' })
  await updateSetting(
    tx,
    person.workspaceId,
    person.id,
    { choices, muted: [...new Set(muted)].filter((id) => known.has(id)) },
    now,
  )
}

function isSame(a: readonly Medium[], b: readonly Medium[]): boolean {
  return a.length === b.length && a.every((medium) => b.includes(medium))
}
