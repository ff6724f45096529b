import { TextInput } from '@mantine/core'
import type { Inbox } from '../../src/api/endpoints/inboxes.ts'
import { t } from '../texts/texts.ts'
import { Facts } from '../ui/facts.tsx'
import { SectionForm } from './section-form.tsx'
import { useSection } from './use-section.ts'

export function GeneralSection({ inbox }: { inbox: Inbox }) {
  const section = useSection(inbox, ['name', 'address'])
  const { draft, set, errors } = section
  return (
    <SectionForm title={t.inboxes.tabs.general} section={section}>
      <TextInput
        label={t.inboxes.name}
        description={t.inboxes.nameHint}
        value={draft.name}
        error={errors.of('/name')}
        maxLength={100}
        required
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        type="email"
        label={t.inboxes.address}
        description={t.inboxes.addressHint}
        value={draft.address}
        error={errors.of('/address')}
        required
        onChange={(event) => set({ address: event.currentTarget.value })}
      />
      <Facts facts={[[t.inboxes.slug, t.inboxes.slugHint(inbox.slug)]]} />
    </SectionForm>
  )
}
