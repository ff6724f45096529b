import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
import type { InboxId } from '../../src/lib/ids.ts'
import { desk } from '../helpdesk/desk.ts'
import { inlet } from '../inbound/support.ts'
import { world } from '../support/world.ts'

const ID = 'In-Reply-To'

function mail(n: string, headers: Record<string, string> = {}): string {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`)
  return `From: bob@customer.example
To: support@example.com
Subject: About ${n}
Message-ID: <${n}@customer.example>
${more.join('')}
Words of ${n}.
`
}

test.each(['ignore', 'quarantine'] as const)(
  'an inbox that only takes answers (%s): whatever has no conversation ends in its own outcome, and a hundred good mails behind each are taken in',
  async (noMatch) => {
    const w = await world()
    const d = await desk(w, { no_match: noMatch, no_match_alert: 3 })
    const other = await d.addInbox('Sales')
    const shut = await d.addInbox('Old', { no_match: noMatch, closed_at: w.clock.now().toISOString() })
    const i = inlet(w)
    const { conversation, first } = await d.conversation()
    const known = first.rfcMessageId ?? ''
    const deleted = await d.conversation({ deletedAt: w.clock.now() })
    const closed = await d.conversation({ status: 'closed', closedAt: w.clock.now(), waitingSince: null })
    const merged = await d.conversation({ mergedInto: conversation.id })
    const elsewhere = await d.conversation({ inboxId: other.id })
    const alone = { outcome: noMatch === 'ignore' ? 'ignored' : 'quarantined', reason: 'update_only_no_match' }
    const belongs = { outcome: 'reply_added', reason: null }
    const cases: [string, Record<string, string>, object, InboxId?][] = [
      ['no-id', {}, alone],
      ['unknown', { [ID]: '<nobody@nowhere.example>' }, alone],
      ['deleted', { [ID]: deleted.first.rfcMessageId ?? '' }, belongs],
      ['closed', { [ID]: closed.first.rfcMessageId ?? '' }, belongs],
      ['merged', { [ID]: merged.first.rfcMessageId ?? '' }, belongs],
      ['other-queue', { [ID]: elsewhere.first.rfcMessageId ?? '' }, alone],
      ['closed-mailbox', {}, { outcome: 'quarantined', reason: 'inbox_closed' }, shut.id],
    ]
    for (const [name, headers, outcome, inboxId = d.inbox.id] of cases) {
      const odd = await i.store(mail(name, headers), { inboxId })
      const good = Array.from({ length: 100 }, (_, n) => mail(`${name}-${n}`, { [ID]: known }))
      await i.storeAll(good, { inboxId: d.inbox.id })
      await i.worker.drain()
      expect(await i.outcomeOf(odd), name).toMatchObject(outcome)
    }
    const open = await listOpenIncidents(w.database.db, w.workspaceId, 10)
    expect(open.map(({ kind }) => kind)).toContain('inbound.no_match')
    const { rows } = await sql<{ outcome: string; n: number }>`
      select outcome, count(*) as n from inbound_mail where rfc_message_id ~ '-[0-9]+@' group by outcome`.execute(w.database.db)
    expect(rows).toEqual([{ outcome: 'reply_added', n: cases.length * 100 }])
  },
  120_000,
)
