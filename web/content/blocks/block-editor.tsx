import { ColorInput, NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import { BLOCK_TYPES, FONTS } from '../../../src/templates/blocks/block.ts'
import { t } from '../../texts/texts.ts'
import type { WireBlock, WireDocument } from './block-acts.ts'
import { BlockList } from './block-list.tsx'
import styles from './blocks.module.css'

interface Props {
  readonly document: WireDocument
  readonly onChange: (document: WireDocument) => void
  readonly wrong: readonly number[]
  /** Slots are for templates. */
  readonly isTemplate: boolean
}

export function BlockEditor({ document, onChange, wrong, isTemplate }: Props) {
  const [open, setOpen] = useState<string | null>(document.blocks[0]?.id ?? null)
  const types = BLOCK_TYPES.filter((type) => isTemplate || type !== 'slot')
  return (
    <div className={styles.editor}>
      <BlockList<WireBlock>
        label={t.content.blocks.title}
        blocks={document.blocks}
        types={types}
        open={open}
        onOpen={setOpen}
        wrong={wrong}
        onChange={(blocks) => onChange({ ...document, blocks })}
      />
      <p className={styles.hint}>{t.content.blocks.keys}</p>
      <LookForm look={document.look} onChange={(look) => onChange({ ...document, look })} />
    </div>
  )
}

const COLOURS = ['accent', 'ink', 'surface', 'background'] as const

function LookForm({ look, onChange }: { look: WireDocument['look']; onChange: (look: WireDocument['look']) => void }) {
  const says = t.content.blocks
  return (
    <details className={styles.look}>
      <summary>{says.look}</summary>
      <div className={styles.lookForm}>
        <Select
          size="xs"
          label={says.font}
          data={FONTS.map((value) => ({ value, label: says.fonts[value] }))}
          value={look.font}
          allowDeselect={false}
          onChange={(font) => font && onChange({ ...look, font: font as typeof look.font })}
        />
        <NumberInput
          size="xs"
          label={says.mailWidth}
          min={320}
          max={800}
          value={look.width}
          onChange={(width) =>
            typeof width === 'number' && width >= 320 && width <= 800 && onChange({ ...look, width: Math.round(width) })
          }
        />
        {COLOURS.map((name) => (
          <ColorInput
            key={name}
            size="xs"
            label={says.colours[name]}
            format="hex"
            withEyeDropper={false}
            value={look[name]}
            onChange={(colour) => /^#[0-9a-f]{6}$/i.test(colour) && onChange({ ...look, [name]: colour.toLowerCase() })}
          />
        ))}
      </div>
    </details>
  )
}
