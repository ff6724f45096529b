/**
 * A template is a design with places (slots.ts). A campaign that uses one follows it while it is a draft: with the start it takes the template as it
 * is then, so that nothing which is done to the template later changes what was started.
 */
import type { Id } from '../lib/ids.ts'
import { type BlockDocument, EMPTY_DOCUMENT } from './blocks/block.ts'
import type { Content, ContentField, ContentFormat } from './content.ts'
import { fillBlockSlots, fillSlots } from './fill-slots.ts'

export type TemplateId = Id<'template'>

export interface TemplateSource {
  readonly format: ContentFormat
  readonly body: string
  readonly blocks: BlockDocument | null
  readonly fields: readonly ContentField[]
}

/** Blocks belong to their format, and a body to the others. */
export function inItsFormat<T extends Pick<TemplateSource, 'format' | 'body' | 'blocks'>>(text: T): T {
  return text.format === 'blocks' ? { ...text, body: '', blocks: text.blocks ?? EMPTY_DOCUMENT } : { ...text, blocks: null }
}

/** How a content uses one. */
export interface TemplateUse {
  readonly id: TemplateId
  /** By the names of its places. */
  readonly slots: Readonly<Record<string, string>>
  /** The template as it was when the campaign began. */
  readonly taken?: (TemplateSource & { readonly version: number }) | null
}

/** A content in which every place is filled: by what people wrote, or by what the template has there. */
export function filledIn(content: Content, template: TemplateSource | null): Content {
  const source = template ?? content
  const values = content.template?.slots ?? {}
  const { format, body } = source
  const { template: _used, ...said } = content
  return {
    ...said,
    format,
    body: format === 'blocks' ? '' : fillSlots(body, format, values),
    ...(source.blocks && { blocks: fillBlockSlots(source.blocks, values) }),
    fields: template ? merged(template.fields, content.fields) : content.fields,
  }
}

/** What the campaign says of a field counts; what it does not speak of is as the template has it. */
function merged(ofTemplate: readonly ContentField[], own: readonly ContentField[]): ContentField[] {
  return [...own, ...ofTemplate.filter(({ path }) => !own.some((field) => field.path === path))]
}
