import type { Block, BlockDocument } from './blocks/block.ts'
import type { ContentFormat } from './content.ts'
import { escapeHtml } from './escape.ts'
import { cover } from './liquid.ts'
import { markdownFragment } from './markdown.ts'
import { piecesOf, type SlotKind } from './slots.ts'

/** What people filled in, at its places; elsewhere what stood there. A source with faults in its places stays as it is: reading it tells of them. */
export function fillSlots(source: string, format: ContentFormat, values: Readonly<Record<string, string>>): string {
  const { pieces, faults } = piecesOf(source)
  if (faults.length > 0) return source
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece
      const given = givenFor(values, piece.name)
      // What the template itself has there is in its own language already, but for Markdown.
      if (given === null && piece.kind !== 'markdown') return piece.text
      return written(given ?? piece.text, piece.kind, format)
    })
    .join('')
}

export function fillBlockSlots(document: BlockDocument, values: Readonly<Record<string, string>>): BlockDocument {
  const filled = <B extends Block>(block: B): B =>
    block.type === 'slot' ? { ...block, text: givenFor(values, block.name) ?? block.text } : block
  return {
    ...document,
    blocks: document.blocks.map((block) =>
      block.type === 'columns' ? { ...block, columns: block.columns.map((column) => column.map(filled)) } : filled(block),
    ),
  }
}

/** Nothing but white space is nothing: then what the template has there stays. */
function givenFor(values: Readonly<Record<string, string>>, name: string): string | null {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  return value === undefined || value.trim() === '' ? null : value
}

function written(text: string, kind: SlotKind, format: ContentFormat): string {
  const isMarkup = format === 'html' || format === 'mjml' || format === 'blocks'
  switch (kind) {
    case 'raw':
      return text
    case 'line': {
      const line = text.replace(/\s+/g, ' ').trim()
      return isMarkup ? escapeAround(line) : line
    }
    case 'markdown':
      return isMarkup ? safely(text, markdownFragment) : text
  }
}

/** Markup of what is around Liquid; the Liquid stays. */
function escapeAround(text: string): string {
  return safely(text, (source) => {
    const covered = cover(source)
    return covered.uncover(escapeHtml(covered.text))
  })
}

/** A text whose Liquid cannot be read stays as it is: the whole is refused for it, with its line. */
function safely(text: string, write: (text: string) => string): string {
  try {
    return write(text)
  } catch {
    return text
  }
}
