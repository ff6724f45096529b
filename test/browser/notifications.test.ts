import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { createBlobStore } from '../../src/blobs/blob-store.ts'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import { findConversation } from '../../src/helpdesk/conversations.ts'
import { notify } from '../../src/helpdesk/notify/notify.ts'
import { type ConversationId, type InboxId, type ItemId, newId, type UserId, type WorkspaceId } from '../../src/lib/ids.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { testBrowser } from '../support/browser.ts'
import { look, open, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })
const database = openDatabase({ connection: { ...waybill.database }, maxConnections: 2, applicationName: 'test' })
afterAll(() => database.close())
const { rows } = await sql<{ workspaceId: WorkspaceId; userId: UserId }>`
  select workspace_id as "workspaceId", user_id as "userId" from membership`.execute(database.db)
const { workspaceId, userId } = rows[0]!
const [inboxId, conversationId] = [newId<InboxId>(), newId<ConversationId>()]
await sql`insert into inbox (workspace_id, id, name, slug, address, created_at, updated_at)
          values (${workspaceId}, ${inboxId}, 'Support', 'support', 'support@shop.example', now(), now())`.execute(database.db)
await sql`insert into conversation (workspace_id, id, number, inbox_id, subject, channel, status, assignee_id, requester, last_at, created_at, updated_at)
          values (${workspaceId}, ${conversationId}, 12, ${inboxId}, 'Where is it?', 'email', 'open', ${userId}, 'bob@customer.example', now(), now(), now())`.execute(
  database.db,
)
const deps = {
  blobs: createBlobStore(await mkdtemp(join(tmpdir(), 'waybill-bell-'))),
  secrets: createSecrets('a secret for tests, long enough'),
  url: waybill.url,
}

async function customerAnswers(text: string): Promise<void> {
  const itemId = newId<ItemId>()
  await sql`insert into conversation_item (workspace_id, conversation_id, id, kind, from_name, from_address, body_text, created_at)
            values (${workspaceId}, ${conversationId}, ${itemId}, 'customer', 'Bob', 'bob@customer.example', ${text}, now())`.execute(
    database.db,
  )
  const conversation = await findConversation(database.db, workspaceId, conversationId)
  await database.transaction(ENGINE, (tx) =>
    notify(tx, deps, { event: 'customer_replied', conversation: conversation!, itemId, actor: null }, new Date()),
  )
}

test('the bell rings at once, a key opens it, and what was read is read on every page', async () => {
  const { page, context } = await look(browser, waybill)
  await open(page, '/')
  const other = await context.newPage()
  await open(other, '/deliveries')
  await customerAnswers('It has not come.')
  await page.getByRole('button', { name: 'Notifications: 1 unread' }).waitFor()
  await other.getByRole('button', { name: 'Notifications: 1 unread' }).waitFor()

  await page.keyboard.press('Shift+N')
  await page.getByText('Bob answered in conversation #12').waitFor()
  await page.getByRole('button', { name: 'Mark all as read' }).click()
  await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
  await other.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
})

test('what one is told is chosen in a table, by keyboard, and can be as usual again', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/settings/notifications')
  const cell = page.getByRole('checkbox', { name: 'A conversation is assigned to you: Email' })
  expect(await cell.isChecked()).toBe(true)
  await cell.focus()
  await page.keyboard.press('Space')
  await page.getByText('differs from the usual').first().waitFor({ state: 'attached' })
  await page.getByRole('switch', { name: 'Mute Support' }).press('Space')
  await expect
    .poll(
      async () => (await sql<{ n: number }>`select cardinality(muted) as n from notification_setting`.execute(database.db)).rows,
    )
    .toEqual([{ n: 1 }])
  await page.reload()
  expect(await cell.isChecked()).toBe(false)
  expect(await page.getByRole('switch', { name: 'Mute Support' }).isChecked()).toBe(true)
  await page.getByRole('button', { name: 'As usual again' }).click()
  await page.getByText('Everything is as usual again.').first().waitFor()
  expect(await cell.isChecked()).toBe(true)
})
