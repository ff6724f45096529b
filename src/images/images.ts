/** Pictures that mail shows from here. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import type { BlobStore, StagedBlob } from '../blobs/blob-store.ts'
import type { Db, Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import { type Image, type ImageId, imageName, MAX_IMAGES } from './image.ts'
import { MAX_IMAGE_BYTES, type Picture, sniffPicture } from './picture.ts'
import {
  countImages,
  deleteImage,
  insertImage,
  selectImage,
  selectImageByHash,
  selectImageByToken,
  updateImage,
} from './queries.ts'

export { selectImages as listImages } from './queries.ts'

export interface StagedImage {
  readonly blob: StagedBlob
  readonly picture: Picture
}

/** Before the transaction: what it really is, and its bytes on disk before a row names them. */
export async function stageImage(blobs: BlobStore, workspaceId: WorkspaceId, bytes: Buffer): Promise<StagedImage> {
  if (bytes.length > MAX_IMAGE_BYTES) throw new Refusal('body_too_large', { limit: MAX_IMAGE_BYTES })
  const sniffed = sniffPicture(bytes)
  if (!sniffed.ok) throw new Refusal('not_a_picture', { why: sniffed.why, pointer: '/content' })
  return { blob: await blobs.stage(workspaceId, bytes), picture: sniffed.picture }
}

/** The same picture twice is one, with the address it has. `token`: cannot be guessed. */
export async function keepImage(
  tx: Tx,
  blobs: BlobStore,
  { blob, picture }: StagedImage,
  said: { readonly name: string; readonly alt: string; readonly token: string },
  actor: Actor,
  now: Date,
): Promise<Image> {
  const { workspaceId } = actor
  const hash = blob.hash.toString('hex')
  const known = await selectImageByHash(tx, workspaceId, hash)
  if (known) return known
  if ((await countImages(tx, workspaceId)) >= MAX_IMAGES) throw new Refusal('too_many_images', { limit: MAX_IMAGES })
  const { type, width, height } = picture
  const image: Image = {
    workspaceId,
    id: newId<ImageId>(now.getTime()),
    token: said.token,
    name: imageName(said.name, type),
    alt: said.alt.trim(),
    contentType: type,
    ...{ width, height, hash },
    sizeBytes: blob.sizeBytes,
    createdAt: now,
    createdBy: actorReference(actor),
  }
  await blobs.put(tx, [blob], now)
  if (!(await insertImage(tx, image))) return (await selectImageByHash(tx, workspaceId, hash)) ?? image
  await tell(tx, image, 'image.added', actor, now)
  return image
}

export async function findImage(db: Db | Tx, workspaceId: WorkspaceId, id: ImageId): Promise<Image> {
  const found = await selectImage(db, workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'image' })
  return found
}

/** What stands for it where it is not shown. Its address stays: mail that was sent shows it. */
export async function describeImage(tx: Tx, id: ImageId, alt: string, actor: Actor): Promise<Image> {
  const image = { ...(await findImage(tx, actor.workspaceId, id)), alt: alt.trim() }
  await updateImage(tx, image)
  return image
}

export async function removeImage(tx: Tx, id: ImageId, actor: Actor, now: Date): Promise<void> {
  const image = await findImage(tx, actor.workspaceId, id)
  await deleteImage(tx, actor.workspaceId, id)
  await tell(tx, image, 'image.removed', actor, now)
}

/** For anybody who has its address. Null: there is none, or its bytes are gone. */
export async function openImage(
  db: Db,
  blobs: BlobStore,
  token: string,
): Promise<{ readonly image: Image; readonly bytes: Buffer } | null> {
  const image = TOKEN.test(token) ? await selectImageByToken(db, token) : null
  if (!image) return null
  const content = (await blobs.read(db, image.workspaceId, [image.hash])).get(image.hash)
  return content === undefined ? null : { image, bytes: Buffer.from(content, 'latin1') }
}

const TOKEN = /^[A-Za-z0-9_-]{22,64}$/

async function tell(
  tx: Tx,
  { workspaceId, id, name }: Image,
  type: 'image.added' | 'image.removed',
  actor: Actor,
  now: Date,
): Promise<void> {
  await append(tx, { type, workspaceId, subjectId: id, actor: actorReference(actor), data: { name } }, now)
}
