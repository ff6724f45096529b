/**
 * What bytes are, by what they begin with, whatever somebody says they are. Pictures that any mail program draws, and nothing that could be a document:
 * SVG can hold scripts and references.
 */
export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const
export type PictureType = (typeof PICTURE_TYPES)[number]

export interface Picture {
  readonly type: PictureType
  readonly width: number
  readonly height: number
}

export type Sniffed = { readonly ok: true; readonly picture: Picture } | { readonly ok: false; readonly why: string }

export const MAX_IMAGE_BYTES = 5 * 1024 * 1024
/** Of one side, and together: a few megabytes can hold a picture that nobody's memory does. */
export const MAX_SIDE = 10_000
export const MAX_PIXELS = 40_000_000

export function sniffPicture(bytes: Uint8Array): Sniffed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = pngOf(view) ?? jpegOf(view) ?? gifOf(view) ?? webpOf(view)
  if (!found)
    return {
      ok: false,
      why: looksLikeSvg(bytes)
        ? 'This is SVG, which can hold scripts and is drawn by few mail programs.'
        : 'This file is no picture of a kind that mail programs show.',
    }
  const { width, height } = found
  if (width < 1 || height < 1) return { ok: false, why: 'This picture has no size.' }
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
    return { ok: false, why: `This picture is ${width} × ${height} pixels, which is too large to be shown in a mail.` }
  return { ok: true, picture: found }
}

function ascii(view: DataView, at: number, length: number): string {
  if (at + length > view.byteLength) return ''
  return String.fromCharCode(...Array.from({ length }, (_, i) => view.getUint8(at + i)))
}

/** PNG 3rd edition §5.2, §11.2.2: a signature, then the header chunk. */
function pngOf(view: DataView): Picture | null {
  if (ascii(view, 0, 8) !== '\x89PNG\r\n\x1a\n' || ascii(view, 12, 4) !== 'IHDR' || view.byteLength < 24) return null
  return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
}

function gifOf(view: DataView): Picture | null {
  if (!/^GIF8[79]a$/.test(ascii(view, 0, 6)) || view.byteLength < 10) return null
  return { type: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

/** ITU T.81 Annex B: segments until the frame header says how large it is. */
function jpegOf(view: DataView): Picture | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null
  let at = 2
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { type: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    const length = view.getUint16(at + 2)
    if (length < 2) return null
    at += 2 + length
  }
  return null
}

/** RFC 9649 §2: a RIFF file of one of three kinds. */
function webpOf(view: DataView): Picture | null {
  if (ascii(view, 0, 4) !== 'RIFF' || ascii(view, 8, 4) !== 'WEBP' || view.byteLength < 30) return null
  const type = 'image/webp' as const
  switch (ascii(view, 12, 4)) {
    case 'VP8 ':
      return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    case 'VP8L': {
      const bits = view.getUint32(21, true)
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 }
    }
    case 'VP8X': {
      const three = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
      return { type, width: three(24) + 1, height: three(27) + 1 }
    }
    default:
      return null
  }
}

function looksLikeSvg(bytes: Uint8Array): boolean {
  return /<svg[\s>]/i.test(Buffer.from(bytes.subarray(0, 2_000)).toString('latin1'))
}
