import { Button, Checkbox, NumberInput, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { ImageIcon } from 'lucide-react'
import { useState } from 'react'
import { ALIGNMENTS } from '../../../src/templates/blocks/block.ts'
import { t } from '../../texts/texts.ts'
import { CodeField } from '../code-field.tsx'
import { ImagePicker } from '../images/image-picker.tsx'
import { hereOf } from '../images/upload.ts'
import { RichField } from '../rich-field.tsx'
import type { WireBlock, WireLeaf } from './block-acts.ts'
import styles from './blocks.module.css'
import { SocialForm } from './social-form.tsx'

/** What can be said of one block. Columns hold blocks of their own and have no form. */
export function BlockForm({ block, onChange }: { block: WireLeaf; onChange: (block: WireLeaf) => void }) {
  const says = t.content.blocks
  switch (block.type) {
    case 'heading':
      return (
        <>
          <RichField isLine label={says.types.heading} initial={block.text} onChange={(text) => onChange({ ...block, text })} />
          <div className={styles.row}>
            <SegmentedControl
              size="xs"
              aria-label={says.level}
              value={String(block.level)}
              data={([1, 2, 3] as const).map((level) => ({ value: String(level), label: says.levels[level] }))}
              onChange={(level) => onChange({ ...block, level: Number(level) as 1 | 2 | 3 })}
            />
            <Align value={block.align} onChange={(align) => onChange({ ...block, align })} />
          </div>
        </>
      )
    case 'text':
      return (
        <>
          <RichField label={says.text} initial={block.html} onChange={(html) => onChange({ ...block, html })} />
          <Align value={block.align} onChange={(align) => onChange({ ...block, align })} />
        </>
      )
    case 'list':
      return (
        <>
          <Textarea
            autosize
            minRows={3}
            maxRows={14}
            label={says.items}
            value={block.items.join('\n')}
            onChange={(event) => onChange({ ...block, items: event.currentTarget.value.split('\n').slice(0, 50) })}
          />
          <Checkbox
            size="xs"
            label={says.ordered}
            checked={block.ordered}
            onChange={(event) => onChange({ ...block, ordered: event.currentTarget.checked })}
          />
        </>
      )
    case 'image':
      return <ImageForm block={block} onChange={onChange} />
    case 'button':
      return (
        <>
          <div className={styles.half}>
            <TextInput
              label={says.label}
              maxLength={1_000}
              value={block.label}
              onChange={(event) => onChange({ ...block, label: event.currentTarget.value })}
            />
            <TextInput
              label={says.link}
              maxLength={4_000}
              value={block.url}
              onChange={(event) => onChange({ ...block, url: event.currentTarget.value })}
            />
          </div>
          <Align value={block.align} onChange={(align) => onChange({ ...block, align })} />
        </>
      )
    case 'quote':
      return (
        <>
          <RichField label={says.types.quote} initial={block.html} onChange={(html) => onChange({ ...block, html })} />
          <TextInput
            label={says.by}
            maxLength={1_000}
            value={block.by}
            onChange={(event) => onChange({ ...block, by: event.currentTarget.value })}
          />
        </>
      )
    case 'divider':
      return null
    case 'spacer':
      return (
        <NumberInput
          label={says.height}
          min={4}
          max={200}
          clampBehavior="blur"
          value={block.height}
          onChange={(height) =>
            typeof height === 'number' && height >= 4 && height <= 200 && onChange({ ...block, height: Math.round(height) })
          }
        />
      )
    case 'social':
      return <SocialForm block={block} onChange={onChange} />
    case 'html':
      return (
        <>
          <CodeField label={says.html} value={block.html} onChange={(html) => onChange({ ...block, html })} />
          <p className={styles.hint}>{says.htmlHint}</p>
        </>
      )
    case 'slot':
      return (
        <>
          <TextInput
            label={says.slotName}
            description={says.slotNameHint}
            maxLength={40}
            value={block.name}
            onChange={(event) => {
              const name = event.currentTarget.value
                .toLowerCase()
                .replace(/[^a-z0-9_-]/g, '')
                .replace(/^[^a-z]+/, '')
              onChange({ ...block, name: name === '' ? 'content' : name })
            }}
          />
          <Textarea
            autosize
            minRows={3}
            maxRows={16}
            label={says.slotText}
            value={block.text}
            onChange={(event) => onChange({ ...block, text: event.currentTarget.value })}
          />
        </>
      )
  }
}

export function Align({
  value,
  onChange,
}: {
  value: (typeof ALIGNMENTS)[number]
  onChange: (value: (typeof ALIGNMENTS)[number]) => void
}) {
  const says = t.content.blocks
  return (
    <SegmentedControl
      size="xs"
      aria-label={says.align}
      value={value}
      data={ALIGNMENTS.map((name) => ({ value: name, label: says.aligns[name] }))}
      onChange={(next) => onChange(next as typeof value)}
      className={styles.start ?? ''}
    />
  )
}

function ImageForm({ block, onChange }: { block: Extract<WireBlock, { type: 'image' }>; onChange: (block: WireLeaf) => void }) {
  const says = t.content.blocks
  const [isChoosing, setIsChoosing] = useState(false)
  return (
    <>
      <div className={styles.picture}>
        {block.url !== '' && /\/i\/[\w-]{22,}\//.test(block.url) && <img src={hereOf(block.url)} alt="" />}
        <Button size="xs" variant="default" leftSection={<ImageIcon size={14} aria-hidden />} onClick={() => setIsChoosing(true)}>
          {says.choose}
        </Button>
      </div>
      <TextInput
        label={says.url}
        maxLength={4_000}
        value={block.url}
        onChange={(event) => onChange({ ...block, url: event.currentTarget.value })}
      />
      <TextInput
        label={says.alt}
        description={says.altHint}
        maxLength={1_000}
        value={block.alt}
        onChange={(event) => onChange({ ...block, alt: event.currentTarget.value })}
      />
      <div className={styles.half}>
        <TextInput
          label={says.link}
          maxLength={4_000}
          value={block.link}
          onChange={(event) => onChange({ ...block, link: event.currentTarget.value })}
        />
        <NumberInput
          label={says.width}
          placeholder={says.widthHint}
          min={16}
          max={1_200}
          value={block.width ?? ''}
          onChange={(width) => {
            const isWidth = typeof width === 'number' && width >= 16 && width <= 1_200
            if (isWidth || width === '') onChange({ ...block, width: isWidth ? Math.round(width) : null })
          }}
        />
      </div>
      <Align value={block.align} onChange={(align) => onChange({ ...block, align })} />
      {isChoosing && (
        <ImagePicker
          onClose={() => setIsChoosing(false)}
          onChoose={(image) => {
            onChange({ ...block, url: image.url, alt: block.alt === '' ? image.alt : block.alt })
            setIsChoosing(false)
          }}
        />
      )}
    </>
  )
}
