import { Select, Textarea, TextInput } from '@mantine/core'
import type { Campaign } from '../../../src/api/endpoints/campaigns.ts'
import { t } from '../../texts/texts.ts'
import type { PanelProps } from './panels.ts'

const SIMPLE = ['markdown', 'text', 'html'] as const

/** Subject and text. */
export function ContentFields({ campaign: { content }, onChange }: PanelProps) {
  const says = t.campaigns.edit
  const set = (change: Partial<Campaign['content']>) => onChange({ content: { ...content, ...change } })
  return (
    <>
      <TextInput
        label={says.subject}
        description={says.subjectHint}
        maxLength={998}
        value={content.subject}
        onChange={(event) => set({ subject: event.currentTarget.value })}
      />
      <Select
        label={says.format}
        data={SIMPLE.map((value) => ({ value, label: t.campaigns.content.formats[value] ?? value }))}
        value={content.format}
        allowDeselect={false}
        onChange={(value) => value && set({ format: value as Campaign['content']['format'] })}
      />
      <Textarea
        label={says.body}
        description={says.bodyHint}
        autosize
        minRows={10}
        maxRows={28}
        value={content.body}
        onChange={(event) => set({ body: event.currentTarget.value })}
      />
    </>
  )
}
