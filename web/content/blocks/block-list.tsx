import { ActionIcon, Button, Menu, SegmentedControl } from '@mantine/core'
import {
  ArrowDown,
  ArrowUp,
  Code,
  Columns2,
  Copy,
  GripVertical,
  Heading,
  ImageIcon,
  Link2,
  List,
  type LucideIcon,
  Minus,
  MoveVertical,
  Plus,
  Puzzle,
  Quote,
  RectangleHorizontal,
  Text,
  Trash2,
} from 'lucide-react'
import { type DragEvent, type KeyboardEvent, useRef, useState } from 'react'
import { t } from '../../texts/texts.ts'
import { announce } from '../../ui/announce.ts'
import { useFocusNext } from '../../ui/use-focus-next.ts'
import { doubled, inserted, moved, newBlock, type WireBlock, type WireLeaf, type WireType, wordsOf } from './block-acts.ts'
import { BlockForm } from './block-form.tsx'
import styles from './blocks.module.css'

export const ICONS: Readonly<Record<WireType, LucideIcon>> = {
  heading: Heading,
  text: Text,
  list: List,
  image: ImageIcon,
  button: RectangleHorizontal,
  quote: Quote,
  divider: Minus,
  spacer: MoveVertical,
  columns: Columns2,
  social: Link2,
  html: Code,
  slot: Puzzle,
}

interface Props<B extends WireBlock> {
  readonly label: string
  readonly blocks: readonly B[]
  readonly types: readonly B['type'][]
  readonly onChange: (blocks: B[]) => void
  /** Which one is open, of all lists together. */
  readonly open: string | null
  readonly onOpen: (id: string | null) => void
  /** Lines of problems, counted from 1. */
  readonly wrong?: readonly number[]
  readonly addLabel?: string
}

const DRAGGED = 'application/x-waybill-block'

/** Blocks one below the other. One of them is open; all can be moved, doubled and removed by hand, by keys and by buttons. */
export function BlockList<B extends WireBlock>({ label, blocks, types, onChange, open, onOpen, wrong = [], addLabel }: Props<B>) {
  const says = t.content.blocks
  const [removed, setRemoved] = useState<{ readonly block: B; readonly at: number } | null>(null)
  const [over, setOver] = useState<number | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const focusNext = useFocusNext()
  /** The name of the block there, or of the last; the button that brings one back where there is none. */
  const focusOn = (at: number) =>
    focusNext(() => {
      const cards = box.current?.querySelector('ol')?.children
      const card = cards?.[Math.min(at, cards.length - 1)]
      return (card ?? box.current)?.querySelector<HTMLElement>(card ? '[aria-expanded]' : 'button')
    })
  const change = (next: B[]) => {
    setRemoved(null)
    onChange(next)
  }
  const nameOf = (block: B) => says.types[block.type]
  function move(from: number, to: number) {
    const block = blocks[from]
    if (!block || to < 0 || to >= blocks.length || from === to) return
    change(moved(blocks, from, to))
    announce(says.moved(nameOf(block), to + 1, blocks.length))
  }
  function remove(at: number) {
    const block = blocks[at]
    if (!block) return
    onChange(blocks.filter((_, i) => i !== at))
    setRemoved({ block, at })
    announce(says.removed(nameOf(block)))
    focusOn(at)
    if (open === block.id) onOpen(null)
  }
  function undo({ block, at }: { readonly block: B; readonly at: number }) {
    change(inserted(blocks, at, block))
    focusOn(at)
  }
  function duplicate(at: number) {
    const block = blocks[at]
    if (!block) return
    const copy = doubled(block)
    change(inserted(blocks, at + 1, copy))
    onOpen(copy.id)
  }
  function add(type: B['type']) {
    const block = newBlock(type) as B
    const at = blocks.findIndex(({ id }) => id === open)
    change(inserted(blocks, at === -1 ? blocks.length : at + 1, block))
    onOpen(block.id)
  }
  function onKeyDown(event: KeyboardEvent, at: number) {
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) move(at, at + (event.key === 'ArrowUp' ? -1 : 1))
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'd') duplicate(at)
    else if (event.key === 'Delete') remove(at)
    else return
    event.preventDefault()
  }
  function onDrop(event: DragEvent, to: number) {
    const from = blocks.findIndex(({ id }) => id === event.dataTransfer.getData(DRAGGED))
    setOver(null)
    if (from === -1) return
    event.preventDefault()
    event.stopPropagation()
    move(from, to)
  }
  return (
    <div ref={box} className={styles.listed}>
      {blocks.length === 0 && <p className={styles.hint}>{says.empty}</p>}
      <ol className={styles.list} aria-label={label}>
        {blocks.map((block, at) => {
          const Icon = ICONS[block.type]
          const isOpen = block.id === open
          return (
            <li
              key={block.id}
              className={styles.card}
              data-open={isOpen || undefined}
              data-over={over === at || undefined}
              data-wrong={wrong.includes(at + 1) || undefined}
              onDragOver={(event) => {
                if (!event.dataTransfer.types.includes(DRAGGED)) return
                event.preventDefault()
                setOver(at)
              }}
              onDragLeave={() => setOver(null)}
              onDrop={(event) => onDrop(event, at)}
            >
              <div className={styles.head}>
                {/* biome-ignore lint/a11y/noStaticElementInteractions: for the hand alone; keys and buttons do the same */}
                <span
                  className={styles.grip}
                  draggable
                  title={says.drag}
                  onDragStart={(event) => {
                    event.dataTransfer.setData(DRAGGED, block.id)
                    event.dataTransfer.effectAllowed = 'move'
                  }}
                >
                  <GripVertical size={14} aria-hidden />
                </span>
                <button
                  type="button"
                  className={styles.name}
                  aria-expanded={isOpen}
                  aria-label={`${says.place(nameOf(block), at + 1, blocks.length)}: ${wordsOf(block) || says.nothing}`}
                  aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Control+D Delete"
                  onClick={() => onOpen(isOpen ? null : block.id)}
                  onKeyDown={(event) => onKeyDown(event, at)}
                >
                  <Icon size={15} aria-hidden />
                  <span className={styles.type}>{nameOf(block)}</span>
                  {!isOpen && <span className={styles.words}>{wordsOf(block)}</span>}
                </button>
                <div className={styles.acts}>
                  <Act label={says.up} icon={ArrowUp} isOff={at === 0} onClick={() => move(at, at - 1)} />
                  <Act label={says.down} icon={ArrowDown} isOff={at === blocks.length - 1} onClick={() => move(at, at + 1)} />
                  <Act label={says.duplicate} icon={Copy} onClick={() => duplicate(at)} />
                  <Act label={says.remove} icon={Trash2} onClick={() => remove(at)} />
                </div>
              </div>
              {(isOpen || (block.type === 'columns' && block.columns.flat().some(({ id }) => id === open))) && (
                <div className={styles.form}>
                  <Inside
                    block={block}
                    onChange={(next) => change(blocks.map((other) => (other.id === block.id ? (next as B) : other)))}
                    open={open}
                    onOpen={onOpen}
                  />
                </div>
              )}
            </li>
          )
        })}
      </ol>
      {removed && (
        <p className={styles.undo}>
          {says.removed(nameOf(removed.block))}{' '}
          <Button size="compact-xs" variant="subtle" onClick={() => undo(removed)}>
            {says.undo}
          </Button>
        </p>
      )}
      <AddMenu types={types} label={addLabel ?? says.add} onAdd={add} />
    </div>
  )
}

function Act({
  label,
  icon: Icon,
  isOff = false,
  onClick,
}: {
  label: string
  icon: LucideIcon
  isOff?: boolean
  onClick: () => void
}) {
  return (
    <ActionIcon size="sm" variant="subtle" color="gray" aria-label={label} title={label} disabled={isOff} onClick={onClick}>
      <Icon size={14} aria-hidden />
    </ActionIcon>
  )
}

function AddMenu<T extends WireType>({ types, label, onAdd }: { types: readonly T[]; label: string; onAdd: (type: T) => void }) {
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <Button size="xs" variant="default" className={styles.add ?? ''} leftSection={<Plus size={14} aria-hidden />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {types.map((type) => {
          const Icon: LucideIcon = ICONS[type]
          return (
            <Menu.Item key={type} leftSection={<Icon size={15} aria-hidden />} onClick={() => onAdd(type)}>
              {t.content.blocks.types[type]}
            </Menu.Item>
          )
        })}
      </Menu.Dropdown>
    </Menu>
  )
}

const LEAVES = ['heading', 'text', 'list', 'image', 'button', 'quote', 'divider', 'spacer', 'social', 'html', 'slot'] as const

function Inside({
  block,
  onChange,
  open,
  onOpen,
}: {
  block: WireBlock
  onChange: (block: WireBlock) => void
  open: string | null
  onOpen: (id: string | null) => void
}) {
  const says = t.content.blocks
  if (block.type !== 'columns') return <BlockForm key={block.id} block={block} onChange={onChange} />
  const { columns } = block
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label={says.columnCount}
        className={styles.start ?? ''}
        value={String(columns.length)}
        data={['1', '2', '3']}
        onChange={(next) => onChange({ ...block, columns: resized(columns, Number(next)) })}
      />
      <div className={styles.columns}>
        {columns.map((column, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns are named by their place
          <section key={at} className={styles.column} aria-label={says.column(at + 1)}>
            <h4 className={styles.columnName}>{says.column(at + 1)}</h4>
            <BlockList<WireLeaf>
              label={says.column(at + 1)}
              blocks={column}
              types={LEAVES}
              open={open}
              onOpen={(id) => onOpen(id ?? block.id)}
              addLabel={says.addTo(at + 1)}
              onChange={(next) => onChange({ ...block, columns: columns.map((other, i) => (i === at ? next : other)) })}
            />
          </section>
        ))}
      </div>
    </>
  )
}

/** What stood in a column that goes is put below the last one. */
function resized(columns: readonly WireLeaf[][], n: number): WireLeaf[][] {
  const kept = Array.from({ length: n }, (_, i) => [...(columns[i] ?? [])])
  kept.at(-1)?.push(...columns.slice(n).flat())
  return kept
}
