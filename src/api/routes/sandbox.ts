import type { Tx } from '../../db/database.ts'
import { contentOfDelivery } from '../../delivery/reading/content.ts'
import { clearSandbox as clear, findSandboxMail, listSandbox, type SandboxMail } from '../../delivery/sandbox/feedback.ts'
import { Refusal } from '../../errors.ts'
import type { Id, WorkspaceId } from '../../lib/ids.ts'
import type { MailParser } from '../../mail/mail-parser.ts'
import { createOwn, createPersonalise } from '../../tracking/personalise.ts'
import { isHttps } from '../auth.ts'
import type { ServerDeps } from '../deps.ts'
import {
  clearSandbox,
  getRawSandboxMail,
  getSandboxAttachment,
  getSandboxMail,
  listSandboxMails,
  type SandboxMailSummary,
  showSandboxMail,
} from '../endpoints/sandbox.ts'
import { documentOf, readMail, viewMail } from '../mail-view.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { securityHeaders } from '../security-headers.ts'

export function sandboxRoutes(deps: ServerDeps, parser: MailParser): Route[] {
  const { blobs, database } = deps
  const personalise = createPersonalise(deps.secrets)
  const ownOf = createOwn(deps)
  /** In a transaction of its own that ends before the mail is taken apart. */
  const read = (workspaceId: WorkspaceId, id: string) =>
    database.transaction({ as: 'api', workspaceId }, (tx) => mailAndContent(tx, workspaceId, id), { readOnly: true })

  /** As its recipient would have got it: with the token of this delivery. */
  async function mailAndContent(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<{ mail: SandboxMail; content: Buffer }> {
    const mail = await findSandboxMail(tx, workspaceId, id)
    const content =
      mail && (await contentOfDelivery(tx, { blobs, personalise, ownOf }, workspaceId, mail.deliveryId, mail.receivedAt))
    if (!mail || !content) throw new Refusal('not_found', { what: 'mail in the sandbox' })
    return { mail, content: Buffer.from(content, 'latin1') }
  }

  return [
    route(listSandboxMails, async ({ tx, params, actor }) => {
      const page = pageById('sandbox', params)
      const found = await listSandbox(tx, actor.workspaceId, { ...page.query, recipient: params.recipient ?? null })
      return page.of(found, toSummary)
    }),
    route(getSandboxMail, async ({ params, actor }) => {
      const { mail, content } = await read(actor.workspaceId, params.id)
      const view = await viewMail(parser, content, { images: params.images ?? false })
      return {
        ...toSummary(mail),
        headers: [...view.headers],
        text: view.text,
        html: view.html,
        remote_images: view.remoteImages,
        attachments: view.files.map(({ filename, contentType, size }, index) => ({
          index,
          filename: nameOf(filename, index),
          content_type: contentType,
          size_bytes: size,
        })),
      }
    }),
    route(showSandboxMail, async ({ params, actor, reply }) => {
      const { content } = await read(actor.workspaceId, params.id)
      const images = params.images ?? false
      reply.headers(securityHeaders(images ? 'mail-with-images' : 'mail', isHttps(deps)))
      return { content: Buffer.from(documentOf(await viewMail(parser, content, { images }))) }
    }),
    route(getRawSandboxMail, async ({ params, actor }) => {
      const { mail, content } = await read(actor.workspaceId, params.id)
      return { content, filename: `${mail.id}.eml` }
    }),
    route(getSandboxAttachment, async ({ params, actor }) => {
      const { content } = await read(actor.workspaceId, params.id)
      const found = (await readMail(parser, content)).attachments[params.index]
      if (!found) throw new Refusal('not_found', { what: 'attachment' })
      return { content: found.bytes, filename: nameOf(found.filename, params.index) }
    }),
    route(clearSandbox, async ({ tx, actor }) => {
      await clear(tx, actor.workspaceId)
    }),
  ]
}

function nameOf(filename: string | null, index: number): string {
  return filename ?? `part-${index + 1}`
}

function toSummary(mail: SandboxMail): SandboxMailSummary {
  return {
    id: mail.id as Id<'sandbox_mail'>,
    message_id: mail.messageId,
    delivery_id: mail.deliveryId,
    received_at: mail.receivedAt,
    sender: mail.sender,
    recipient: mail.recipient,
    subject: mail.subject,
    size_bytes: mail.sizeBytes,
  }
}
