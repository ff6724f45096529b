import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Tx } from '../../db/database.ts'
import { clearSandbox as clear, findSandboxMail, listSandbox, type SandboxMail } from '../../delivery/sandbox/feedback.ts'
import { Refusal } from '../../errors.ts'
import type { Id, WorkspaceId } from '../../lib/ids.ts'
import type { MailView } from '../../mail/view-mail.ts'
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
import type { MailReader } from '../mail-view/reader.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { securityHeaders } from '../security-headers.ts'

export function sandboxRoutes(deps: ServerDeps, reader: MailReader): Route[] {
  const { blobs, database } = deps
  /** In a transaction of its own that ends before the mail is taken apart. */
  const read = (workspaceId: WorkspaceId, id: string) =>
    database.transaction({ as: 'api', workspaceId }, (tx) => mailAndContent(tx, blobs, workspaceId, id), { readOnly: true })
  return [
    route(listSandboxMails, async ({ tx, params, actor }) => {
      const page = pageById('sandbox', params)
      const found = await listSandbox(tx, actor.workspaceId, { ...page.query, recipient: params.recipient ?? null })
      return page.of(found, toSummary)
    }),
    route(getSandboxMail, async ({ params, actor }) => {
      const { mail, content } = await read(actor.workspaceId, params.id)
      const view = await reader.view(content, { images: params.images ?? false, styles: false })
      return {
        ...toSummary(mail),
        headers: [...view.headers],
        text: view.text,
        html: view.html,
        remote_images: view.remoteImages,
        attachments: view.attachments.map(({ index, filename, contentType, sizeBytes }) => ({
          index,
          filename,
          content_type: contentType,
          size_bytes: sizeBytes,
        })),
      }
    }),
    route(showSandboxMail, async ({ params, actor, reply }) => {
      const { content } = await read(actor.workspaceId, params.id)
      const images = params.images ?? false
      reply.headers(securityHeaders(images ? 'mail-with-images' : 'mail', isHttps(deps)))
      return { content: Buffer.from(documentOf(await reader.view(content, { images, styles: true }))) }
    }),
    route(getRawSandboxMail, async ({ params, actor }) => {
      const { mail, content } = await read(actor.workspaceId, params.id)
      return { content, filename: `${mail.id}.eml` }
    }),
    route(getSandboxAttachment, async ({ params, actor }) => {
      const { content } = await read(actor.workspaceId, params.id)
      const found = await reader.attachment(content, params.index)
      if (!found) throw new Refusal('not_found', { what: 'attachment' })
      return found
    }),
    route(clearSandbox, async ({ tx, actor }) => {
      await clear(tx, actor.workspaceId)
    }),
  ]
}

async function mailAndContent(
  tx: Tx,
  blobs: BlobStore,
  workspaceId: WorkspaceId,
  id: string,
): Promise<{ mail: SandboxMail; content: Buffer }> {
  const mail = await findSandboxMail(tx, workspaceId, id)
  const content = mail && (await blobs.read(tx, workspaceId, [mail.contentHash])).get(mail.contentHash)
  if (!mail || typeof content !== 'string') throw new Refusal('not_found', { what: 'mail in the sandbox' })
  return { mail, content: Buffer.from(content, 'latin1') }
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

/** Mail is written for paper-white pages, whatever the colours around the frame. */
function documentOf({ html, text }: MailView): string {
  const body = html ?? `<pre>${escapeHtml(text ?? '')}</pre>`
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
html { color-scheme: light; background: #fff; }
body { margin: 16px; color: #1a1a1a; font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
img[data-remote] { display: inline-block; min-width: 24px; min-height: 24px; border: 1px dashed #b5b5b5; }
pre { white-space: pre-wrap; font: inherit; }
</style>
</head>
<body>
${body}
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
