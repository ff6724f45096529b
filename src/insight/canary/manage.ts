import type { Tx } from '../../db/database.ts'
import { findRoute } from '../../delivery/routes/manage.ts'
import { Refusal } from '../../errors.ts'
import { clearIncident } from '../../incidents/incidents.ts'
import { newId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import { parseMailbox } from '../../mail/address.ts'
import type { MailboxId } from '../../mailboxes/mailbox.ts'
import { findMailbox } from '../../mailboxes/mailboxes.ts'
import type { Canary, CanaryId, CanaryKind } from './canary.ts'
import { deleteCanary, lockCanary, saveCanary, selectCanaries } from './queries.ts'

export { isMailboxWatched, selectCanary as findCanary, selectRuns as listRuns } from './queries.ts'

export interface NewCanary {
  readonly name: string
  readonly kind: CanaryKind
  readonly mailboxId: MailboxId | null
  readonly receiver: string
  readonly sender: string
  readonly routeIds: readonly RouteId[]
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly enabled: boolean
}

const MAX_CANARIES = 100

export function listCanaries(tx: Tx, workspaceId: WorkspaceId): Promise<Canary[]> {
  return selectCanaries(tx, workspaceId, MAX_CANARIES)
}

/** Its first probes leave at once. */
export async function createCanary(tx: Tx, workspaceId: WorkspaceId, wanted: NewCanary, now: Date): Promise<Canary> {
  if ((await listCanaries(tx, workspaceId)).length >= MAX_CANARIES)
    throw new Refusal('too_many_canaries', { limit: MAX_CANARIES })
  if (wanted.kind === 'imap' && (!wanted.mailboxId || !(await findMailbox(tx, workspaceId, wanted.mailboxId))))
    throw new Refusal('invalid_request', {
      pointer: '/mailbox_id',
      why: 'A canary of the kind imap needs a mailbox of this workspace.',
    })
  await refuseWrong(tx, workspaceId, wanted)
  const mailboxId = wanted.kind === 'imap' ? wanted.mailboxId : null
  const canary: Canary = {
    ...wanted,
    mailboxId,
    workspaceId,
    id: newId<CanaryId>(now.getTime()),
    nextAt: now,
    createdAt: now,
    updatedAt: now,
  }
  await saveCanary(tx, canary)
  return canary
}

export type CanaryChange = Partial<Omit<NewCanary, 'kind' | 'mailboxId'>>

/** Ways that are no longer watched have no incident any more. */
export async function changeCanary(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: CanaryId,
  change: CanaryChange,
  now: Date,
): Promise<Canary> {
  const canary = await mustLock(tx, workspaceId, id)
  const changed: Canary = { ...canary, ...change, updatedAt: now }
  await refuseWrong(tx, workspaceId, changed)
  const starts = changed.enabled && !canary.enabled
  const next = Math.min(canary.nextAt.getTime(), now.getTime() + changed.intervalMs)
  const saved = { ...changed, nextAt: starts ? now : new Date(next) }
  await saveCanary(tx, saved)
  const dropped = changed.enabled ? canary.routeIds.filter((routeId) => !changed.routeIds.includes(routeId)) : canary.routeIds
  for (const routeId of dropped) await clearWay(tx, canary, routeId, now)
  return saved
}

/** The next probes leave now. */
export async function probeCanary(tx: Tx, workspaceId: WorkspaceId, id: CanaryId, now: Date): Promise<Canary> {
  const canary = await mustLock(tx, workspaceId, id)
  if (!canary.enabled) throw new Refusal('wrong_state', { what: 'canary', state: 'switched off', action: 'sent' })
  const due = { ...canary, nextAt: now }
  await saveCanary(tx, due)
  return due
}

export async function removeCanary(tx: Tx, workspaceId: WorkspaceId, id: CanaryId, now: Date): Promise<void> {
  const canary = await mustLock(tx, workspaceId, id)
  for (const routeId of canary.routeIds) await clearWay(tx, canary, routeId, now)
  await deleteCanary(tx, workspaceId, id)
}

export const WAY_TROUBLES = ['missing', 'spam', 'unauthenticated'] as const
export type WayTrouble = (typeof WAY_TROUBLES)[number]

export function incidentKeyOf(canary: Pick<Canary, 'id'>, routeId: RouteId, trouble: WayTrouble): string {
  return `canary.${trouble}:${canary.id}:${routeId}`
}

async function clearWay(tx: Tx, canary: Canary, routeId: RouteId, now: Date): Promise<void> {
  for (const trouble of WAY_TROUBLES) await clearIncident(tx, canary.workspaceId, incidentKeyOf(canary, routeId, trouble), now)
}

async function refuseWrong(
  tx: Tx,
  workspaceId: WorkspaceId,
  { sender, routeIds }: Pick<NewCanary, 'sender' | 'routeIds'>,
): Promise<void> {
  if (!parseMailbox(sender)) throw new Refusal('invalid_address', { text: sender, pointer: '/sender' })
  for (const [i, routeId] of routeIds.entries()) {
    if (!(await findRoute(tx, workspaceId, routeId)))
      throw new Refusal('not_found', { what: 'route', pointer: `/route_ids/${i}` })
  }
}

async function mustLock(tx: Tx, workspaceId: WorkspaceId, id: CanaryId): Promise<Canary> {
  const canary = await lockCanary(tx, workspaceId, id)
  if (!canary) throw new Refusal('not_found', { what: 'canary' })
  return canary
}
