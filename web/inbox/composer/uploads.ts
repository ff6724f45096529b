import { type UploadView, uploadFile } from '../../../src/api/endpoints/answers.ts'
import { MAX_UPLOAD_BYTES } from '../../../src/helpdesk/drafts/draft.ts'
import { call } from '../../api.ts'
import { t } from '../../texts/texts.ts'
import { base64Of } from '../../ui/base64.ts'
import { bytes } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.tsx'

/** Hands a file in; null when it could not be, and why was said. */
export async function upload(file: File): Promise<UploadView | null> {
  const filename = file.name || 'picture.png'
  if (file.size > MAX_UPLOAD_BYTES) {
    toast('bad', t.composer.tooLarge(filename, bytes(MAX_UPLOAD_BYTES)))
    return null
  }
  try {
    const content = await base64Of(file)
    return await call(uploadFile, {
      body: { filename: filename.slice(-255), content, ...(file.type && { content_type: file.type }) },
    })
  } catch (error) {
    toast('bad', error instanceof Error ? error.message : String(error))
    return null
  }
}

export function addressOfUpload(id: string): string {
  return `/v1/uploads/${id}/content`
}
