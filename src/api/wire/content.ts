import type { BlockDocument } from '../../templates/blocks/block.ts'
import type { Content } from '../../templates/content.ts'
import type * as shapes from '../endpoints/content-shapes.ts'

/** The same shape, there and here; only what may be changed differs. */
export function toBlocks(blocks: BlockDocument): NonNullable<shapes.CampaignContent['blocks']> {
  return blocks as NonNullable<shapes.CampaignContent['blocks']>
}

export function toContent({ toName, fields, preheader, blocks, template, ...content }: Content): shapes.CampaignContent {
  return {
    ...content,
    ...(preheader && { preheader }),
    ...(blocks && { blocks: toBlocks(blocks) }),
    ...(template && { template: { id: template.id, slots: { ...template.slots } } }),
    to_name: toName,
    fields: [...fields],
  }
}

/** Blocks belong to their format: of another one nothing is kept that nobody sees. */
export function fromContent({ to_name: toName, preheader, blocks, template, ...rest }: shapes.CampaignContent): Content {
  return {
    ...rest,
    toName,
    ...(preheader && { preheader }),
    ...(rest.format === 'blocks' && blocks && { blocks }),
    ...(template && { template }),
  }
}
