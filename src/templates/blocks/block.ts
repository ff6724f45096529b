/**
 * A mail as a list of blocks: what it says and how it looks, apart from how HTML for mail programs is written. A block holds text, never lay-out;
 * columns hold blocks and no further columns. Texts are Liquid; `rich` ones hold a few elements of HTML, and whatever else is typed stays text.
 */
export const ALIGNMENTS = ['left', 'center', 'right'] as const
export type Alignment = (typeof ALIGNMENTS)[number]

export const SOCIAL_KINDS = [
  'website',
  'email',
  'mastodon',
  'bluesky',
  'linkedin',
  'instagram',
  'facebook',
  'youtube',
  'x',
  'github',
] as const
export type SocialKind = (typeof SOCIAL_KINDS)[number]

interface Named {
  /** Unique in its document. */
  readonly id: string
}

export type Leaf = Named &
  (
    | { readonly type: 'heading'; readonly level: 1 | 2 | 3; readonly text: string; readonly align: Alignment }
    | { readonly type: 'text'; readonly html: string; readonly align: Alignment }
    | { readonly type: 'list'; readonly ordered: boolean; readonly items: readonly string[] }
    | {
        readonly type: 'image'
        readonly url: string
        readonly alt: string
        readonly link: string
        /** In pixels; null: as wide as there is room. */
        readonly width: number | null
        readonly align: Alignment
      }
    | { readonly type: 'button'; readonly label: string; readonly url: string; readonly align: Alignment }
    | { readonly type: 'quote'; readonly html: string; readonly by: string }
    | { readonly type: 'divider' }
    | { readonly type: 'spacer'; readonly height: number }
    | {
        readonly type: 'social'
        readonly links: readonly { readonly kind: SocialKind; readonly url: string }[]
        readonly align: Alignment
      }
    | { readonly type: 'html'; readonly html: string }
    /** A place of a template: what each campaign fills in, in Markdown. `text` stands there until it does. */
    | { readonly type: 'slot'; readonly name: string; readonly text: string }
  )

export interface Columns extends Named {
  readonly type: 'columns'
  readonly columns: readonly (readonly Leaf[])[]
}

export type Block = Leaf | Columns
export type BlockType = Block['type']

export const BLOCK_TYPES = [
  'heading',
  'text',
  'list',
  'image',
  'button',
  'quote',
  'divider',
  'spacer',
  'columns',
  'social',
  'html',
  'slot',
] as const satisfies readonly BlockType[]

export const FONTS = ['sans', 'serif', 'mono'] as const

/** Colours are of the light appearance; the dark one is made from them. */
export interface Look {
  readonly font: (typeof FONTS)[number]
  readonly width: number
  readonly background: string
  readonly surface: string
  readonly ink: string
  readonly accent: string
}

export const DEFAULT_LOOK: Look = {
  font: 'sans',
  width: 600,
  background: '#f4f5f2',
  surface: '#ffffff',
  ink: '#1d2826',
  accent: '#0c5a63',
}

export interface BlockDocument {
  readonly look: Look
  readonly blocks: readonly Block[]
}

export const EMPTY_DOCUMENT: BlockDocument = { look: DEFAULT_LOOK, blocks: [] }

export const MAX_BLOCKS = 200
export const MAX_BLOCK_TEXT = 20_000
export const MAX_ITEMS = 50
export const MAX_LINK = 4_000
export const COLOUR = /^#[0-9a-f]{6}$/

/** All of them, those in columns too. */
export function leavesOf(blocks: readonly Block[]): Leaf[] {
  return blocks.flatMap((block) => (block.type === 'columns' ? block.columns.flat() : [block]))
}

export function countBlocks(blocks: readonly Block[]): number {
  return blocks.length + blocks.reduce((sum, block) => sum + (block.type === 'columns' ? block.columns.flat().length : 0), 0)
}
