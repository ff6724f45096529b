import type { z } from 'zod'
import type { Draft, DraftContent, Upload } from '../../helpdesk/drafts/draft.ts'
import type { DraftView, UploadView } from '../endpoints/answers.ts'
import { PICTURE_TYPE } from './conversations.ts'

export function toUpload({ id, filename, contentType, sizeBytes }: Upload): UploadView {
  return { id, filename, content_type: contentType, size_bytes: sizeBytes, is_picture: PICTURE_TYPE.test(contentType) }
}

export function toDraft({ id, mode, version, content, preview, updatedAt }: Draft, uploads: readonly Upload[]): DraftView {
  const { from, to, cc, bcc, subject, html, quote, files, items, inboxId, channel } = content
  const lists = { to: [...to], cc: [...cc], bcc: [...bcc], files: [...files], items: items && [...items] }
  return {
    ...{ id, mode, version, preview, updated_at: updatedAt, uploads: uploads.map(toUpload) },
    content: { from, subject, html, quote, inbox_id: inboxId, ...lists, ...(channel && { channel }) },
  }
}

export function fromDraftBody({ inbox_id, channel, ...content }: z.output<typeof DraftView>['content']): DraftContent {
  return { ...content, inboxId: inbox_id, ...(channel && { channel }) }
}
