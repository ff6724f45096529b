import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Conversation } from '../../../src/helpdesk/conversation.ts'
import { listJobs, readCounts } from '../../../src/helpdesk/list/counts.ts'
import { checkInvariants } from '../../../src/insight/invariants.ts'
import type { TeamId } from '../../../src/lib/ids.ts'
import { newId } from '../../../src/lib/ids.ts'
import { world } from '../../support/world.ts'
import { desk } from '../desk.ts'

const acts = [
  'open',
  'pending',
  'closed',
  'spam',
  'sleep',
  'wake',
  'delete',
  'restore',
  'assign',
  'unassign',
  'move',
  'team',
  'merge',
  'new',
  'remove',
  'fold',
] as const

test('after whatever was done the counts are those of a real count', async () => {
  const w = await world({ endsWell: false })
  const d = await desk(w)
  const boss = await d.hire('Boss', 'owner')
  const other = await d.addInbox('Sales')
  const { db } = w.database
  const teamId = newId<TeamId>()
  const now = w.clock.now()
  await sql`insert into team values (${w.workspaceId}, ${teamId}, 'Team', ${now}, ${now})`.execute(db)
  const made: Conversation[] = []
  for (let i = 0; i < 4; i++) made.push((await d.conversation()).conversation)
  const [first] = listJobs(w.database)

  async function perform(act: (typeof acts)[number], which: number): Promise<void> {
    const id = made[which % made.length]?.id ?? null
    const of = sql`where id = ${id}`
    const status = (name: string) =>
      sql`update conversation set status = ${name}, closed_at = ${name === 'closed' ? now : null}, waiting_since = null, snoozed_until = null ${of}`.execute(
        db,
      )
    switch (act) {
      case 'open':
      case 'pending':
      case 'closed':
      case 'spam':
        return void (await status(act))
      case 'sleep':
        return void (await sql`update conversation set snoozed_until = ${now} ${of} and status in ('open', 'pending')`.execute(
          db,
        ))
      case 'wake':
        return void (await sql`update conversation set snoozed_until = null ${of}`.execute(db))
      case 'delete':
        return void (await sql`update conversation set deleted_at = ${now} ${of}`.execute(db))
      case 'restore':
        return void (await sql`update conversation set deleted_at = null ${of}`.execute(db))
      case 'assign':
        return void (await sql`update conversation set assignee_id = ${boss.id} ${of}`.execute(db))
      case 'unassign':
        return void (await sql`update conversation set assignee_id = null ${of}`.execute(db))
      case 'move':
        return void (await sql`update conversation set inbox_id = ${which % 2 ? other.id : d.inbox.id} ${of}`.execute(db))
      case 'team':
        return void (await sql`update conversation set team_id = ${which % 2 ? teamId : null} ${of}`.execute(db))
      case 'merge':
        return void (await sql`update conversation set merged_into = ${made[0]?.id ?? null} ${of} and id <> ${made[0]?.id ?? null}`.execute(
          db,
        ))
      case 'new':
        return void made.push((await d.conversation({ assigneeId: which % 2 ? boss.id : null })).conversation)
      case 'remove':
        return void (await sql`delete from conversation ${of} and id <> ${made[0]?.id ?? null}`.execute(db))
      case 'fold':
        return void (await first?.run(now))
    }
  }

  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...acts), fc.nat(7)), { minLength: 3, maxLength: 12 }), async (steps) => {
      for (const [act, which] of steps) await perform(act, which)
      const broken = (await checkInvariants(w.database, now, { thorough: true })).filter(({ name }) =>
        name.startsWith('conversation'),
      )
      expect(broken).toEqual([])
      const { rows } = await sql<{ open: number; mine: number; gone: number }>`
        select count(*) filter (where status = 'open' and snoozed_until is null and deleted_at is null) as open,
               count(*) filter (where status = 'open' and snoozed_until is null and deleted_at is null and assignee_id = ${boss.id}) as mine,
               count(*) filter (where deleted_at is not null) as gone
          from conversation where merged_into is null`.execute(db)
      const counts = await w.inWorkspace((tx) => readCounts(tx, boss))
      expect(counts.all).toMatchObject({ open: rows[0]?.open, mine: rows[0]?.mine, deleted: rows[0]?.gone })
    }),
    { numRuns: 12 },
  )
  await first?.run(now)
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from conversation_count group by inbox_id, status, assignee_id, team_id having count(*) > 1 or sum(n) = 0`.execute(
    db,
  )
  expect(rows).toEqual([])
})

test('a count that lies, and a conversation without words, are told', async () => {
  const w = await world({ endsWell: false })
  const d = await desk(w)
  const { conversation } = await d.conversation()
  await sql`insert into conversation_count (workspace_id, inbox_id, status, n) values (${w.workspaceId}, ${d.inbox.id}, 'open', 3)`.execute(
    w.database.db,
  )
  await sql`delete from conversation_text where conversation_id = ${conversation.id}`.execute(w.database.db)
  const broken = await checkInvariants(w.database, w.clock.now(), { thorough: true })
  expect(broken.map(({ name }) => name).sort()).toEqual(['conversation_counts_agree', 'conversations_are_searched'])
})
