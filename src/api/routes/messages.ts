import { type Actor, actorReference } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { namesOfMailings } from '../../campaigns/list.ts'
import type { Tx } from '../../db/database.ts'
import { actOnMessage } from '../../delivery/acts/act.ts'
import { sendAgain } from '../../delivery/acts/send-again.ts'
import { contentOfDelivery } from '../../delivery/reading/content.ts'
import { listMessages as list, readMessage } from '../../delivery/reading/read.ts'
import type { MessageSummary } from '../../delivery/reading/story.ts'
import { Refusal } from '../../errors.ts'
import { prepareRawSend, prepareSend, type Sender } from '../../gateway/prepare.ts'
import { type Prepared, type Receipt, send } from '../../gateway/send.ts'
import { outOfReach, refuseOutOfReach, type SentMail } from '../../helpdesk/reading/mail-in-reach.ts'
import type { DeliveryId, MessageId } from '../../lib/ids.ts'
import { createOwn, createPersonalise } from '../../tracking/personalise.ts'
import { readTracking } from '../../tracking/read.ts'
import type { ServerDeps } from '../deps.ts'
import {
  type Accepted,
  cancelMessage,
  getMessage,
  getRawMessage,
  holdMessage,
  listMessages,
  type Message,
  type RawBody,
  releaseMessage,
  resendMessage,
  retryMessage,
  type SendBody,
  sendMessage,
  sendRawMessage,
} from '../endpoints/messages.ts'
import { pageById } from '../page.ts'
import { type Context, preparedRoute, type Route, route } from '../route.ts'
import { actorsIn, toMessage, toMessageSummary } from '../wire/messages.ts'

export function messageRoutes(deps: ServerDeps): Route[] {
  const { blobs } = deps
  const filling = { blobs, personalise: createPersonalise(deps.secrets), ownOf: createOwn(deps) }
  const acts = [
    [cancelMessage, 'cancel'],
    [holdMessage, 'hold'],
    [releaseMessage, 'release'],
    [retryMessage, 'retry'],
  ] as const
  return [
    preparedRoute(
      sendMessage,
      ({ body, actor, now }) => prepareSend({ blobs, tracking: deps }, fromSendBody(body), senderOf(actor), now),
      (context) => submitPrepared(blobs, context),
    ),
    preparedRoute(
      sendRawMessage,
      ({ body, actor, now }) =>
        prepareRawSend(blobs, { ...termsOf(body), raw: body.raw, to: body.to ?? null }, senderOf(actor), now),
      (context) => submitPrepared(blobs, context),
    ),
    route(listMessages, async ({ tx, params, actor }) => {
      const page = pageById('messages', params)
      const found = await list(tx, actor.workspaceId, page.query)
      const hidden = await outOfReach(tx, actor, found.map(toMail))
      return page.of(found, (message) => (hidden.has(message.id) ? null : toMessageSummary(message)))
    }),
    route(getMessage, async ({ tx, params, actor, now }) => show(tx, params.id, actor, now, params.delivery)),
    route(getRawMessage, async ({ tx, params, actor, now }) => {
      const story = await readMessage(tx, actor.workspaceId, params.id, now, params.delivery)
      await refuseOutOfReach(tx, actor, toMail(story), 'message')
      const { contentHash, mailingId, deliveries } = story
      const [first] = deliveries
      // Of a mailing each recipient has a mail of their own: the first one's stands for all.
      const content =
        mailingId && first
          ? await contentOfDelivery(tx, filling, actor.workspaceId, first.id, now)
          : (await blobs.read(tx, actor.workspaceId, [contentHash])).get(contentHash)
      if (typeof content !== 'string') throw new Refusal('not_kept', { what: 'The content of this message' })
      return { content: Buffer.from(content, 'latin1'), filename: `${params.id}.eml` }
    }),
    ...acts.map(([endpoint, act]) =>
      route(endpoint, async ({ tx, params, actor, now }) => {
        await refuseOutOfReach(tx, actor, toMail(await readMessage(tx, actor.workspaceId, params.id, now)), 'message')
        await actOnMessage(tx, actor.workspaceId, params.id, act, actorReference(actor), now)
        return await show(tx, params.id, actor, now)
      }),
    ),
    route(resendMessage, async ({ tx, params, actor, now }) =>
      show(tx, await resend(tx, blobs, params.id, actor, now), actor, now),
    ),
  ]
}

async function submitPrepared(
  blobs: BlobStore,
  context: Pick<Context<never, never, 'write', 'messages.send'>, 'tx' | 'now' | 'idempotencyKey' | 'reply'> & {
    readonly prepared: Prepared
  },
) {
  const { tx, prepared, idempotencyKey, now, reply } = context
  const { receipt, replayed } = await send(tx, blobs, prepared, idempotencyKey, now)
  if (replayed) reply.header('idempotency-replayed', 'true')
  return toAccepted(receipt)
}

function toAccepted({ id, createdAt, stream, deliveries }: Receipt): Accepted {
  return {
    id: id as MessageId,
    created_at: new Date(createdAt),
    stream: stream as Accepted['stream'],
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id as DeliveryId,
      recipient: delivery.recipient,
      state: 'queued',
      reason: null,
      due_at: new Date(delivery.dueAt),
    })),
  }
}

async function show(tx: Tx, id: MessageId, actor: Actor, now: Date, only?: DeliveryId): Promise<Message> {
  const story = await readMessage(tx, actor.workspaceId, id, now, only)
  await refuseOutOfReach(tx, actor, toMail(story), 'message')
  const tracking = await readTracking(tx, actor.workspaceId, story)
  const names = await namesOfMailings(tx, actor.workspaceId, story.mailingId ? [story.mailingId] : [])
  return toMessage(story, tracking, await nameActors(tx, actor.workspaceId, actorsIn(story)), names)
}

function toMail({ id, origin }: Pick<MessageSummary, 'id' | 'origin'>): SentMail {
  return { messageId: id, origin }
}

/** What has ended goes again as a new message. Where nothing has, an answer that was not heard is what there is to repeat. */
async function resend(tx: Tx, blobs: BlobStore, id: MessageId, actor: Actor, now: Date): Promise<MessageId> {
  const story = await readMessage(tx, actor.workspaceId, id, now)
  await refuseOutOfReach(tx, actor, toMail(story), 'message')
  const { deliveries } = story
  const by = actorReference(actor)
  if (!deliveries.some(({ state }) => state === 'unknown') || deliveries.some(({ settledAt }) => settledAt !== null)) {
    return await sendAgain(tx, blobs, actor.workspaceId, id, null, by, now)
  }
  await actOnMessage(tx, actor.workspaceId, id, 'resend', by, now)
  return id
}

export function senderOf(actor: Actor): Sender {
  return { workspaceId: actor.workspaceId, actor: actorReference(actor), origin: { kind: 'api', by: actor.name } }
}

function fromSendBody(body: SendBody) {
  return { ...textOf(body), to: body.to ?? [], cc: body.cc ?? [], bcc: body.bcc ?? [] }
}

/** What a message and a text for many have in common. */
export function textOf(body: Omit<SendBody, 'to' | 'cc' | 'bcc'>) {
  return {
    ...termsOf(body),
    from: body.from,
    replyTo: body.reply_to ?? [],
    subject: body.subject ?? '',
    text: body.text ?? null,
    html: body.html ?? null,
    headers: body.headers ?? {},
    tracking: body.tracking,
    attachments: (body.attachments ?? []).map(({ filename, content, content_type, content_id }) => ({
      filename,
      content,
      contentType: content_type ?? null,
      contentId: content_id ?? null,
    })),
  }
}

function termsOf(body: Pick<RawBody, 'stream' | 'tags' | 'metadata' | 'scheduled_at' | 'expires_at'>) {
  return {
    stream: body.stream ?? 'transactional',
    tags: body.tags ?? [],
    metadata: body.metadata ?? {},
    scheduledAt: body.scheduled_at ?? null,
    expiresAt: body.expires_at ?? null,
    viaRoute: null,
  } as const
}
