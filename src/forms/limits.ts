/** How often anything may be tried. Counted in rows: another process, and the same one after a restart, goes on counting. */
import { subscriberOf } from '../accounts/throttle.ts'
import type { Tx } from '../db/database.ts'
import { DAY, HOUR } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import type { Form, FormSettings } from './form.ts'
import { countTry } from './limit-queries.ts'
import { trySubject } from './tokens.ts'

/** What comes without a proof that a person sits there: for those without script, and too few for whoever sends many. */
export const UNPROVEN_PER_IP_HOUR = 3
export const UNPROVEN_PER_FORM_HOUR = 30

export type Over = { readonly retryAfterSeconds: number }

interface Counted {
  readonly workspaceId: WorkspaceId
  readonly secrets: Pick<Secrets, 'hmac'>
}

/** Counts one that came in. Null: it may go on. What one network address does never uses up what is there for all. */
export async function countSubmission(
  tx: Tx,
  form: Form,
  settings: FormSettings,
  { ip, isUnproven }: { readonly ip: string; readonly isUnproven: boolean },
  secrets: Pick<Secrets, 'hmac'>,
  now: Date,
): Promise<Over | null> {
  const { workspaceId, id } = form
  const { per_ip_hour, per_form_hour } = settings.limits
  const from = `${id} ${subscriberOf(ip)}`
  const limits = [
    { kind: 'ip', subject: from, most: per_ip_hour },
    ...(isUnproven ? [{ kind: 'ip', subject: `unproven ${from}`, most: UNPROVEN_PER_IP_HOUR }] : []),
    ...(isUnproven ? [{ kind: 'form', subject: `unproven ${id}`, most: UNPROVEN_PER_FORM_HOUR }] : []),
    { kind: 'form', subject: id, most: per_form_hour },
  ]
  const since = new Date(Math.floor(now.getTime() / HOUR) * HOUR)
  for (const { kind, subject, most } of limits) {
    const n = await countTry(tx, workspaceId, { kind, subject: trySubject(subject, secrets), since, by: 1 })
    if (n > most) return { retryAfterSeconds: Math.ceil((since.getTime() + HOUR - now.getTime()) / 1_000) }
  }
  return null
}

/** Mails to confirm that an address got today, whichever form sent them; the row is locked, so that two at once are two. */
export async function mailsTo(tx: Tx, { workspaceId, secrets }: Counted, address: string, by: 0 | 1, now: Date): Promise<number> {
  const since = new Date(Math.floor(now.getTime() / DAY) * DAY)
  return await countTry(tx, workspaceId, { kind: 'address', subject: trySubject(address, secrets), since, by })
}
