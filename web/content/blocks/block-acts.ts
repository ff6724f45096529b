/** What can be done to a list of blocks. Pure but for new ids. */
import type { CampaignContent } from '../../../src/api/endpoints/content-shapes.ts'
import { t } from '../../texts/texts.ts'

export type WireDocument = NonNullable<CampaignContent['blocks']>
export type WireBlock = WireDocument['blocks'][number]
export type WireLeaf = Exclude<WireBlock, { type: 'columns' }>
export type WireType = WireBlock['type']

export function newBlockId(): string {
  return crypto.randomUUID().slice(0, 13)
}

/** As it begins. */
export function newBlock(type: WireType): WireBlock {
  const id = newBlockId()
  switch (type) {
    case 'heading':
      return { id, type, level: 2, text: t.content.blocks.heading, align: 'left' }
    case 'text':
      return { id, type, html: `<p>${t.content.blocks.first}</p>`, align: 'left' }
    case 'list':
      return { id, type, ordered: false, items: [''] }
    case 'image':
      return { id, type, url: '', alt: '', link: '', width: null, align: 'center' }
    case 'button':
      return { id, type, label: t.content.blocks.button, url: 'https://', align: 'left' }
    case 'quote':
      return { id, type, html: '<p></p>', by: '' }
    case 'divider':
      return { id, type }
    case 'spacer':
      return { id, type, height: 24 }
    case 'columns':
      return { id, type, columns: [[], []] }
    case 'social':
      return { id, type, links: [{ kind: 'website', url: 'https://' }], align: 'center' }
    case 'html':
      return { id, type, html: '' }
    case 'slot':
      return { id, type, name: 'content', text: '' }
  }
}

export function moved<B>(blocks: readonly B[], from: number, to: number): B[] {
  const rest = blocks.filter((_, i) => i !== from)
  const block = blocks[from]
  return block === undefined ? [...blocks] : [...rest.slice(0, to), block, ...rest.slice(to)]
}

export function inserted<B>(blocks: readonly B[], at: number, block: B): B[] {
  return [...blocks.slice(0, at), block, ...blocks.slice(at)]
}

/** The same with ids of its own. */
export function doubled<B extends WireBlock>(block: B): B {
  const id = newBlockId()
  if (block.type !== 'columns') return { ...block, id }
  return { ...block, id, columns: block.columns.map((column) => column.map((leaf) => ({ ...leaf, id: newBlockId() }))) }
}

/** What is in it, in a few words, for its closed card. */
export function wordsOf(block: WireBlock): string {
  switch (block.type) {
    case 'heading':
      return plain(block.text)
    case 'text':
    case 'quote':
      return plain(block.html)
    case 'list':
      return plain(block.items.join(', '))
    case 'image':
      return block.alt || block.url
    case 'button':
      return block.label
    case 'columns':
      return block.columns.map((column) => column.map((leaf) => wordsOf(leaf)).join(' ')).join(' · ')
    case 'social':
      return block.links.map(({ kind }) => t.content.blocks.socialKinds[kind]).join(', ')
    case 'html':
      return plain(block.html)
    case 'slot':
      return block.name
    case 'spacer':
      return `${block.height} px`
    case 'divider':
      return ''
  }
}

function plain(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/&amp;/g, '&')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120)
}
