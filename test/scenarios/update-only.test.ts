import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
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
    const i = inlet(w)
    const { conversation, first } = await d.conversation()
    const known = first.rfcMessageId ?? ''
    const deleted = await d.conversation({ deletedAt: w.clock.now() })
    const closed = await d.conversation({ status: 'closed', closedAt: w.clock.now(), waitingSince: null })
    const merged = await d.conversation({ mergedInto: conversation.id })
    const elsewhere = await d.conversation({ inboxId: other.id })
    const cases: [string, Record<string, string>, boolean][] = [
      ['no-id', {}, false],
      ['unknown', { [ID]: '<nobody@nowhere.example>' }, false],
      ['deleted', { [ID]: deleted.first.rfcMessageId ?? '' }, true],
      ['closed', { [ID]: closed.first.rfcMessageId ?? '' }, true],
      ['merged', { [ID]: merged.first.rfcMessageId ?? '' }, true],
      ['other-queue', { [ID]: elsewhere.first.rfcMessageId ?? '' }, false],
    ]
    for (const [name, headers, belongs] of cases) {
      const odd = await i.store(mail(name, headers), { inboxId: d.inbox.id })
      for (let n = 0; n < 100; n += 1) await i.store(mail(`${name}-${n}`, { [ID]: known }), { inboxId: d.inbox.id })
      await i.worker.drain()
      expect((await i.outcomeOf(odd)).outcome, name).toBe(
        belongs ? 'reply_added' : noMatch === 'ignore' ? 'ignored' : 'quarantined',
      )
    }
    const open = await listOpenIncidents(w.database.db, w.workspaceId, 10)
    expect(open.map(({ kind }) => kind)).toContain('inbound.no_match')
    const { rows } = await sql<{ outcome: string; n: number }>`
      select outcome, count(*) as n from inbound_mail where rfc_message_id ~ '-[0-9]+@' group by outcome`.execute(w.database.db)
    expect(rows).toEqual([{ outcome: 'reply_added', n: cases.length * 100 }])
  },
  120_000,
)
