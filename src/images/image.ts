import type { Id, WorkspaceId } from '../lib/ids.ts'
import type { PictureType } from './picture.ts'

export type ImageId = Id<'image'>

export interface Image {
  readonly workspaceId: WorkspaceId
  readonly id: ImageId
  /** Whoever knows it may look. */
  readonly token: string
  readonly name: string
  readonly alt: string
  readonly contentType: PictureType
  readonly width: number
  readonly height: number
  /** Of its bytes, hexadecimal. */
  readonly hash: string
  readonly sizeBytes: number
  readonly createdAt: Date
  readonly createdBy: string | null
}

export const MAX_IMAGES = 5_000
export const IMAGES_PATH = '/i/'

/** The last part is for people; only the token counts. */
export function pathOfImage({ token, name }: Pick<Image, 'token' | 'name'>): string {
  return `${IMAGES_PATH}${token}/${encodeURIComponent(name)}`
}

const ENDINGS: Readonly<Record<PictureType, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
}

/** Plain letters with the ending of what it is: mail programs and proxies guess by it. */
export function imageName(given: string, type: PictureType): string {
  const stem = given
    .replace(/^.*[/\\]/, '')
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\w-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80)
  return `${stem === '' ? 'image' : stem}.${ENDINGS[type]}`
}
