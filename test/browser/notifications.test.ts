import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { createBlobStore } from '../../src/blobs/blob-store.ts'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import type { Conversation } from '../../src/helpdesk/conversation.ts'
import { addItem, findByNumber } from '../../src/helpdesk/conversations.ts'
import { notify } from '../../src/helpdesk/notify/notify.ts'
import type { InboxId, UserId, WorkspaceId } from '../../src/lib/ids.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { testBrowser } from '../support/browser.ts'
import { barriers } from './axe.ts'
import { look, open, signIn, testConsole } from './support.ts'

const browser = await testBrowser()
const waybill = await testConsole({ withRelay: false })
const database = openDatabase({ connection: { ...waybill.database }, maxConnections: 2, applicationName: 'test' })
afterAll(() => database.close())
const { rows } = await sql<{ workspaceId: WorkspaceId; userId: UserId }>`
  select workspace_id as "workspaceId", user_id as "userId" from membership`.execute(database.db)
const { workspaceId, userId } = rows[0]!
const { id: inboxId } = await waybill.api<{ id: InboxId }>('POST', '/v1/inboxes', {
  name: 'Support',
  address: 'support@shop.example',
})
const begun = {
  inbox_id: inboxId,
  channel: 'phone',
  customer: 'Bob <bob@customer.example>',
  subject: 'Where is it?',
  html: '<p>Well?</p>',
}
const { number } = await waybill.api<{ number: number }>('POST', '/v1/conversations', begun)
await sql`update conversation set assignee_id = ${userId}`.execute(database.db)
const deps = {
  blobs: createBlobStore(await mkdtemp(join(tmpdir(), 'waybill-bell-'))),
  secrets: createSecrets('a secret for tests, long enough'),
  url: waybill.url,
}

async function customerAnswers(bodyText: string): Promise<void> {
  await database.transaction(ENGINE, async (tx) => {
    const conversation = (await findByNumber(tx, workspaceId, number)) as Conversation
    const from = { name: 'Bob', address: 'bob@customer.example' }
    const item = { workspaceId, conversationId: conversation.id, kind: 'customer' as const, from, bodyText }
    const { id: itemId } = await addItem(tx, item, new Date())
    await notify(tx, deps, { event: 'customer_replied', conversation, itemId, actor: null }, new Date())
  })
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
  await page.getByText(`Bob answered in conversation #${number}`).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Mark all as read' }).click()
  await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
  await other.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
})

test('what one is told is chosen in a table, by keyboard, and can be as usual again', async () => {
  const { page } = await look(browser, waybill)
  await open(page, '/settings/notifications')
  const cell = page.getByRole('checkbox', { name: 'A conversation is assigned to you: Email' })
  expect(await cell.isChecked()).toBe(true)
  expect(await barriers(page)).toEqual([])
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
  await expect.poll(() => cell.isChecked()).toBe(true)
})

const EVA = { email: 'eva@shop.example', password: 'four other words for Eva' }

test('two in one conversation see one another look and write, and who is named in a note is told', async () => {
  await waybill.api('POST', '/v1/members', { name: 'Eva Else', role: 'agent', ...EVA })
  const { page: ann } = await look(browser, waybill)
  const { page: eva } = await look(browser, waybill, { signedIn: false })
  await signIn(eva, EVA)
  await open(ann, `/conversations/${number}`)
  await open(eva, `/conversations/${number}`)
  await ann.getByText('Eva Else is looking at this').waitFor()
  await eva.getByText('ann is looking at this').waitFor()

  const text = (of: typeof ann) => of.getByRole('textbox', { name: 'Text' })
  await eva.keyboard.press('r')
  await text(eva).pressSequentially('It comes tomorrow.')
  await ann.getByText('Eva Else is writing an answer', { exact: true }).waitFor()
  await ann.keyboard.press('r')
  await ann.getByText('Eva Else is writing an answer, too. Ask before you send yours.').waitFor()

  await open(eva, '/')
  await ann.getByText('Eva Else is writing an answer', { exact: true }).waitFor({ state: 'detached' })
  await ann.getByText('Note', { exact: true }).click()
  await text(ann).pressSequentially('@eva')
  await ann.getByRole('option', { name: /Eva Else/ }).click()
  await ann.keyboard.press('Control+Enter')
  await eva.getByRole('button', { name: 'Notifications: 1 unread' }).click()
  await eva.getByText(`ann mentioned you in conversation #${number}`).click()
  await eva.getByRole('article', { name: /^Note:/ }).waitFor()
  await eva.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
})
