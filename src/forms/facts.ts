/** What is known of an address at the moment in which somebody types it. It decides what is done, and shows in nothing that a visitor sees. */
import { scopeOfList } from '../contacts/consent/consent.ts'
import { contactIdsOf } from '../contacts/save-contact.ts'
import type { Tx } from '../db/database.ts'
import { suppressionsOf } from '../delivery/suppression/suppress.ts'
import { DAY } from '../lib/clock.ts'
import type { Secrets } from '../lib/secrets.ts'
import { mailsTo } from './limits.ts'
import { asksByMail, type Shown } from './published.ts'
import type { Read } from './read-answers.ts'
import type { SubmissionFacts } from './submission.ts'
import { hasLeft, wasDenied } from './submission-queries.ts'

/** Whoever said "that was not me" is left alone for so long. */
const DENIED_MS = 90 * DAY

export interface Circumstances {
  readonly honeypot: boolean
  readonly isUnproven: boolean
}

export async function factsOf(
  tx: Tx,
  shown: Shown,
  read: Read,
  { honeypot, isUnproven, secrets }: Circumstances & { readonly secrets: Pick<Secrets, 'hmac'> },
  now: Date,
): Promise<SubmissionFacts> {
  const { workspaceId } = shown.form
  const suppressions = await suppressionsOf(tx, workspaceId, [read.address], now)
  const known = await contactIdsOf(tx, workspaceId, [read.address])
  const left = await hasLeft(tx, workspaceId, read.address, read.lists.map(scopeOfList), now)
  const blocks = suppressions.filter(
    ({ stream, reason }) => reason === 'complaint' || stream === 'all' || stream === 'transactional',
  )
  const worst = blocks.find(({ reason }) => reason === 'complaint') ?? blocks[0]
  return {
    honeypot,
    isUnproven,
    doubleOptIn: asksByMail(shown, read.lists),
    isKnown: known.size > 0 || suppressions.length > 0 || left,
    unreachable: !worst ? null : worst.reason === 'complaint' || worst.reason === 'unknown_address' ? worst.reason : 'blocked',
    deniedBefore: await wasDenied(tx, workspaceId, read.address, new Date(now.getTime() - DENIED_MS)),
    mails: await mailsTo(tx, { workspaceId, secrets }, read.address, 0, now),
    mostMails: shown.settings.limits.mails_per_address_day,
  }
}
