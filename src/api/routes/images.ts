import { namesOf, usesOfImage } from '../../campaigns/content/uses.ts'
import { Refusal } from '../../errors.ts'
import { bytesAt } from '../../gateway/fields.ts'
import { type Image, pathOfImage } from '../../images/image.ts'
import {
  describeImage as describe,
  findImage,
  keepImage,
  listImages as list,
  removeImage as remove,
  stageImage,
} from '../../images/images.ts'
import { randomToken } from '../../lib/secrets.ts'
import type { ServerDeps } from '../deps.ts'
import { describeImage, getImage, type Image as ImageView, listImages, removeImage, uploadImage } from '../endpoints/images.ts'
import { pageById } from '../page.ts'
import { preparedRoute, type Route, route } from '../route.ts'

/** In bytes: as hard to guess as a key. */
const TOKEN_BYTES = 18

export function imageRoutes({ blobs, url }: Pick<ServerDeps, 'blobs' | 'url'>): Route[] {
  const shown = (image: Image) => toImage(image, url)
  return [
    route(listImages, async ({ tx, params, actor }) => {
      const page = pageById('images', params)
      return page.of(await list(tx, actor.workspaceId, { search: params.search ?? null, ...page.query }), shown)
    }),
    preparedRoute(
      uploadImage,
      async ({ body, actor }) => await stageImage(blobs, actor.workspaceId, bytesAt('/content', body.content)),
      async ({ tx, body, prepared, actor, now }) => {
        const said = { name: body.name, alt: body.alt ?? '', token: randomToken(TOKEN_BYTES) }
        return shown(await keepImage(tx, blobs, prepared, said, actor, now))
      },
    ),
    route(getImage, async ({ tx, params, actor }) => {
      const image = await findImage(tx, actor.workspaceId, params.id)
      const { campaigns, templates } = await usesOfImage(tx, actor.workspaceId, image.token)
      return { image: shown(image), campaigns: [...campaigns], templates: [...templates] }
    }),
    route(describeImage, async ({ tx, params, body, actor }) => shown(await describe(tx, params.id, body.alt, actor))),
    route(removeImage, async ({ tx, params, actor, now }) => {
      const image = await findImage(tx, actor.workspaceId, params.id)
      const uses = await usesOfImage(tx, actor.workspaceId, image.token)
      const isUsed = uses.campaigns.length + uses.templates.length > 0
      if (isUsed && params.even_if_used !== true) throw new Refusal('in_use', { what: 'image', by: namesOf(uses) })
      await remove(tx, params.id, actor, now)
    }),
  ]
}

function toImage(image: Image, url: string): ImageView {
  const { id, name, alt, contentType, width, height, sizeBytes, createdAt } = image
  return {
    id,
    url: `${url}${pathOfImage(image)}`,
    ...{ name, alt, width, height },
    content_type: contentType,
    size_bytes: sizeBytes,
    created_at: createdAt,
  }
}
