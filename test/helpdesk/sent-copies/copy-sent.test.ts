import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { groundOf, prepareAnswer } from '../../../src/helpdesk/answering/answer.ts'
import { sendAnswer } from '../../../src/helpdesk/answering/send-answer.ts'
import { BLANK_DRAFT } from '../../../src/helpdesk/drafts/draft.ts'
import { findInbox } from '../../../src/helpdesk/inboxes.ts'
import { readConversation } from '../../../src/helpdesk/reading/read.ts'
import { type CopyDeps, copySent } from '../../../src/helpdesk/sent-copies/copy-sent.ts'
import { createMailbox } from '../../../src/mailboxes/mailboxes.ts'
import { fixedResolver } from '../../support/dns.ts'
import { imapServer } from '../../support/imap-server.ts'
import { world } from '../../support/world.ts'
import { desk } from '../desk.ts'

/** A desk whose answers are copied into `Sent Items`, and one answer in it. */
async function answered() {
  const w = await world()
  const imap = await imapServer({ folders: { 'Sent Items': '\\Sent' } })
  onTestFinished(() => imap.close())
  const settings = {
    protocol: 'imap',
    auth: { kind: 'password' },
    host: '127.0.0.1',
    port: imap.port,
    security: 'none',
    username: 'seed',
    allowPrivate: true,
  } as const
  const wish = { name: 'Support mailbox', address: 'support@example.com', settings, password: 'wrong' }
  const mailbox = await w.inWorkspace((tx) => createMailbox(tx, w.secrets, w.workspaceId, wish, w.clock.now()))
  const d = await desk(w)
  await sql`update inbox set sent_mailbox_id = ${mailbox.id}, sent_folder = 'Sent Items' where id = ${d.inbox.id}`.execute(
    w.database.db,
  )
  const { conversation } = await d.conversation()
  const deps = { db: w.database.db, blobs: w.blobs, secrets: w.secrets, url: 'https://desk.example' }
  const answer = async () => {
    const request = { content: { ...BLANK_DRAFT, to: ['bob@customer.example'], html: '<p>Soon.</p>' }, status: null, seen: null }
    const ground = await groundOf(deps, d.agent, conversation.id)
    const prepared = await prepareAnswer(deps, d.agent, 'reply', ground, request, w.clock.now())
    return await w.inWorkspace((tx) => sendAnswer(tx, deps, prepared, d.agent, w.clock.now()))
  }
  const copyDeps = { ...w, resolver: fixedResolver({}), allowPrivateNetworks: true } as unknown as CopyDeps
  const copyOf = async () => {
    const page = { before: null, limit: 10 }
    const { items } = await readConversation(w.database.db, d.agent, conversation.id, page, w.clock.now())
    return items.findLast(({ kind }) => kind === 'reply')
  }
  return { w, d, imap, mailbox, answer, copyDeps, copyOf }
}

test('what was sent is copied into the folder once; a mailbox that refuses changes nothing of the mail, is named on it, and is tried again', async () => {
  const { w, d, imap, mailbox, answer, copyDeps, copyOf } = await answered()
  expect((await findInbox(w.database.db, w.workspaceId, d.inbox.id))?.sentCopy).toEqual({
    mailboxId: mailbox.id,
    folder: 'Sent Items',
  })
  await answer()

  // Nothing has left yet: there is nothing to copy.
  w.clock.advance(10_000)
  await copySent(copyDeps, w.clock.now())
  expect((await copyOf())?.sentCopy).toMatchObject({ state: 'waiting', problem: null })
  expect(imap.said).toEqual([])

  await w.dispatch()
  w.clock.advance(61_000)
  await copySent(copyDeps, w.clock.now())
  expect(await copyOf()).toMatchObject({
    deliveries: [{ state: 'sent' }],
    sentCopy: { state: 'waiting', problem: expect.stringContaining('Sent Items') },
  })

  imap.setPassword('wrong')
  await copySent(copyDeps, w.clock.now())
  w.clock.advance(61_000)
  await copySent(copyDeps, w.clock.now())
  await copySent(copyDeps, w.clock.now())
  expect((await copyOf())?.sentCopy).toMatchObject({ state: 'stored', problem: null })
  const [copy, ...others] = imap.mails('Sent Items')
  expect(others).toEqual([])
  expect(copy?.raw.toString()).toBe(
    w.smtp.messages.find(({ recipients }) => recipients.includes('bob@customer.example'))?.content,
  )
  expect([...(copy?.flags ?? [])]).toEqual(['\\Seen'])
})

test.each([
  { lost: 'the line was cut before the server said that it is stored', at: 'APPENDED' },
  { lost: 'the line was cut before it was stored', at: 'APPEND' },
])('a copy is stored once although $lost', async ({ at }) => {
  const { w, imap, answer, copyDeps, copyOf } = await answered()
  imap.setPassword('wrong')
  await answer()
  await w.dispatch()
  imap.fault = { at, do: 'close' }
  w.clock.advance(61_000)
  await copySent(copyDeps, w.clock.now())
  expect((await copyOf())?.sentCopy).toMatchObject({ state: 'waiting' })
  imap.fault = null

  // A mail of another answer is no copy of this one.
  await answer()
  await w.dispatch()
  w.clock.advance(61_000)
  await copySent(copyDeps, w.clock.now())
  w.clock.advance(3_600_000)
  await copySent(copyDeps, w.clock.now())
  expect((await copyOf())?.sentCopy).toMatchObject({ state: 'stored', problem: null })
  expect(imap.mails('Sent Items')).toHaveLength(2)
})
