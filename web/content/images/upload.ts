import { type Image, uploadImage } from '../../../src/api/endpoints/images.ts'
import { MAX_IMAGE_BYTES } from '../../../src/images/picture.ts'
import { call } from '../../api.ts'
import { t } from '../../texts/texts.ts'
import { base64Of } from '../../ui/base64.ts'
import { bytes } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.tsx'

/** Hands an image in; null when it could not be, and why was said. */
export async function handIn(file: File): Promise<Image | null> {
  if (file.size > MAX_IMAGE_BYTES) {
    toast('bad', t.content.images.tooLarge(file.name, bytes(MAX_IMAGE_BYTES)))
    return null
  }
  try {
    const content = await base64Of(file)
    return await call(uploadImage, { body: { name: (file.name || 'image').slice(-255), content } })
  } catch (error) {
    toast('bad', error instanceof Error ? error.message : String(error))
    return null
  }
}

/** As the console shows it: from wherever the console itself is. */
export function hereOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url
}
