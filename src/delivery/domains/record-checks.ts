import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { NewEvent } from '../../events/event.ts'
import { clearIncident, raiseIncident } from '../../incidents/incidents.ts'
import { afterCheck, type Check, type CheckResult } from './check.ts'
import { deleteChecksBut, deleteOldChanges, insertChange, selectChecks, upsertCheck } from './check-queries.ts'
import { advanceKeys, type DkimKey } from './dkim-key.ts'
import { type Domain, type DomainId, nextCheckAt, stateOf } from './domain.ts'
import { incidentKeyOf } from './manage.ts'
import { lockDomain, selectKeys, updateDomain, updateKey } from './queries.ts'

const CHANGES_KEPT = 200

/** Writes down what a look at the DNS found, and what follows: keys move, the domain's state, incidents. Null when it was removed meanwhile. */
export async function recordChecks(
  tx: Tx,
  at: Pick<Domain, 'workspaceId' | 'id'>,
  results: readonly CheckResult[],
  random: number,
  now: Date,
): Promise<Domain | null> {
  const domain = await lockDomain(tx, at.workspaceId, at.id)
  if (!domain) return null
  await saveChecks(tx, domain, results, now)
  const keys = await moveKeys(tx, domain, results, now)
  const state = stateOf(keys, domain.verifiedAt !== null)
  const moved: Domain = {
    ...domain,
    state,
    stateSince: state === domain.state ? domain.stateSince : now,
    verifiedAt: state === 'pending' ? null : (domain.verifiedAt ?? now),
    checkedAt: now,
  }
  const saved = { ...moved, nextCheckAt: nextCheckAt(moved, random, now) }
  await updateDomain(tx, saved)
  if (state !== domain.state) await tellState(tx, saved, results, now)
  return saved
}

async function saveChecks(tx: Tx, domain: Domain, results: readonly CheckResult[], now: Date): Promise<void> {
  const before = new Map((await selectChecks(tx, domain.workspaceId, domain.id)).map((check) => [check.subject, check]))
  for (const result of results) {
    const was: Check | null = before.get(result.subject) ?? null
    await upsertCheck(tx, domain, afterCheck(was, result, now))
    if (was?.status !== result.status) {
      const { subject, status, sentence, found } = result
      await insertChange(tx, domain, { at: now, subject, was: was?.status ?? null, status, sentence, found })
    }
  }
  await deleteChecksBut(
    tx,
    domain,
    results.map(({ subject }) => subject),
  )
  await deleteOldChanges(tx, domain, CHANGES_KEPT)
}

async function moveKeys(tx: Tx, domain: Domain, results: readonly CheckResult[], now: Date): Promise<DkimKey[]> {
  const seen = new Map(
    results
      .filter(({ subject }) => subject.startsWith('dkim:'))
      .map(({ subject, status }) => [subject.slice('dkim:'.length), status]),
  )
  const before = await selectKeys(tx, domain.workspaceId, domain.id)
  const after = advanceKeys(before, seen, now)
  const changed = after.filter((key, index) => key !== before[index])
  // The old key steps back before the new one takes its place: the table allows one active key of a kind.
  const inOrder = [...changed.filter(({ state }) => state !== 'active'), ...changed.filter(({ state }) => state === 'active')]
  for (const key of inOrder) await updateKey(tx, domain, key)
  const told = changed.filter((key) => key.state !== before.find(({ selector }) => selector === key.selector)?.state)
  await append(
    tx,
    told.flatMap((key) => eventOf(domain, key)),
    now,
  )
  return after
}

function eventOf(domain: Domain, { selector, state }: DkimKey): NewEvent[] {
  const type = state === 'active' ? 'domain.key_activated' : state === 'revoked' ? 'domain.key_revoked' : null
  return type ? [{ type, workspaceId: domain.workspaceId, subjectId: domain.id, data: { name: domain.name, selector } }] : []
}

async function tellState(tx: Tx, domain: Domain, results: readonly CheckResult[], now: Date): Promise<void> {
  const { workspaceId, id, name, state } = domain
  if (state === 'pending') return
  const type = ({ verified: 'domain.verified', warning: 'domain.warned', lapsed: 'domain.lapsed' } as const)[state]
  await append(tx, { type, workspaceId, subjectId: id, data: { name } }, now)
  if (state === 'verified') await clearIncident(tx, workspaceId, incidentKeyOf(id), now)
  else await raiseIncident(tx, incidentOf(domain, state, results), now)
}

function incidentOf(
  { workspaceId, id, name }: Domain & { id: DomainId },
  state: 'warning' | 'lapsed',
  results: readonly CheckResult[],
) {
  const wrong = results.filter(({ subject, status }) => subject.startsWith('dkim:') && status !== 'correct' && status !== 'error')
  const said = wrong.map(({ sentence }) => sentence).join(' ')
  return {
    workspaceId,
    key: incidentKeyOf(id),
    kind: 'domain.records',
    severity: state === 'lapsed' ? ('critical' as const) : ('warning' as const),
    title: state === 'lapsed' ? `${name} can no longer sign its mail` : `The DNS records of ${name} changed`,
    sentence:
      state === 'lapsed'
        ? `For a day the DNS has not shown the key that mail from ${name} is signed with. It is signed no more, and routes that need the signature do not take it.`
        : `The DNS no longer shows the key that mail from ${name} is signed with. ${said} Mail goes on for a day as if it did.`,
    hint: `Publish the records that the page of ${name} shows, then check again there.`,
    subject: { kind: 'domain', id },
    evidence: { checks: wrong.map(({ subject, status, found }) => ({ subject, status, found })) },
  }
}
