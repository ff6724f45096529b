import { Checkbox, MultiSelect, TextInput } from '@mantine/core'
import { EventPattern, type Webhook } from '../../src/api/endpoints/webhooks.ts'
import { t } from '../texts/texts.ts'

export interface WebhookDraft {
  readonly url: string
  readonly description: string
  readonly event_types: readonly string[]
  readonly ordered: boolean
  readonly allow_private: boolean
}

export const EMPTY_DRAFT: WebhookDraft = { url: '', description: '', event_types: [], ordered: false, allow_private: false }

export function draftOf({ url, description, event_types, ordered, allow_private }: Webhook): WebhookDraft {
  return { url, description, event_types, ordered, allow_private }
}

export function bodyOf(draft: WebhookDraft) {
  const event_types = draft.event_types.map((type) => EventPattern.parse(type))
  return { ...draft, url: draft.url.trim(), description: draft.description.trim(), event_types }
}

interface Props {
  readonly draft: WebhookDraft
  readonly onChange: (draft: WebhookDraft) => void
  readonly errorOf: (pointer: '/url' | '/description') => string | undefined
}

export function WebhookFields({ draft, onChange, errorOf }: Props) {
  const set = (change: Partial<WebhookDraft>) => onChange({ ...draft, ...change })
  return (
    <>
      <TextInput
        label={t.webhooks.url}
        description={t.webhooks.urlHint}
        type="url"
        value={draft.url}
        error={errorOf('/url')}
        data-autofocus
        required
        onChange={(event) => set({ url: event.currentTarget.value })}
      />
      <TextInput
        label={t.webhooks.description}
        value={draft.description}
        error={errorOf('/description')}
        maxLength={200}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
      <MultiSelect
        label={t.webhooks.events}
        description={t.webhooks.eventsHint}
        value={[...draft.event_types]}
        data={EventPattern.options.toSorted()}
        searchable
        hidePickedOptions
        maxDropdownHeight={240}
        onChange={(event_types) => set({ event_types })}
      />
      <Checkbox
        label={t.webhooks.ordered}
        description={t.webhooks.orderedHint}
        checked={draft.ordered}
        onChange={(event) => set({ ordered: event.currentTarget.checked })}
      />
      <Checkbox
        label={t.webhooks.allowPrivate}
        description={t.webhooks.allowPrivateHint}
        checked={draft.allow_private}
        onChange={(event) => set({ allow_private: event.currentTarget.checked })}
      />
    </>
  )
}
