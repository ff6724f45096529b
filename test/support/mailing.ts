import { ENGINE, type Tx } from '../../src/db/database.ts'
import { pausedReason } from '../../src/delivery/mailings/mailing.ts'
import {
  cancelMailing,
  countMailing,
  createMailing,
  type MailingPace,
  pauseMailing,
  resumeMailing,
} from '../../src/delivery/mailings/mailings.ts'
import { submitMailing } from '../../src/delivery/mailings/submit-mailing.ts'
import type { ListScope } from '../../src/delivery/suppression/suppression.ts'
import { type MailingId, type MessageId, newId } from '../../src/lib/ids.ts'
import { parseMailbox } from '../../src/mail/address.ts'
import { writeStencil } from '../../src/mail/stencil.ts'
import type { World } from './world.ts'

/** To so many people, each greeted by name. */
export async function aMailing(
  w: World,
  {
    to,
    pace = null,
    scopes = [],
    from = 'news@example.com',
  }: { to: readonly string[]; pace?: MailingPace | null; scopes?: readonly ListScope[]; from?: string },
) {
  const { workspaceId, clock } = w
  const engine = <T>(work: (tx: Tx) => Promise<T>) => w.database.transaction(ENGINE, work)
  const id = await engine((tx) => createMailing(tx, workspaceId, { scopes, pace }, clock.now()))
  const author = parseMailbox(from)
  if (!author) throw new Error(from)
  const stencil = writeStencil({
    from: author,
    toName: { literals: ['', ''], places: [0] },
    subject: { literals: ['News for ', ''], places: [0] },
    text: { literals: ['Dear ', ',\n\nlook: https://example.com/', '\n'], places: [0, 'tracking'] },
  })
  const content = await w.blobs.stage(workspaceId, Buffer.from(stencil, 'latin1'))
  const add = (recipients: readonly string[]) =>
    engine((tx) => {
      const messageId = newId<MessageId>(clock.now().getTime())
      return submitMailing(
        tx,
        w.blobs,
        {
          workspaceId,
          mailingId: id,
          messageId,
          origin: { kind: 'test' },
          actor: null,
          envelopeSender: from,
          sender: from,
          fromDomain: author.address.domain,
          subject: 'News',
          tags: [],
          rfcMessageId: `<${messageId}@example.com>`,
          content,
          tracking: null,
          expiresAt: new Date(clock.now().getTime() + 365 * 86_400_000),
          resendOf: null,
          recipients: recipients.map((recipient) => ({ recipient, slots: [nameOf(recipient)] })),
        },
        clock.now(),
      )
    })
  for (let at = 0; at < to.length; at += 1_000) await add(to.slice(at, at + 1_000))
  const reason = () => pausedReason('Somebody paused it.', 'Resume it.', 'paused', clock.now())
  return {
    id: id as MailingId,
    add,
    pause: () => engine((tx) => pauseMailing(tx, workspaceId, id, reason(), clock.now())),
    resume: () => engine((tx) => resumeMailing(tx, workspaceId, id, clock.now())),
    cancel: () => engine((tx) => cancelMailing(tx, workspaceId, id, reason(), clock.now())),
    counts: () => countMailing(w.database.db, workspaceId, id),
  }
}

export function nameOf(recipient: string): string {
  return recipient.split('@')[0] ?? ''
}

export function people(n: number, domain = 'example.org'): string[] {
  return Array.from({ length: n }, (_, i) => `p${String(i + 1).padStart(4, '0')}@${domain}`)
}
