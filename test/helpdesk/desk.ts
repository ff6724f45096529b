import { sql } from 'kysely'
import type { Actor, Role } from '../../src/accounts/actor.ts'
import type { Tx } from '../../src/db/database.ts'
import type { Conversation } from '../../src/helpdesk/conversation.ts'
import { addItem, findConversation, insertConversation } from '../../src/helpdesk/conversations.ts'
import type { Inbox } from '../../src/helpdesk/inbox.ts'
import { findInbox } from '../../src/helpdesk/inboxes.ts'
import type { Item } from '../../src/helpdesk/item.ts'
import { takeNumber } from '../../src/helpdesk/numbers.ts'
import { type ConversationId, type InboxId, type MessageId, newId, type UserId } from '../../src/lib/ids.ts'
import type { World } from '../support/world.ts'

export type Agent = Extract<Actor, { kind: 'user' }>

export interface Desk {
  readonly inbox: Inbox
  readonly agent: Agent
  /** Another person of the workspace. */
  hire(name: string, role?: Role): Promise<Agent>
  addInbox(name: string, settings?: Record<string, string | number | boolean | null>): Promise<Inbox>
  /** A conversation that Bob began by mail. */
  conversation(over?: Partial<Conversation>): Promise<{ conversation: Conversation; first: Item }>
  /** Bob writes once more. */
  customerWrites(conversation: ConversationId, text: string): Promise<Item>
  find(id: ConversationId): Promise<Conversation>
}

/** A helpdesk in a world: an inbox `support@example.com`, Ann who works in it, and Bob who writes to it. */
export async function desk(w: World, settings: Record<string, string | number | boolean | null> = {}): Promise<Desk> {
  const { workspaceId, clock, database } = w
  const db = database.db

  async function hire(name: string, role: Role = 'agent'): Promise<Agent> {
    const id = newId<UserId>(clock.now().getTime())
    const email = `${name.toLowerCase().replace(/\W/g, '.')}@shop.example`
    await sql`insert into user_account (id, email, name, password_hash, password_changed_at, created_at)
              values (${id}, ${email}, ${name}, '$argon2id$none', ${clock.now()}, ${clock.now()})`.execute(db)
    await sql`insert into membership (workspace_id, user_id, role, joined_at) values (${workspaceId}, ${id}, ${role}, ${clock.now()})`.execute(
      db,
    )
    return { kind: 'user', id, name, workspaceId, role }
  }

  async function addInbox(name: string, wishes: Record<string, string | number | boolean | null> = {}): Promise<Inbox> {
    const id = newId<InboxId>(clock.now().getTime())
    const slug = name.toLowerCase()
    const address = `${slug}@example.com`
    const columns = { undo_seconds: 0, ...wishes }
    await sql`insert into inbox (workspace_id, id, name, slug, address, created_at, updated_at, ${sql.join(Object.keys(columns).map((column) => sql.ref(column)))})
              values (${workspaceId}, ${id}, ${name}, ${slug}, ${address}, ${clock.now()}, ${clock.now()}, ${sql.join(Object.values(columns))})`.execute(
      db,
    )
    await sql`insert into inbox_address values (${workspaceId}, ${address}, ${id}, true, ${clock.now()})`.execute(db)
    return (await findInbox(db, workspaceId, id))!
  }

  const inbox = await addInbox('Support', settings)
  const agent = await hire('Ann Agent')

  function write(tx: Tx, conversationId: ConversationId, text: string): Promise<Item> {
    const rfcMessageId = `<${newId<MessageId>(clock.now().getTime())}@customer.example>`
    const from = { name: 'Bob', address: 'bob@customer.example' }
    const recipients = { to: [{ name: '', address: inbox.address }], cc: [], bcc: [] }
    const item = { workspaceId, conversationId, kind: 'customer' as const, from, recipients, rfcMessageId }
    const html = `<p>${text}</p>`
    return addItem(tx, { ...item, bodyText: text, bodyHtml: html }, clock.now(), {
      references: [{ rfcId: rfcMessageId, source: 'inbound' }],
    })
  }

  return {
    inbox,
    agent,
    hire,
    addInbox,
    async conversation(over = {}) {
      return await w.inWorkspace(async (tx) => {
        const now = clock.now()
        const conversation: Conversation = {
          ...{
            workspaceId,
            id: newId<ConversationId>(now.getTime()),
            number: await takeNumber(tx, workspaceId),
            inboxId: inbox.id,
          },
          ...{
            subject: 'Where is my parcel?',
            preview: 'Where is it?',
            channel: 'email',
            status: 'open',
            labelId: null,
            priority: 'normal',
          },
          ...{
            assigneeId: null,
            teamId: null,
            contactId: null,
            requester: 'bob@customer.example',
            tags: [],
            fields: {},
            items: 1,
          },
          ...{
            hasFiles: false,
            snoozedUntil: null,
            dueAt: null,
            waitingSince: now,
            lastCustomerAt: now,
            lastAgentAt: null,
            lastAt: now,
          },
          ...{ closedAt: null, mergedInto: null, deletedAt: null, autoReplyOff: false, createdAt: now, updatedAt: now },
          ...over,
        }
        await insertConversation(tx, conversation)
        return { conversation, first: await write(tx, conversation.id, 'Where is it?') }
      })
    },
    customerWrites: (id, text) => w.inWorkspace((tx) => write(tx, id, text)),
    async find(id) {
      return (await findConversation(db, workspaceId, id))!
    },
  }
}
