/**
 * The places of a template: `{% slot name kind %}what stands there until somebody fills it{% endslot %}`. They are filled before anything else is read,
 * so that what is filled in may be Liquid as everything around it. Kinds: `line` is one line of text; `markdown` (when none is named) several
 * paragraphs; `raw` the template's own language.
 */
import type { Block, BlockDocument } from './blocks/block.ts'

export const SLOT_KINDS = ['markdown', 'line', 'raw'] as const
export type SlotKind = (typeof SLOT_KINDS)[number]

export interface Slot {
  readonly name: string
  readonly kind: SlotKind
  /** What stands there until it is filled. */
  readonly text: string
}

export const SLOT_NAME = /^[a-z][a-z0-9_-]{0,39}$/
export const MAX_SLOTS = 50
export const MAX_SLOT_TEXT = 256 * 1024

export interface SlotFault {
  readonly line: number
  readonly sentence: string
}

export type Piece = string | Slot

/** A source in pieces, and what is wrong with its places. One walk, whatever is in it. */
export function piecesOf(source: string): { readonly pieces: readonly Piece[]; readonly faults: readonly SlotFault[] } {
  const pieces: Piece[] = []
  const faults: SlotFault[] = []
  let [at, open] = [0, null as null | { name: string; kind: SlotKind; from: number; start: number }]
  const fault = (index: number, sentence: string) => faults.push({ line: source.slice(0, index).split('\n').length, sentence })
  for (const found of source.matchAll(/\{%-?\s{0,20}(slot|endslot)(?![a-zA-Z0-9_])([^%{}]{0,100})-?%\}/g)) {
    const end = found.index + found[0].length
    if (found[1] === 'endslot') {
      if (!open) fault(found.index, 'Here a slot ends that did not begin.')
      else {
        pieces.push(source.slice(at, open.start), {
          name: open.name,
          kind: open.kind,
          text: source.slice(open.from, found.index),
        })
        at = end
      }
      open = null
      continue
    }
    if (open) fault(found.index, `The slot "${open.name}" does not end before another one begins.`)
    const [name = '', kind = 'markdown', ...rest] = (found[2] ?? '').replace(/-$/, '').trim().split(/\s+/)
    const bare = name.replace(/^(["'])(.*)\1$/, '$2')
    if (!SLOT_NAME.test(bare) || rest.length > 0)
      fault(found.index, 'A slot has a name of small letters, digits, "-" and "_": {% slot content %}…{% endslot %}.')
    if (!SLOT_KINDS.includes(kind as SlotKind))
      fault(found.index, `A slot is one of ${SLOT_KINDS.join(', ')}; "${kind}" is none.`)
    open = { name: bare, kind: kind as SlotKind, from: end, start: found.index }
  }
  if (open) fault(open.start, `The slot "${open.name}" does not end: {% endslot %} is missing.`)
  pieces.push(source.slice(at))
  const count = new Set(pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.name]))).size
  if (count > MAX_SLOTS) faults.push({ line: 1, sentence: `A template has at most ${MAX_SLOTS} slots.` })
  return { pieces, faults }
}

export function slotFaults(source: string): readonly SlotFault[] {
  return piecesOf(source).faults
}

/** In their order; one that stands in several places is one. */
export function slotsIn({ body, blocks }: { readonly body: string; readonly blocks?: BlockDocument | null | undefined }): Slot[] {
  const found = blocks ? blockSlots(blocks) : piecesOf(body).pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece]))
  return found.filter(({ name }, i) => found.findIndex((other) => other.name === name) === i)
}

function blockSlots({ blocks }: BlockDocument): Slot[] {
  return blocks.flatMap((block): Slot[] => {
    if (block.type === 'columns') return block.columns.flat().flatMap(ofLeaf)
    return ofLeaf(block)
  })
}

function ofLeaf(block: Block): Slot[] {
  return block.type === 'slot' ? [{ name: block.name, kind: 'markdown', text: block.text }] : []
}
