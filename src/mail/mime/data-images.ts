import type { ReceivedFile } from '../parse.ts'

const IMAGES_MAX = 100
const IMAGE = /(\ssrc\s{0,5}=\s{0,5}["']?)data:image\/(png|gif|jpe?g|webp|bmp);base64,([A-Za-z0-9+/=\s]+)/gi

/**
 * Pictures that stand within the HTML become files like all others, shown where they stood: else they would be stored, searched and sent with
 * the words.
 */
export function takeOutImages(
  html: string,
  filesBefore: number,
): { readonly html: string; readonly files: readonly ReceivedFile[] } {
  if (!/data:image\//i.test(html)) return { html, files: [] }
  const files: ReceivedFile[] = []
  const rest = html.replace(IMAGE, (whole, before: string, kind: string, content: string) => {
    if (files.length >= IMAGES_MAX) return whole
    const number = filesBefore + files.length + 1
    const bytes = new Uint8Array(Buffer.from(content, 'base64'))
    const type = kind.toLowerCase().replace('jpg', 'jpeg')
    const contentId = `image-${number}@within.invalid`
    files.push({
      filename: null,
      name: `image-${number}.${type.replace('jpeg', 'jpg')}`,
      contentType: `image/${type}`,
      size: bytes.length,
      contentId,
      disposition: 'inline',
      bytes,
    })
    return `${before}cid:${contentId}`
  })
  return { html: rest, files }
}
